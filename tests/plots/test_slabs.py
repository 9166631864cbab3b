"""Figures of the slabs."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc100, fcc111
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from aiida_slabrelax.plots import plot_slabs
from aiida_slabrelax.plots.layout.limits import MOST_PIXELS, MOST_SLABS, note_of
from aiida_slabrelax.results.slabs import RunResults, SlabResult


def slab(label: str, atoms: Atoms, relaxed: Atoms | None = None) -> SlabResult:
    return SlabResult(
        label=label,
        state='relaxed' if relaxed else 'failed',
        formula=f'Cu{len(atoms)}',
        n_atoms=len(atoms),
        thickness=float(np.ptp(atoms.positions[:, 2])),
        area=1.0,
        energy=-1.5 if relaxed else None,
        initial=atoms,
        relaxed=relaxed,
    )


def run(*slabs: SlabResult) -> RunResults:
    return RunResults(1, 'uuid', 'finished', False, 0, None, slabs)


def copper(layers: int = 4) -> Atoms:
    return fcc100('Cu', (1, 1, layers), a=3.6, vacuum=6.0, periodic=True)


def written(results: RunResults) -> set[str]:
    figure = plot_slabs(results)
    figure.canvas.draw()
    names = {text.get_text() for text in figure.texts} - {'  5 Å'}
    return names | {axes.get_title() for axes in figure.axes}


def circles(axes: Axes) -> np.ndarray:
    """The centres of the circles, shape (N, 2)."""
    (collection,) = axes.collections
    return np.asarray(collection.get_offsets())


def drawn_heights(results: RunResults, side: int) -> np.ndarray:
    """The heights of the circles before (0) or after (1)."""
    axes = plot_slabs(results).axes[side]
    return np.unique(circles(axes)[:, 1].round(3))


@settings(max_examples=6)
@given(st.integers(1, 16))
def test_two_drawings_for_each_slab(n_slabs: int) -> None:
    slabs = [slab(f'slab_{n:02d}', copper(2 + n % 4), copper(2 + n % 4)) for n in range(n_slabs)]
    figure = plot_slabs(run(*slabs))
    assert len(figure.axes) == 2 * n_slabs
    assert all(len(circles(axes)) for axes in figure.axes)


def test_a_left_handed_cell_does_not_stand_on_its_head() -> None:
    """The upper face is the one that the third vector leads to, as where layers are fixed."""
    atoms = copper()
    atoms.positions[0, 2] -= 0.3
    mirrored = atoms.copy()
    mirrored.set_cell(atoms.cell.array[[1, 0, 2]])
    heights = [drawn_heights(run(slab('a', one)), 0) for one in (atoms, mirrored)]
    np.testing.assert_allclose(*heights)


def test_label_formula_and_energy_are_written() -> None:
    atoms = copper()
    assert written(run(slab('slab_00', atoms, atoms))) == {
        'slab_00  Cu$_{4}$\n−1.500 eV',
        'before',
        'after',
    }


def test_a_slab_that_has_not_relaxed() -> None:
    results = run(slab('slab_00', copper()))
    assert written(results) == {'slab_00  Cu$_{4}$', 'before', 'failed'}
    assert not plot_slabs(results).axes[1].collections


def test_before_and_after_share_a_frame() -> None:
    before, after = copper(), copper()
    after.positions[-1, 2] += 0.5
    results = run(slab('slab_00', before, after))
    moved = drawn_heights(results, 1) - drawn_heights(results, 0)
    assert moved == pytest.approx([0, 0, 0, 0.5], abs=2e-3)


def test_a_slab_lying_on_its_side_is_put_upright() -> None:
    upright, tilted = copper(), copper()
    tilted.rotate(90, 'x', rotate_cell=True)
    tilted.rotate(30, 'z', rotate_cell=True)
    assert drawn_heights(run(slab('a', tilted, tilted)), 0) == pytest.approx(
        drawn_heights(run(slab('a', upright, upright)), 0), abs=2e-3
    )


def test_an_atom_that_crossed_the_boundary_stays_beside_the_others() -> None:
    before = copper()
    before.positions[:, 2] -= before.positions[:, 2].min()
    after = before.copy()
    after.positions[0, 2] -= 0.1
    after.wrap(eps=0)
    results = run(slab('slab_00', before, after))
    assert np.ptp(drawn_heights(results, 1)) == pytest.approx(5.4 + 0.1, abs=2e-3)


def test_a_skewed_cell_fills_the_frame() -> None:
    atoms = fcc111('Cu', (1, 1, 3), a=3.6, vacuum=6.0, periodic=True)
    results = run(slab('slab_00', atoms, atoms))
    axes = plot_slabs(results).axes[0]
    period = 3.6 / np.sqrt(2)
    for height in drawn_heights(results, 0):
        across = sorted(x for x, y in circles(axes) if abs(y - height) < 0.01)
        assert np.diff([across[0] - period, *across]) == pytest.approx(period)
        assert across[0] < period
        assert across[-1] > axes.get_xlim()[1] - period


def test_it_can_be_saved_and_leaves_pyplot_alone() -> None:
    figure = plot_slabs(run(slab('slab_00', copper(), copper())))
    target = io.BytesIO()
    figure.savefig(target, format='png')
    assert target.getvalue().startswith(b'\x89PNG')
    assert plt.get_fignums() == []


def test_no_slabs() -> None:
    unknown = replace(slab('slab_00', copper()), initial=None)
    for results in (run(), run(unknown)):
        with pytest.raises(ValueError, match='no slabs to draw'):
            plot_slabs(results)


def test_the_upper_face_is_drawn_from_above_if_asked() -> None:
    atoms = fcc111('Cu', (2, 1, 3), a=3.6, vacuum=6.0, periodic=True)
    moved = atoms.copy()
    moved.positions[5, 0] += 0.4
    figure = plot_slabs(run(slab('slab_00', atoms, moved)), above=True)
    *_, before, after = figure.axes
    assert before.get_title() == after.get_title() == 'from above'
    first, second = ({tuple(place.round(3)) for place in circles(axes)} for axes in (before, after))
    gone, new = first - second, second - first
    assert gone
    assert {(round(x + 0.4, 2), round(y, 2)) for x, y in gone} == {
        (round(x, 2), round(y, 2)) for x, y in new
    }


def test_drawings_in_a_row_are_aligned_whatever_their_titles() -> None:
    atoms = copper()
    figure = plot_slabs(run(slab('slab_00', atoms, atoms), slab('slab_01', atoms)), above=True)
    assert len({axes.get_position().y0 for axes in figure.axes}) == 2


def test_the_plane_is_in_the_title() -> None:
    cut = replace(slab('slab_00', copper()), plane='(100)')
    assert 'slab_00  (100)  Cu$_{4}$' in written(run(cut))


def test_a_bar_shows_the_scale() -> None:
    figure = plot_slabs(run(slab('slab_00', copper())))
    (bar,) = [line for line in figure.get_children() if isinstance(line, Line2D)]
    axes = figure.axes[0]
    per_angstrom = axes.get_window_extent().width / np.ptp(axes.get_xlim())
    assert bar.get_window_extent().width == pytest.approx(5 * per_angstrom)


def test_many_slabs_stand_in_more_than_two_columns() -> None:
    figure = plot_slabs(many(6), above=True)
    assert len({round(axes.get_position().x0, 6) for axes in figure.axes}) == 2 * 3


def many(number: int, layers: int = 4) -> RunResults:
    atoms = copper(layers)
    return run(*(slab(f'slab_{n:03d}', atoms, atoms) for n in range(number)))


@cache
def drawn(number: int, layers: int = 4) -> Figure:
    """A figure of so many slabs, which tests only read."""
    return plot_slabs(many(number, layers), above=True)


def test_of_many_slabs_the_first_are_drawn_and_a_note_says_which() -> None:
    figure = drawn(200)
    assert len(figure.axes) == 4 * MOST_SLABS
    assert note_of(figure) == (
        f'{MOST_SLABS} of 200 slabs are drawn here: slab_000 to slab_{MOST_SLABS - 1:03d}.'
    )
    assert all(len(axes.get_children()) < 15 for axes in figure.axes)


@pytest.mark.parametrize(('number', 'layers'), [(1, 4), (200, 4), (MOST_SLABS, 100)])
def test_a_figure_has_a_limited_number_of_pixels(number: int, layers: int) -> None:
    figure = drawn(number, layers)
    assert np.prod(figure.get_size_inches() * figure.dpi) <= MOST_PIXELS * 1.001


def test_drawings_do_not_overlap() -> None:
    boxes = [axes.get_position() for axes in drawn(200).axes]
    for number, box in enumerate(boxes):
        assert 0 < box.x0 < box.x1 < 1
        assert 0 < box.y0 < box.y1 < 1
        assert not any(box.overlaps(other) for other in boxes[number + 1 :])


def test_a_structure_that_cannot_be_drawn_is_named() -> None:
    flat = copper()
    flat.cell[0] = [1e-5, 0, 0]
    good = copper()
    figure = plot_slabs(run(slab('bad', flat, flat), slab('good', good, good)), above=True)
    assert len(figure.axes) == 4
    assert note_of(figure) == (
        'Cannot be drawn: bad: a vector of its cell is 1e-05 Å long, not 0.5 to 1000.'
    )
    with pytest.raises(ValueError, match='Cannot be drawn: bad'):
        plot_slabs(run(slab('bad', flat)))
