"""Which termination is the lowest at two chemical potentials."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from aiida_slabrelax.plots import plot_stability_map
from aiida_slabrelax.plots.layout.text import NEGATIVE
from aiida_slabrelax.results.energies.surface_energies import SurfaceResults

Energies = Callable[..., SurfaceResults]


@pytest.fixture(scope='module')
def ternary(energies_of: Energies) -> Axes:
    """The map of a compound of three elements, which is drawn once."""
    return plot_stability_map(energies_of('ternary')).axes[0]


@pytest.mark.parametrize('elements', [None, ('O', 'P')])
def test_every_point_shows_the_lowest(
    energies_of: Energies, ternary: Axes, elements: tuple[str, str] | None
) -> None:
    energies = energies_of('ternary')
    axes = ternary if elements is None else plot_stability_map(energies, elements).axes[0]
    x, y = elements or ('P', 'O')
    assert (axes.get_xlabel(), axes.get_ylabel()) == (f'Δμ({x}) (eV)', f'Δμ({y}) (eV)')
    (image,) = axes.images
    numbers = np.asarray(image.get_array())
    left, right, bottom, top = image.get_extent()
    for row, column in ((0, 0), (40, 250), (150, 150), (300, 10), (299, 300)):
        point = {
            x: np.linspace(left, right, 301)[column],
            y: np.linspace(bottom, top, 301)[row],
        }
        gamma = [surface.energy.at(point).ev_per_a2 for surface in energies.surfaces]
        assert numbers[row, column] == np.argmin(gamma)


def test_the_limits_of_stability_are_outlined(energies_of: Energies, ternary: Axes) -> None:
    energies = energies_of('ternary')
    assert energies.limits is not None
    (outline,) = [patch for patch in ternary.patches if isinstance(patch, Polygon)]
    np.testing.assert_allclose(outline.get_xy()[:-1], energies.limits.vertices_ev)


def test_the_legend_names_the_visible_elements(ternary: Axes) -> None:
    numbers = np.asarray(ternary.images[0].get_array())
    shown = {f'slab_{n:02d}' for n in np.unique(numbers).tolist()}
    texts = [text.get_text() for text in ternary.get_legend().get_texts()]
    *texts, stable, negative = texts
    assert stable == 'the bulk is stable'
    assert ' '.join(negative.split()) == NEGATIVE
    assert {text[:7] for text in texts} == shown
    assert texts[0] == 'slab_00  Ag$_{13}$P$_{4}$O$_{16}$'


def test_a_slice_of_three_potentials(energies_of: Energies) -> None:
    energies = energies_of('quaternary')
    figure = plot_stability_map(energies, ['P', 'O'], {'Fe': -0.8})
    assert figure.axes[0].get_title(loc='left') == '(100) at Δμ(Fe) = −0.80 eV'


def test_one_free_potential_makes_no_map(energies_of: Energies) -> None:
    with pytest.raises(ValueError, match='a map needs two free chemical potentials, not 1: O'):
        plot_stability_map(energies_of('binary'))


def test_fields_are_named_at_their_middle(ternary: Axes) -> None:
    numbers = np.asarray(ternary.images[0].get_array())
    left, right, bottom, top = ternary.images[0].get_extent()
    found = {}
    for text in ternary.texts:
        x, y = text.get_position()
        column = round((x - left) / (right - left) * (numbers.shape[1] - 1))
        row = round((y - bottom) / (top - bottom) * (numbers.shape[0] - 1))
        found[text.get_text().split()[0]] = f'slab_{numbers[row, column]:02d}'
    assert found == {name: name for name in found}
    assert set(found) == {f'slab_{n:02d}' for n in np.unique(numbers).tolist()}


def test_where_energies_are_negative_is_dotted(ternary: Axes) -> None:
    hatches = [hatch for one in ternary.collections for hatch in getattr(one, 'hatches', [])]
    assert '....' in hatches
