"""Vacuum levels and work functions, of potentials whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from aiida_slabrelax.parsers.potentials.potential import OutcarLevels, PlanarAverage
from aiida_slabrelax.parsers.potentials.work_function import (
    NotFlatError,
    find_work_functions,
    vacuum_levels,
)

#: A slab 10 Å thick in a cell of 30 Å, and points as of VASP's fine grid.
THICKNESS, PERIOD, POINTS = 10.0, 30.0, 360
HEIGHTS = np.arange(POINTS) / POINTS * PERIOD


def average(vacuum: object, thickness: float = THICKNESS) -> PlanarAverage:
    """The potential of a slab; ``vacuum`` has the levels at all heights."""
    outside = np.minimum(HEIGHTS - thickness, PERIOD - HEIGHTS).clip(0)
    values = np.asarray(vacuum) - 12.0 * np.exp(-outside / 0.4)
    return PlanarAverage(HEIGHTS, values, thickness, PERIOD)


def step(upper: float, lower: float, at: float = 20.0, width: float = 0.3) -> object:
    return np.interp(HEIGHTS, [at - width, at + width], [upper, lower])


def test_one_level_for_equal_faces() -> None:
    assert vacuum_levels(average(np.full(POINTS, 4.25))) == pytest.approx((4.25, 4.25), abs=1e-4)


@pytest.mark.parametrize('at', [15.0, 20.0, 24.0], ids='{} Å'.format)
@pytest.mark.parametrize(('upper', 'lower'), [(6.1, 4.3), (4.3, 6.1), (4.30, 4.36)])
def test_two_levels_with_a_step_wherever_it_is(upper: float, lower: float, at: float) -> None:
    found = vacuum_levels(average(step(upper, lower, at)))
    assert found == pytest.approx((upper, lower), abs=1e-3)


def test_noise_of_some_mev_is_flat() -> None:
    ripple = 0.003 * np.sin(HEIGHTS * 9)
    found = vacuum_levels(average(step(5.0, 4.0) + ripple))  # type: ignore[operator]
    assert found == pytest.approx((5.0, 4.0), abs=5e-3)


@pytest.mark.parametrize(
    ('vacuum', 'reason'),
    [
        (np.interp(HEIGHTS, [10, 30], [6.0, 4.0]), 'changes by 0.08. eV/Å or more'),
        (np.interp(HEIGHTS, [10, 30], [4.2, 4.0]), 'varies by 0.1'),
        (4 + 0.1 * np.sin(HEIGHTS * np.pi / 2.5), 'varies by 0.2'),
    ],
    ids=['field', 'weak field', 'waves'],
)
def test_a_vacuum_that_is_not_flat_is_refused(vacuum: object, reason: str) -> None:
    with pytest.raises(NotFlatError, match=f'no flat vacuum: .*{reason}.*dipole correction'):
        vacuum_levels(average(vacuum))


@pytest.mark.parametrize('thickness', [30.0, 27.0, 23.5])
def test_a_slab_without_vacuum_is_refused(thickness: float) -> None:
    with pytest.raises(NotFlatError, match=r'it is .* Å thick, and at least 7 Å are needed'):
        vacuum_levels(average(np.full(POINTS, 4.0), thickness))


def test_too_few_points_are_refused() -> None:
    coarse = PlanarAverage(np.arange(10) * 2.0, np.full(10, 4.0), 12.0, 20.0)
    with pytest.raises(NotFlatError, match='too few points'):
        vacuum_levels(coarse)


def test_locpot_goes_before_outcar() -> None:
    levels = OutcarLevels(fermi=-1.0, upper=9.0, lower=9.0, corrected=True)
    found = find_work_functions(levels, average(step(4.0, 3.0)), 20.0)
    assert found is not None
    assert (found.upper, found.lower) == pytest.approx((5.0, 4.0), abs=1e-3)
    assert (found.fermi, found.source) == (-1.0, 'LOCPOT')


def test_levels_of_outcar() -> None:
    levels = OutcarLevels(fermi=1.25, upper=6.0, lower=5.5, corrected=True)
    found = find_work_functions(levels, None, 15.0)
    assert found is not None
    assert (found.upper, found.lower, found.source) == (4.75, 4.25, 'OUTCAR')
    assert (found.upper_vacuum, found.lower_vacuum) == (6.0, 5.5)


def test_nothing_was_computed() -> None:
    assert find_work_functions(OutcarLevels(fermi=1.0), None, 15.0) is None


@pytest.mark.parametrize(
    ('levels', 'vacuum', 'reason'),
    [
        (OutcarLevels(1.0, 5.0, 5.0), 15.0, 'LDIPOL'),
        (OutcarLevels(1.0, 5.0, 5.0, corrected=True), 6.0, 'a vacuum of 6.0 Å'),
        (OutcarLevels(1.0, 5.0, 5.0, corrected=True), None, 'unknown thickness'),
        (OutcarLevels(None, 5.0, 5.0, corrected=True), 15.0, 'no Fermi level'),
    ],
)
def test_levels_of_outcar_that_cannot_be_trusted(
    levels: OutcarLevels, vacuum: float | None, reason: str
) -> None:
    with pytest.raises(NotFlatError, match=reason):
        find_work_functions(levels, None, vacuum)
