"""The Wulff shape."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure

from aiida_slabrelax.plots import plot_wulff
from aiida_slabrelax.results.energies.surface_energies import SurfaceResults

Energies = Callable[..., SurfaceResults]
COPPER = {(1, 1, 1): 1.3, (1, 0, 0): 1.45, (1, 1, 0): 2.0}  # J/m²


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_shares_and_energies_are_listed(copper_energies: Energies) -> None:
    figure = plot_wulff(copper_energies(COPPER))
    assert figure.legends[0].get_title().get_text() == 'area fraction; γ'
    assert legend(figure) == [
        '(111): 73.8 %; 1.300 J/m²\n  slab_00  Cu$_{8}$',
        '(100): 26.2 %; 1.450 J/m²\n  slab_01  Cu$_{8}$',
        '(110): not on it; 2.000 J/m²\n  slab_02  Cu$_{8}$',
    ]


def test_a_facet_for_each_plane_of_the_shape(copper_energies: Energies) -> None:
    axes = plot_wulff(copper_energies(COPPER)).axes[0]
    assert len(axes.collections) == 8 + 6


def test_planes_are_named_on_the_facets(copper_energies: Energies) -> None:
    axes = plot_wulff(copper_energies(COPPER)).axes[0]
    assert sorted(text.get_text() for text in axes.texts) == ['(100)', '(111)']


def test_the_mean_of_two_faces_is_named(copper_energies: Energies) -> None:
    texts = legend(plot_wulff(copper_energies({(1, 0, 0): 1.45}, symmetric=False)))
    assert texts == ['(100): 100.0 %; 1.450 J/m²\n  slab_00  Cu$_{8}$\n  (mean of both faces)']


def test_the_lowest_termination_of_a_plane_counts_at_the_potentials(energies_of: Energies) -> None:
    energies = energies_of('binary')
    poor, rich = (plot_wulff(energies, {'O': value}) for value in (-4.0, -0.1))
    assert legend(poor)[0].splitlines()[1].startswith('  slab_01  ')
    assert legend(rich)[0].splitlines()[1].startswith('  slab_00  ')
    assert poor.texts[0].get_text() == 'mean γ (by area) = 0.519 J/m² at Δμ(O) = −4.00 eV'


def test_the_mean_is_weighted_with_areas(copper_energies: Energies) -> None:
    figure = plot_wulff(copper_energies(COPPER))
    mean = 0.738 * 1.3 + 0.262 * 1.45
    assert [text.get_text() for text in figure.texts] == [f'mean γ (by area) = {mean:.3f} J/m²']


def test_the_shape_fills_its_frame(copper_energies: Energies) -> None:
    axes = plot_wulff(copper_energies(COPPER)).axes[0]
    axes.figure.draw_without_rendering()
    frame, corners = axes.get_window_extent(), []
    for facet in axes.collections:
        corners += [axes.transData.transform(path.vertices) for path in facet.get_paths()]
    low, high = np.concatenate(corners).min(axis=0), np.concatenate(corners).max(axis=0)
    assert max((high - low) / [frame.width, frame.height]) > 0.93
    assert low[0] >= frame.x0
    assert high[1] <= frame.y1


def test_what_has_no_shape(copper_energies: Energies, energies_of: Energies) -> None:
    with pytest.raises(ValueError, match='not known'):
        plot_wulff(energies_of('binary', [None] * 3))
    with pytest.raises(ValueError, match=r'-0\.1000 J/m²; a shape needs positive ones'):
        plot_wulff(copper_energies({(1, 0, 0): -0.1}))
    with pytest.raises(ValueError, match='chemical potential of O is not free; free: none'):
        plot_wulff(copper_energies(COPPER), {'O': -1.0})


def test_of_many_planes_the_largest_are_listed(copper_energies: Energies) -> None:
    planes = {(n, 1, 0): 3.0 for n in range(2, 20)} | COPPER
    texts = legend(plot_wulff(copper_energies(planes)))
    assert len(texts) == 11
    assert texts[0].startswith('(111): 73.8 %')
    assert texts[-1] == '11 other planes: 0.0 %'
