"""Surface energies of runs that differ in one setting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.manage.configuration import Profile
from aiida.orm import CalcFunctionNode, Int

from aiida_slabrelax.results.energies.convergence_tests import convergence_test

Run = Callable[..., CalcFunctionNode]


@pytest.fixture(scope='module')
def known_runs() -> dict[str, CalcFunctionNode]:
    return {}


@pytest.fixture
def run(copper_run: Run, known_runs: dict[str, CalcFunctionNode]) -> Run:
    """Return a function: surface energies of Cu (100) with some settings, computed once."""

    def make(**settings: Any) -> CalcFunctionNode:
        asked = repr(sorted(settings.items()))
        if asked not in known_runs:
            known_runs[asked] = copper_run(**settings)
        return known_runs[asked]

    return make


def test_the_kpoint_spacing_becomes_smaller(run: Run) -> None:
    runs = [run(kpoints_spacing=0.03), run(energy=-17.5, kpoints_spacing=0.06)]
    test = convergence_test(runs)
    assert (test.quantity, test.towards_smaller) == ('k-point spacing (2π/Å)', True)
    ((name, points),) = test.terminations.items()
    assert name.startswith('(100) ')
    assert [spacing for spacing, _ in points] == [0.06, 0.03]
    assert points[0][1] > points[1][1] > 0


@pytest.mark.parametrize(
    ('inputs', 'quantity', 'values'),
    [
        ([{'vacuum': 15.0}, {}, {'vacuum': 12.5}], 'vacuum (Å)', [10.0, 12.5, 15.0]),
        ([{'incar': {'encut': 500}}, {}], 'cut-off (eV)', [400.0, 500.0]),
        ([{'incar': {'sigma': 0.2}}, {'incar': {'sigma': 0.1}}], 'SIGMA', [0.2, 0.1]),
    ],
)
def test_other_settings(
    run: Run, inputs: list[dict[str, Any]], quantity: str, values: list[float]
) -> None:
    test = convergence_test([run(**given).pk for given in inputs])
    assert test.quantity == quantity
    assert [[value for value, _ in points] for points in test.terminations.values()] == [values]


@pytest.mark.parametrize(
    ('first', 'second', 'message'),
    [
        ({}, {}, 'the runs do not differ in'),
        (
            {'vacuum': 15.0, 'kpoints_spacing': 0.03},
            {},
            'the runs differ in kpoints_spacing, vacuum: a convergence is over one setting',
        ),
        ({'incar': {'gga': 'pe'}}, {}, 'the runs differ in gga, which is not a number'),
        ({'incar': {'sigma': 0.1}}, {}, 'the runs differ in sigma, which is not a number'),
        ({'element': 'Ag'}, {}, 'the runs are of different crystals: Ag, Cu'),
    ],
)
def test_runs_that_are_no_convergence(
    run: Run, first: dict[str, Any], second: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match='^' + message.replace('(', r'\(')):
        convergence_test([run(**first), run(**second)])


def test_one_run_is_not_enough(run: Run) -> None:
    with pytest.raises(ValueError, match='needs at least two runs'):
        convergence_test([run()])


def test_something_else(aiida_profile: Profile) -> None:
    with pytest.raises(ValueError, match='has no surface energies'):
        convergence_test([Int(1).store(), Int(2).store()])
