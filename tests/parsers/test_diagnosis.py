"""What the files of a calculation tell, read from the nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.orm import CalcJobNode, Computer, WorkChainNode

from aiida_slabrelax.failures import Diagnosis
from aiida_slabrelax.parsers.diagnosis import (
    describe_diagnosis,
    diagnose_calculation,
    diagnose_files,
    may_be_repeated,
    warnings_of,
)
from failed_relaxations import TIME_LIMIT, ZBRENT, fail_calculation, shifted
from sample_structures import copper_slab

Fail = Callable[..., CalcJobNode]


@pytest.fixture
def fail(localhost: Computer) -> Fail:
    """Return a function that makes a calculation of a copper slab that has left such files."""

    def make(files: dict[str, str], **outcome: Any) -> CalcJobNode:
        caller = outcome.pop('caller', None)
        return fail_calculation(caller, localhost, copper_slab(3), files, **outcome)

    return make


def name_of(calculation: CalcJobNode) -> str | None:
    diagnosis = diagnose_calculation(calculation)
    return diagnosis.name if diagnosis is not None else None


def test_the_output_of_vasp_is_read(fail: Fail) -> None:
    diagnosis = diagnose_calculation(fail({'vasp_output': f' RMM: 1\n{ZBRENT}'}))
    assert diagnosis is not None
    assert diagnosis.name == 'ZBRENT'
    assert diagnosis.last_lines == (
        'RMM: 1',
        'ZBRENT: fatal error in bracketing',
        'please rerun with smaller EDIFF',
    )


@pytest.mark.parametrize('name', ['_scheduler-stderr.txt', '_scheduler-stdout.txt', 'OUTCAR'])
def test_what_the_machine_has_written_is_read(fail: Fail, name: str) -> None:
    assert name_of(fail({'vasp_output': ' RMM: 1\n', name: TIME_LIMIT})) == 'WALL TIME'


def test_only_the_end_of_outcar_is_read(fail: Fail) -> None:
    assert name_of(fail({'OUTCAR': TIME_LIMIT + ' x\n' * 100})) is None


@pytest.mark.parametrize('stop', ['soft', 'hard'])
@pytest.mark.parametrize('status', [701, 702])
def test_a_stop_is_found_wherever_outcar_tells_of_it(fail: Fail, stop: str, status: int) -> None:
    outcar = f' {stop} stop encountered!  aborting job ...\n' + ' x\n' * 1000
    misc = {'run_status': {'finished': True, 'electronic_converged': stop == 'soft'}}
    assert name_of(fail({'OUTCAR': outcar}, exit_status=status, misc=misc)) == 'STOPPED'


def test_bytes_that_are_no_text_are_no_hindrance(fail: Fail) -> None:
    calculation = fail({'vasp_output': f'\udcff{ZBRENT}'.encode('utf-8', 'replace').decode()})
    assert name_of(calculation) == 'ZBRENT'


def test_the_notifications_stand_for_an_output_that_was_not_kept(fail: Fail) -> None:
    misc = {'notifications': [{'name': 'zbrent', 'regex': 'ZBRENT: fatal error in bracketing'}]}
    assert name_of(fail({}, misc=misc)) == 'ZBRENT'


@pytest.mark.parametrize(('status', 'name'), [(701, 'NELM REACHED'), (702, 'NSW REACHED')])
def test_the_status_tells_what_has_not_converged(fail: Fail, status: int, name: str) -> None:
    diagnosis = diagnose_calculation(
        fail({'vasp_output': ' BRMIX: very serious problems\n'}, exit_status=status)
    )
    assert diagnosis is not None
    assert (diagnosis.name, diagnosis.also) == (name, ('BRMIX',))


def test_a_calculation_without_files_has_no_diagnosis(fail: Fail) -> None:
    assert diagnose_calculation(fail({})) is None


def test_a_description_has_name_advice_and_last_lines(fail: Fail) -> None:
    diagnosis = diagnose_calculation(fail({'vasp_output': f' a\n b\n{ZBRENT}'}))
    assert diagnosis is not None
    assert describe_diagnosis(diagnosis, lines=2) == (
        f'ZBRENT: {diagnosis.advice}; last lines: ZBRENT: fatal error in bracketing | '
        'please rerun with smaller EDIFF'
    )


def test_unknown_failures_are_described_by_their_last_lines() -> None:
    assert describe_diagnosis(Diagnosis(last_lines=('a', 'b'))) == 'last lines: a | b'


def test_all_warnings_of_a_calculation_that_went_on(fail: Fail) -> None:
    calculation = fail({'vasp_output': ' BRMIX: very serious problems\n' + ' DAV: 1\n' * 500})
    assert warnings_of(calculation) == ('BRMIX',)


@pytest.mark.parametrize(
    ('said', 'moves', 'expected'),
    [
        (ZBRENT, True, False),  # VASP would find it again
        (TIME_LIMIT, True, True),
        (TIME_LIMIT, False, False),
        ('*** JOB 1 ON n CANCELLED AT 10:00 DUE TO NODE FAILURE ***', False, True),
        ('oom-kill event', True, False),
        (' RMM: 1\n', True, True),
        (' RMM: 1\n', False, True),  # once
        ('internal error in subroutine FOOBAR: x', True, False),
    ],
)
def test_what_may_be_repeated(fail: Fail, said: str, moves: bool, expected: bool) -> None:
    calculation = fail({'vasp_output': said}, exit_status=700)
    inputs: Any = calculation.inputs
    diagnosis = diagnose_files(calculation, calculation.outputs.retrieved, {})
    reached = shifted(inputs.structure) if moves else inputs.structure
    assert may_be_repeated(diagnosis, calculation, reached) is expected


def test_unknown_failures_are_repeated_only_once(fail: Fail) -> None:
    caller = WorkChainNode().store()
    fail({'vasp_output': ' RMM: 1\n'}, caller=caller)
    again = fail({'vasp_output': ' RMM: 1\n'}, caller=caller)
    inputs: Any = again.inputs
    assert not may_be_repeated(Diagnosis(), again, inputs.structure)
