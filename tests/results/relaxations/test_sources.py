"""What a relaxation that has ended came to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiida.common import AttributeDict, LinkType
from aiida.orm import CalcJobNode, Dict, ProcessNode, WorkChainNode
from plumpy import ProcessState

from aiida_slabrelax.results.relaxations.sources import (
    calculations,
    describe_end,
    describe_failure,
    find_source,
    has_converged,
    largest_force,
    last_remote_folder,
    last_structure,
)
from sample_structures import copper_slab

EndRelaxation = Callable[..., WorkChainNode]
EndCalculation = Callable[..., CalcJobNode]


def energies() -> Dict:
    return Dict({'total_energies': {'energy_extrapolated': -1.5}})


@pytest.fixture(scope='module')
def end(end_relaxation: EndRelaxation) -> EndRelaxation:
    """Return a function that makes a relaxation that has ended; of its caller nothing matters."""
    caller = AttributeDict({'node': WorkChainNode().store(), 'ctx': {'relaxations': {}}})
    return lambda *args, **kwargs: end_relaxation(caller, 'cu_3', *args, **kwargs)


def source_of(relaxation: WorkChainNode) -> ProcessNode | None:
    source = find_source(relaxation)
    return source.process if source is not None else None


def test_calculations_come_with_the_last_first(
    end: EndRelaxation, end_calculation: EndCalculation
) -> None:
    relaxation = end()
    pks = [end_calculation(relaxation).pk for _ in range(3)]
    assert [node.pk for node in calculations(relaxation)] == pks[::-1]


def test_other_children_are_no_calculations(end: EndRelaxation) -> None:
    assert calculations(end().caller) == []


def test_a_relaxation_that_succeeded_is_its_own_source(
    end: EndRelaxation, end_calculation: EndCalculation
) -> None:
    relaxation = end(energies(), copper_slab(3))
    end_calculation(relaxation, energies(), copper_slab(3))
    assert source_of(relaxation) == relaxation


@pytest.mark.parametrize('has_misc', [True, False])
def test_without_all_outputs_a_relaxation_is_no_source(
    end: EndRelaxation, end_calculation: EndCalculation, has_misc: bool
) -> None:
    misc, structure = (energies(), None) if has_misc else (None, copper_slab(3))
    relaxation = end(misc, structure)
    end_calculation(relaxation, energies(), copper_slab(3))
    assert find_source(relaxation) is None


def test_a_relaxation_that_two_workers_have_ended_is_its_own_source(end: EndRelaxation) -> None:
    relaxation = end(energies(), copper_slab(3))
    # As two workers do it at once: each of them asks whether it may before the other one does it.
    again = energies().store().backend_entity
    again.add_incoming(relaxation.backend_entity, LinkType.RETURN, 'misc')
    assert source_of(relaxation) == relaxation


@pytest.mark.parametrize(
    'ending',
    [
        {'exit_status': 500},
        {'exit_status': 401},
        {'exit_status': 300},
        {'exit_status': None, 'state': ProcessState.EXCEPTED},
        {'exit_status': None, 'state': ProcessState.KILLED},
    ],
)
def test_the_last_calculation_is_the_source_if_only_its_caller_failed(
    end: EndRelaxation, end_calculation: EndCalculation, ending: dict[str, Any]
) -> None:
    relaxation = end(**ending)
    end_calculation(relaxation, energies(), copper_slab(3), exit_status=702)
    last = end_calculation(relaxation, energies(), copper_slab(3))
    assert source_of(relaxation) == last


@pytest.mark.parametrize('status', [502, 503, 504, 505])
def test_a_verdict_on_the_last_calculation_counts(
    end: EndRelaxation, end_calculation: EndCalculation, status: int
) -> None:
    relaxation = end(exit_status=status)
    end_calculation(relaxation, energies(), copper_slab(3))
    assert find_source(relaxation) is None


@pytest.mark.parametrize('status', [0, 500])
def test_what_has_not_converged_is_no_source(
    end: EndRelaxation, end_calculation: EndCalculation, status: int
) -> None:
    misc = {'total_energies': {'energy_extrapolated': -1.5}}
    unconverged = Dict({**misc, 'run_status': {'ionic_converged': False}})
    relaxation = end(unconverged, copper_slab(3), exit_status=status)
    end_calculation(relaxation, unconverged, copper_slab(3))
    assert find_source(relaxation) is None


@pytest.mark.parametrize('told', [{}, {'ionic_converged': True}, {'ionic_converged': None}])
def test_what_has_converged_or_was_not_to_is_a_source(
    end: EndRelaxation, told: dict[str, bool | None]
) -> None:
    relaxation = end(Dict({**energies().get_dict(), 'run_status': told}), copper_slab(3))
    assert source_of(relaxation) == relaxation
    assert has_converged({'run_status': told}) is told.get('ionic_converged')


def test_a_relaxation_that_ended_well_without_converging_says_why(end: EndRelaxation) -> None:
    misc = {'run_status': {'ionic_converged': False}, 'convergence': {'reason': 'stopped'}}
    relaxation = end(Dict(misc), copper_slab(3))
    assert describe_failure(relaxation) == (
        f'VaspWorkChain<{relaxation.pk}> finished, but has not converged: stopped'
    )


@pytest.mark.parametrize(
    ('freedom', 'force'),
    [
        (None, 1.2),
        ([[False] * 3, [True] * 3, [True] * 3], 0.05),
        ([[True, True, False], [True] * 3, [True] * 3], 0.5),
        ([[False] * 3] * 3, None),
        ([[True] * 3], None),
    ],
)
def test_the_largest_force_on_an_atom_that_may_move(
    freedom: list[list[bool]] | None, force: float | None
) -> None:
    node = WorkChainNode()
    node.base.links.add_incoming(copper_slab(3).store(), LinkType.INPUT_WORK, 'structure')
    if freedom is not None:
        dynamics = Dict({'positions_dof': freedom}).store()
        node.base.links.add_incoming(dynamics, LinkType.INPUT_WORK, 'dynamics')
    node.store()
    misc = {'forces': [[0.3, 0.4, -1.0908712], [0.0, 0.03, 0.04], [0.0, 0.0, 0.0]]}
    found = largest_force(node, misc)
    assert found == (None if force is None else pytest.approx(force, abs=1e-7))
    assert largest_force(node, {}) is None


def test_an_earlier_calculation_is_no_source(
    end: EndRelaxation, end_calculation: EndCalculation
) -> None:
    relaxation = end(exit_status=401)
    end_calculation(relaxation, energies(), copper_slab(3))
    end_calculation(relaxation, energies(), copper_slab(3), exit_status=702)
    assert find_source(relaxation) is None


@pytest.mark.parametrize('has_misc', [True, False])
def test_without_all_outputs_a_calculation_is_no_source(
    end: EndRelaxation, end_calculation: EndCalculation, has_misc: bool
) -> None:
    relaxation = end(exit_status=500)
    misc, structure = (energies(), None) if has_misc else (None, copper_slab(3))
    end_calculation(relaxation, misc, structure)
    assert find_source(relaxation) is None


def test_a_relaxation_without_calculations_has_no_source(end: EndRelaxation) -> None:
    assert find_source(end(exit_status=700)) is None


def test_the_last_structure_that_there_is(
    end: EndRelaxation, end_calculation: EndCalculation
) -> None:
    relaxation = end(exit_status=401)
    assert last_structure(relaxation) is None
    first, second = copper_slab(3), copper_slab(4)
    end_calculation(relaxation, structure=first, exit_status=702)
    assert last_structure(relaxation).uuid == first.uuid
    end_calculation(relaxation, structure=second, exit_status=702)
    end_calculation(relaxation, exit_status=352)
    assert last_structure(relaxation).uuid == second.uuid


def test_the_last_remote_folder(
    end: EndRelaxation, end_calculation: EndCalculation, tmp_path: Path
) -> None:
    relaxation = end(exit_status=401)
    assert last_remote_folder(relaxation) is None
    end_calculation(relaxation, exit_status=702, remote_path=str(tmp_path / 'first'))
    end_calculation(relaxation, exit_status=702, remote_path=str(tmp_path / 'second'))
    end_calculation(relaxation, exit_status=352)
    folder = last_remote_folder(relaxation)
    assert folder is not None
    assert folder.get_remote_path() == str(tmp_path / 'second')


def test_the_end_of_a_process(end: EndRelaxation) -> None:
    succeeded, failed = end(), end(exit_status=401, exit_message='too many iterations')
    killed = end(exit_status=None, state=ProcessState.KILLED)
    assert describe_end(succeeded) == f'VaspWorkChain<{succeeded.pk}> succeeded'
    assert describe_end(failed) == (
        f'VaspWorkChain<{failed.pk}> failed with exit status 401: too many iterations'
    )
    assert describe_end(killed) == f'VaspWorkChain<{killed.pk}> was killed'


def test_the_end_without_a_message(end: EndRelaxation) -> None:
    node = end(exit_status=300)
    assert describe_end(node) == f'VaspWorkChain<{node.pk}> failed with exit status 300'


@pytest.mark.parametrize(
    ('exception', 'message'),
    [
        ('Traceback (most recent call last):\n  File "x.py"\nValueError: no\n', 'ValueError: no'),
        ('', 'without a message'),
        (None, 'without a message'),
    ],
)
def test_the_end_by_an_exception(end: EndRelaxation, exception: str | None, message: str) -> None:
    node = end(exit_status=None, state=ProcessState.EXCEPTED)
    if exception is not None:
        node.set_exception(exception)
    assert describe_end(node) == f'VaspWorkChain<{node.pk}> excepted: {message}'


def test_a_failure_names_the_last_calculation(
    end: EndRelaxation, end_calculation: EndCalculation
) -> None:
    relaxation = end(exit_status=401, exit_message='too many iterations')
    end_calculation(relaxation, exit_status=700, exit_message='not finished')
    last = end_calculation(relaxation, exit_status=702, exit_message='ions not converged')
    assert describe_failure(relaxation) == (
        f'VaspWorkChain<{relaxation.pk}> failed with exit status 401: too many iterations; '
        f'its last VaspCalculation<{last.pk}> failed with exit status 702: ions not converged'
    )


def test_a_failure_whose_last_calculation_succeeded(
    end: EndRelaxation, end_calculation: EndCalculation
) -> None:
    relaxation = end(exit_status=504, exit_message='ions not converged')
    end_calculation(relaxation, energies(), copper_slab(3))
    assert describe_failure(relaxation) == (
        f'VaspWorkChain<{relaxation.pk}> failed with exit status 504: ions not converged'
    )


def test_a_killed_relaxation_does_not_name_the_calculation_killed_with_it(
    end: EndRelaxation, end_calculation: EndCalculation
) -> None:
    relaxation = end(exit_status=None, state=ProcessState.KILLED)
    calculation = end_calculation(relaxation, exit_status=None)
    calculation.set_process_state(ProcessState.KILLED)
    assert describe_failure(relaxation) == f'VaspWorkChain<{relaxation.pk}> was killed'


def test_a_failure_without_calculations(end: EndRelaxation) -> None:
    relaxation = end(exit_status=None, state=ProcessState.KILLED)
    assert describe_failure(relaxation) == f'VaspWorkChain<{relaxation.pk}> was killed'


@pytest.mark.parametrize(
    ('outputs', 'missing'),
    [
        ((), 'misc and structure'),
        (('misc',), 'structure'),
        (('structure',), 'misc'),
    ],
)
def test_missing_outputs_are_named(
    end: EndRelaxation, outputs: tuple[str, ...], missing: str
) -> None:
    nodes = {'misc': energies(), 'structure': copper_slab(3)}
    relaxation = end(**{name: nodes[name] for name in outputs})
    assert describe_failure(relaxation) == (
        f'VaspWorkChain<{relaxation.pk}> finished without the output {missing}'
    )
