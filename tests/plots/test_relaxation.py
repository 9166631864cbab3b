"""How the layers have moved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc100

from aiida_slabrelax.plots import plot_relaxation
from aiida_slabrelax.plots.layout.limits import MOST_DIAGRAMS, note_of
from aiida_slabrelax.results.slabs import RunResults, SlabResult


def slab(before: Atoms, after: Atoms | None) -> SlabResult:
    return SlabResult('slab_00', 'relaxed', 'Cu5', 5, 7.2, 6.48, initial=before, relaxed=after)


def run(*slabs: SlabResult) -> RunResults:
    return RunResults(1, 'uuid', 'finished', False, 0, None, slabs)


def copper() -> Atoms:
    return fcc100('Cu', (1, 1, 5), a=3.6, vacuum=6.0, periodic=True)


def test_both_sides_are_drawn_from_the_surface_inwards() -> None:
    before, after = copper(), copper()
    after.positions[4, 2] -= 0.18  # 10 % of 1.8 Å
    after.positions[0, 2] -= 0.09
    (axes,) = plot_relaxation(run(slab(before, after))).axes
    _, top, bottom = axes.lines
    assert (top.get_label(), bottom.get_label()) == ('from the top', 'from the bottom')
    np.testing.assert_allclose(top.get_ydata(), [-10, 0], atol=1e-9)
    np.testing.assert_allclose(bottom.get_ydata(), [5, 0], atol=1e-9)
    assert axes.get_ylabel() == 'Δd (% of the bulk spacing)'
    assert axes.get_xlabel() == 'layers, counted from the surface'
    assert axes.get_title(loc='left') == 'slab_00  Cu$_{5}$'


def test_a_slab_across_the_boundary_and_on_its_side() -> None:
    before, after = copper(), copper()
    after.positions[4, 2] += 0.18
    for atoms in (before, after):
        atoms.positions[:, 2] -= 8.0
        atoms.wrap()
        atoms.rotate(90, 'x', rotate_cell=True)
    (axes,) = plot_relaxation(run(slab(before, after))).axes
    np.testing.assert_allclose(axes.lines[1].get_ydata(), [10, 0], atol=1e-9)


def test_sides_that_agree_within_noise_are_one_curve_of_their_mean() -> None:
    before, after = copper(), copper()
    after.positions[4, 2] -= 0.18
    after.positions[0, 2] += 0.162  # 0.018 Å less
    figure = plot_relaxation(run(slab(before, after)))
    _, both = figure.axes[0].lines
    assert both.get_label() == 'both sides'
    np.testing.assert_allclose(both.get_ydata(), [-9.5, 0], atol=1e-9)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ['both sides']


def test_sides_that_differ_by_more_than_noise_are_two_curves() -> None:
    before, after = copper(), copper()
    after.positions[4, 2] -= 0.18
    after.positions[0, 2] += 0.158  # 0.022 Å less
    assert len(plot_relaxation(run(slab(before, after))).axes[0].lines) == 3


def test_different_faces_are_two_curves_even_if_they_agree() -> None:
    asymmetric = replace(slab(copper(), copper()), symmetric=False)
    assert len(plot_relaxation(run(asymmetric)).axes[0].lines) == 3


def test_changes_in_angstrom() -> None:
    before, after = copper(), copper()
    after.positions[4, 2] -= 0.18
    (axes,) = plot_relaxation(run(slab(before, after)), 'angstrom').axes
    np.testing.assert_allclose(axes.lines[1].get_ydata(), [-0.18, 0], atol=1e-9)
    assert axes.get_ylabel() == 'Δd (Å)'


def test_an_unknown_unit() -> None:
    with pytest.raises(ValueError, match="the unit of changes is percent or angstrom, not 'nm'"):
        plot_relaxation(run(slab(copper(), copper())), 'nm')


def test_layers_that_have_changed_places_are_marked() -> None:
    before, after = copper(), copper()
    after.positions[4, 2] -= 2.0
    after.positions[0, 2] += 2.0
    figure = plot_relaxation(run(slab(before, after)))
    crosses = figure.axes[0].lines[-1]
    assert crosses.get_marker() == 'x'
    np.testing.assert_allclose(crosses.get_xydata(), [[1, -100 * 2.0 / 1.8]])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        'both sides',
        'layers have changed places (below −100 %)',
    ]


def test_numbers_are_not_larger_than_labels() -> None:
    (axes,) = plot_relaxation(run(slab(copper(), copper()))).axes
    labels = [axes.xaxis.label, axes.yaxis.label]
    numbers = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    assert max(text.get_fontsize() for text in numbers) <= min(t.get_fontsize() for t in labels)


def test_noise_does_not_fill_the_figure() -> None:
    (axes,) = plot_relaxation(run(slab(copper(), copper()))).axes
    assert axes.get_ylim() == pytest.approx((-0.11, 0.11))


def test_nothing_has_relaxed() -> None:
    with pytest.raises(ValueError, match='no slab of more than one layer has relaxed'):
        plot_relaxation(run(slab(copper(), None)))


def test_of_many_slabs_the_first_are_drawn_and_a_note_says_which() -> None:
    figure = plot_relaxation(run(*[slab(copper(), copper())] * (MOST_DIAGRAMS + 1)))
    assert len(figure.axes) == MOST_DIAGRAMS
    assert note_of(figure).startswith(
        f'{MOST_DIAGRAMS} of {MOST_DIAGRAMS + 1} slabs are drawn here: '
    )


def test_a_structure_that_cannot_be_drawn_is_named() -> None:
    far = copper()
    far.positions[0, 2] = 1e300
    with pytest.raises(ValueError, match=r'slab_00: its atoms are 1e\+300 Å apart, more than 1000'):
        plot_relaxation(run(slab(copper(), far)))
