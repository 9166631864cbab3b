"""Surface energies against a chemical potential."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from matplotlib.figure import Figure

from aiida_slabrelax.energetics import EnergyPerArea, gas_potential, surface_energy
from aiida_slabrelax.plots import plot_stability_map, plot_surface_energies
from aiida_slabrelax.plots.layout.limits import MOST_DIAGRAMS, MOST_PIXELS, note_of
from aiida_slabrelax.results.energies.surface_energies import SurfaceResults
from compounds import BINARY

Energies = Callable[..., SurfaceResults]
LIMIT = (-52.71 / 2 - -15.53 / 2 - 2 * -9.86 / 2) / 2  # ΔH / 2 of TiO2, eV for an atom of O


@pytest.fixture(scope='module')
def binary(energies_of: Energies) -> Figure:
    """The figure of a compound of two elements, which is drawn once."""
    figure = plot_surface_energies(energies_of('binary'))
    figure.draw_without_rendering()
    return figure


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_each_line_has_the_numbers_of_its_slab(binary: Figure) -> None:
    axes = binary.axes[0]
    thin = [line for line in axes.lines if line.get_label().startswith('slab_')]
    assert len(thin) == 3
    for line, slab in zip(thin, BINARY.slabs, strict=True):
        gamma = surface_energy(slab, BINARY.bulk, BINARY.references)
        expected = gamma.at({'O': np.asarray(line.get_xdata())}).j_per_m2
        np.testing.assert_allclose(line.get_ydata(), expected, rtol=1e-12)


def test_every_axis_has_its_unit(binary: Figure) -> None:
    (axes,) = binary.axes
    top, right = sorted(axes.child_axes, key=lambda one: one.get_xlabel(), reverse=True)
    assert axes.get_xlabel() == 'Δμ(O) (eV)'
    assert axes.get_ylabel() == 'γ (J/m²)'
    assert right.get_ylabel() == 'γ (eV/Å²)'
    assert top.get_xlabel() == 'T (K) in O$_{2}$ of 1 bar'
    np.testing.assert_allclose(right.get_ylim(), np.array(axes.get_ylim()) / 16.02176634)
    for place, text in zip(top.get_xticks(), top.get_xticklabels(), strict=True):
        assert place == gas_potential('O', float(text.get_text())).delta_mu_ev


def test_the_stable_termination_is_thick_within_the_limits(binary: Figure) -> None:
    axes = binary.axes[0]
    thick = sorted(tuple(x.get_xdata()) for x in axes.lines if x.get_label() == '_stable')
    assert [line[0] for line in thick] == pytest.approx([LIMIT, -1.87125], abs=1e-9)
    assert [line[1] for line in thick] == pytest.approx([-1.87125, 0.0], abs=1e-9)


def test_the_legend_names_terminations_and_conditions(binary: Figure) -> None:
    assert legend(binary) == [
        'slab_00  Ti$_{5}$O$_{12}$: lowest from −1.87 to 0.00 eV',
        f'slab_01  Ti$_{{6}}$O$_{{10}}$: lowest from −{-LIMIT:.2f} to −1.87 eV',
        'slab_02  Ti$_{6}$O$_{11}$, mean of both faces',
        'γ < 0 (hatched): cutting gains energy, so the bulk cannot be stable there',
        'grey: the bulk is not stable',
    ]


def test_terminations_of_one_plane_share_a_panel(energies_of: Energies) -> None:
    planes = [(1, 0, 0), (1, 1, -1), (1, 0, 0), None]
    figure = plot_surface_energies(energies_of('ternary', planes))
    lines = {
        axes.get_title(loc='left'): [
            line.get_label()[:7] for line in axes.lines if line.get_label().startswith('slab_')
        ]
        for axes in figure.axes
    }
    assert lines == {
        '(100)': ['slab_00', 'slab_02'],
        '(1 1 -1)': ['slab_01'],
        'slabs of unknown planes': ['slab_03'],
    }


def test_other_potentials_are_mid_in_the_limits_or_as_given(energies_of: Energies) -> None:
    energies = energies_of('ternary')
    assert energies.limits is not None
    middle = energies.limits.middle['P']
    figure = plot_surface_energies(energies)
    assert figure.axes[0].get_title(loc='left') == f'(100) at Δμ(P) = −{-middle:.2f} eV'
    figure = plot_surface_energies(energies, 'P', {'O': -1.0})
    assert figure.axes[0].get_title(loc='left') == '(100) at Δμ(O) = −1.00 eV'
    assert figure.axes[0].get_xlabel() == 'Δμ(P) (eV)'
    slab = energies.surfaces[0].energy
    line = figure.axes[0].lines[0]
    np.testing.assert_allclose(
        line.get_ydata(), slab.at({'P': np.asarray(line.get_xdata()), 'O': -1.0}).j_per_m2
    )


def test_of_several_planes_the_fixed_potentials_stand_above(energies_of: Energies) -> None:
    planes = [(1, 0, 0), (1, 1, 0), (1, 0, 0), (1, 1, 0)]
    figure = plot_surface_energies(energies_of('ternary', planes), 'O', {'P': -8.0})
    assert figure.get_suptitle() == 'at Δμ(P) = −8.00 eV'


def test_without_limits_the_other_potentials_must_be_given(energies_of: Energies) -> None:
    with pytest.raises(
        ValueError, match=r'Δμ\(P\) must be given in eV: .*elements have no reference'
    ):
        plot_surface_energies(energies_of('ternary', limited=False))
    axes = plot_surface_energies(energies_of('ternary', limited=False), 'O', {'P': -2.0}).axes[0]
    assert axes.get_xlim() == (-3.0, 0.0)


@pytest.mark.parametrize(
    ('element', 'fixed', 'message'),
    [
        ('Fe', {}, 'the chemical potential of Fe is not free; free: P, O'),
        ('O', {'Ag': -1.0}, 'the chemical potential of Ag is not free; free: P, O'),
        ('O', {'O': -1.0}, 'the chemical potential of O is on an axis'),
        ('O', {'P': 1.0}, 'The bulk is not stable at Δμ(P) = 1.000 eV.'),
    ],
)
def test_conditions_that_cannot_be(
    energies_of: Energies, element: str, fixed: dict[str, float], message: str
) -> None:
    with pytest.raises(ValueError, match=f'^{re.escape(message)}$'):
        plot_surface_energies(energies_of('ternary'), element, fixed)


def test_energies_that_depend_on_no_potential(copper_energies: Energies) -> None:
    with pytest.raises(ValueError, match='no surface energy here depends on a chemical potential'):
        plot_surface_energies(copper_energies({(1, 1, 1): 1.3}))


def many(energies: SurfaceResults, number: int, planes: int = 1) -> SurfaceResults:
    """So many surfaces on so many planes, all but the first ones above the others."""
    given = energies.surfaces
    return replace(
        energies,
        surfaces=tuple(
            replace(
                (one := given[n % len(given)]),
                label=f'slab_{n:03d}',
                plane=(1, 0, n % planes),
                energy=replace(
                    one.energy,
                    constant=EnergyPerArea(
                        one.energy.constant.ev_per_a2 + 1e-4 * (n // len(given))
                    ),
                ),
            )
            for n in range(number)
        ),
    )


def test_of_many_terminations_the_lowest_have_names(energies_of: Energies) -> None:
    figure = plot_surface_energies(many(energies_of('binary'), 200))
    assert [name.partition(' ')[0] for name in legend(figure)] == [
        'slab_000',
        'slab_001',
        '198',
        'γ',
        'grey:',
    ]
    (axes,) = figure.axes
    (others,) = [collection for collection in axes.collections if len(collection.get_paths()) > 1]
    assert len(others.get_paths()) == 198
    highest = max(path.vertices[:, 1].max() for path in others.get_paths())
    assert axes.get_ylim()[1] >= highest


@pytest.mark.parametrize(
    'plot',
    [
        # No gas of phosphorus, so no second axis above each panel, which takes long to lay out.
        pytest.param(partial(plot_surface_energies, element='P'), id='plot_surface_energies'),
        pytest.param(plot_stability_map, id='plot_stability_map'),
    ],
)
def test_of_many_planes_the_first_have_a_diagram(
    energies_of: Energies, plot: Callable[[SurfaceResults], Figure]
) -> None:
    count = MOST_DIAGRAMS + 1
    figure = plot(many(energies_of('ternary'), count, planes=count))
    assert len(figure.axes) == MOST_DIAGRAMS
    shown = f'{MOST_DIAGRAMS} of {count} planes are drawn here: (100) '
    assert note_of(figure).startswith(shown)
    assert np.prod(figure.get_size_inches() * figure.dpi) <= MOST_PIXELS * 1.001
