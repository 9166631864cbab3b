"""The messages of errors."""

from __future__ import annotations

import copy

import pytest
from aiida import orm
from plumpy import ProcessState

from aiida_slabrelax.durable.errors import (
    ChildExcepted,
    ChildFailed,
    ChildKilled,
    ContinueAsNew,
    NondeterminismError,
    NotImportableError,
)

TRACEBACK = 'Traceback (most recent call last):\n  File "x"\nValueError: not 3\n'


@pytest.fixture
def node() -> orm.CalcFunctionNode:
    node = orm.CalcFunctionNode()
    node.set_process_label('relax')
    return node.store()


def test_a_failure_tells_status_and_message(node: orm.CalcFunctionNode) -> None:
    node.set_process_state(ProcessState.FINISHED)
    node.set_exit_status(410)
    node.set_exit_message('3 is odd')
    failure = ChildFailed(node)
    assert str(failure) == f'relax<{node.pk}> failed [410]: 3 is odd'
    assert (failure.exit_status, failure.exit_message) == (410, '3 is odd')


def test_a_failure_without_message(node: orm.CalcFunctionNode) -> None:
    node.set_process_state(ProcessState.FINISHED)
    node.set_exit_status(1)
    assert str(ChildFailed(node)) == f'relax<{node.pk}> failed [1]: no message'


def test_a_kill_tells_its_reason(node: orm.CalcFunctionNode) -> None:
    node.set_process_state(ProcessState.KILLED)
    node.set_process_status('Killed by me')
    error = ChildKilled(node)
    assert str(error) == f'relax<{node.pk}> was killed: Killed by me'
    assert error.exit_status is None


def test_an_exception_tells_its_last_line(node: orm.CalcFunctionNode) -> None:
    node.set_process_state(ProcessState.EXCEPTED)
    node.set_exception(TRACEBACK)
    error = ChildExcepted(node)
    assert str(error) == f'relax<{node.pk}> excepted: ValueError: not 3'
    assert (error.exit_status, error.exit_message) == (None, 'ValueError: not 3')


@pytest.mark.parametrize('error', [ChildKilled, ChildExcepted])
def test_a_missing_reason_is_named(error: type[ChildFailed], node: orm.CalcFunctionNode) -> None:
    assert error(node).exit_message == 'no message'


@pytest.mark.parametrize('error', [ChildFailed, ChildKilled, ChildExcepted])
def test_an_error_can_be_copied(error: type[ChildFailed], node: orm.CalcFunctionNode) -> None:
    one = error(node)
    other = copy.copy(one)
    assert type(other) is error
    assert str(other) == str(one)


def test_what_cannot_be_imported_names_the_two_ways_out() -> None:
    assert str(NotImportableError('optimise', '__main__')) == (
        'optimise cannot be imported by the daemon: it is defined in __main__, not at the top '
        'level of a module. Either move it into a module that the daemon can import (an installed '
        'package, or a file in a folder of PYTHONPATH; restart the daemon), or run it here with '
        'aiida.engine.run instead of submit'
    )


@pytest.mark.parametrize('error', [NondeterminismError, ContinueAsNew])
def test_what_a_function_must_not_catch(error: type[BaseException]) -> None:
    assert not issubclass(error, Exception)
