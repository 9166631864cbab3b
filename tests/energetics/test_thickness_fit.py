import pytest

from aiida_slabrelax.energetics import (
    NotComparableError,
    Phase,
    Slab,
    fit_line,
    fit_surface_energy,
    surface_energy,
)
from compounds import BINARY, TERNARY

AREA, GAMMA, BULK = 6.5, 0.08, -3.5  # Å², eV/Å², eV an atom


def copper(n: int) -> Slab:
    return Slab({'Cu': n}, n * BULK + 2 * AREA * GAMMA, AREA, symmetric=True)


def test_an_error_of_the_bulk_drifts_with_the_thickness_but_not_in_the_fit():
    off = Phase({'Cu': 1}, BULK + 0.001)
    slabs = [copper(n) for n in (4, 8, 12, 16, 32)]
    plain = [surface_energy(slab, off).at().ev_per_a2 for slab in slabs]
    # 1 meV for each atom, over two faces.
    drift = [value - GAMMA for value in plain]
    assert drift == pytest.approx([-n * 0.001 / (2 * AREA) for n in (4, 8, 12, 16, 32)])
    for thickest in (3, 4, 5):
        fit = fit_surface_energy(slabs[:thickest], off)
        assert fit.surface_energy.at().ev_per_a2 == pytest.approx(GAMMA, abs=1e-10)
        assert fit.bulk_energy_ev == pytest.approx(BULK, abs=1e-10)


def test_with_chemical_potentials_the_fit_does_not_drift_either():
    bulk, references = BINARY.bulk, BINARY.references
    off = Phase({'Ti': 1, 'O': 2}, bulk.energy_per_unit_ev + 0.003)
    slabs = [
        Slab(
            {'Ti': n, 'O': 2 * n + 2},
            n * bulk.energy_per_unit_ev - 8.4,
            19.3,
            symmetric=True,
        )
        for n in (5, 7, 9)
    ]
    expected = surface_energy(slabs[0], bulk, references)
    for eliminated in ('Ti', 'O', None):
        fit = fit_surface_energy(slabs, off, references, eliminated)
        rest = bulk.energy_per_unit_ev - 2 * references['O'].energy_per_atom_ev
        delta_ti = rest - references['Ti'].energy_per_atom_ev + 2 * 0.4
        delta_mu = {'O': -0.4, 'Ti': delta_ti}
        assert fit.surface_energy.at(delta_mu).ev_per_a2 == pytest.approx(
            expected.at(delta_mu).ev_per_a2, abs=1e-9
        )


def test_a_line_is_fitted_by_least_squares():
    # y = 1, 3, 2 at 0, 1, 2: mean 2, slope 1/2.
    fit = fit_line([0, 1, 2], [1.0, 3.0, 2.0])
    assert fit.slope_ev == pytest.approx(0.5)
    assert fit.intercept_ev == pytest.approx(1.5)
    assert fit.residuals_ev == pytest.approx((-0.5, 1.0, -0.5))
    # s² = 1.5, (1/3 + 1/2)
    assert fit.intercept_error_ev == pytest.approx((1.5 * (1 / 3 + 1 / 2)) ** 0.5)


def test_large_energies_lose_no_digits():
    fit = fit_line([100, 200, 300], [-1e6 * n + 0.123456 for n in (100, 200, 300)])
    assert fit.intercept_ev == pytest.approx(0.123456, abs=1e-6)


def test_two_slabs_leave_no_error():
    fit = fit_surface_energy([copper(4), copper(8)], Phase({'Cu': 1}, 0.0))
    assert fit.error_ev_per_a2 is None
    assert fit.describe()['standard_error'] == {'eV/Å²': None}


@pytest.mark.parametrize(
    ('units', 'energies', 'message'),
    [
        ([4, 8], [1.0], '2 thicknesses and 1 energies'),
        ([4, 4], [1.0, 2.0], 'at least two thicknesses'),
        ([], [], 'at least two thicknesses'),
        ([4, 8], [1.0, float('nan')], 'not a finite number'),
    ],
)
def test_a_line_needs_points(units, energies, message):
    with pytest.raises(NotComparableError, match=message):
        fit_line(units, energies)


def test_slabs_of_different_terminations_are_refused():
    bulk, references = TERNARY.bulk, TERNARY.references
    with pytest.raises(NotComparableError, match='its excess atoms differ'):
        fit_surface_energy(TERNARY.slabs[:2], bulk, references)
    one = copper(4)
    wide = Slab({'Cu': 8}, -27.0, 2 * AREA, symmetric=True)
    with pytest.raises(NotComparableError, match='its area or its symmetry'):
        fit_surface_energy([one, wide], Phase({'Cu': 1}, 0.0))
    with pytest.raises(NotComparableError, match='no slabs'):
        fit_surface_energy([], Phase({'Cu': 1}, 0.0))
