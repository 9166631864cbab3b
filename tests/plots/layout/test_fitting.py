"""Texts that fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from aiida_slabrelax.plots.layout.fitting import (
    columns_of,
    drop_covered,
    fitted,
    legend_below,
    width_of,
)
from aiida_slabrelax.plots.layout.text import plain, subscripts


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert fitted('  slab_00  Cu$_{8}$', 8.0, 3.0) == ['  slab_00  Cu$_{8}$']


def test_a_text_is_broken_at_spaces() -> None:
    assert fitted('slab_00  (100)  Cu$_{8}$', 8.0, 0.9) == ['slab_00  (100)', 'Cu$_{8}$']


def test_a_word_that_is_too_long_is_cut_but_no_subscript_is_torn() -> None:
    (line,) = fitted('Ag$_{11}$P$_{444}$O$_{16}$Ag$_{11}$', 8.0, 0.5)
    assert line == 'Ag$_{11}$P…'


def test_lines_of_the_text_stay_lines() -> None:
    assert fitted('slab_00\n−1.500 eV', 8.0, 3.0) == ['slab_00', '−1.500 eV']


#: What the font of the figures has.
TEXTS = st.text(st.characters(max_codepoint=0x17F))


@given(TEXTS, st.integers(1, 999), st.floats(0.5, 3.0))
def test_no_line_is_wider_than_asked(label: str, number: int, width: float) -> None:
    for line in fitted(f'{plain(label)}  {subscripts(f"Cu{number}")}', 8.0, width):
        assert width_of(line, 8.0) <= width + 1e-9


def test_a_legend_has_as_many_columns_as_fit() -> None:
    labels = ['from the top', 'from the bottom', 'both sides', 'x' * 40]
    assert [columns_of(labels, 8.0, width) for width in (2.0, 4.5, 8.0)] == [1, 2, 4]


def test_a_legend_stands_below_the_label_of_the_axis() -> None:
    figure = Figure(layout='constrained')
    axes = figure.subplots()
    axes.set_xlabel('thickness (Å)')
    legend = legend_below(axes, [Patch(label='slab_00')], 8.0, 3.0)
    figure.draw_without_rendering()
    label = axes.xaxis.label.get_window_extent()
    assert legend.get_window_extent().y1 <= label.y0
    assert legend.get_window_extent().y0 >= 0


@pytest.mark.parametrize('place', [0.0, 1.0])
def test_a_name_at_the_edge_is_moved_into_the_panel(place: float) -> None:
    axes = Figure().subplots()
    text = axes.text(place, place, 'slab_00', ha='center', va='center')
    drop_covered([text], axes)
    frame, box = axes.get_window_extent(), text.get_window_extent()
    assert frame.x0 <= box.x0 < box.x1 <= frame.x1
    assert frame.y0 <= box.y0 < box.y1 <= frame.y1


def test_a_name_above_its_point_moves_below_it_at_the_upper_edge() -> None:
    axes = Figure().subplots()
    name = axes.annotate('slab_00', (0.5, 1.0), (0, 5), textcoords='offset points', va='bottom')
    drop_covered([name], axes)
    assert name.get_position() == (0, -5)
    assert name.get_window_extent().y1 < axes.get_window_extent().y1


def test_of_names_that_cover_each_other_the_first_stays() -> None:
    axes = Figure().subplots()
    names = [axes.text(0.5, 0.5 + n / 100, f'slab_{n:02d}') for n in range(3)]
    names.append(axes.text(0.5, 0.1, 'slab_03'))
    drop_covered(names, axes)
    assert [text.get_text() for text in axes.texts] == ['slab_00', 'slab_03']
