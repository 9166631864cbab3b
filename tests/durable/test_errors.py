"""The messages of errors."""

from __future__ import annotations

import copy
import json
import traceback

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
    describe_error,
    find_line,
    read_exception,
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


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except BaseException as caught:
        return caught


def with_notes(*notes: str) -> BaseException:
    error = KeyError('a')
    for note in notes:
        error.add_note(note)
    return error


@pytest.mark.parametrize(
    ('error', 'message'),
    [
        (
            ExceptionGroup('two failed', [raised(ValueError('a')), raised(TypeError('b'))]),
            'ExceptionGroup: two failed (2 sub-exceptions); ValueError: a; TypeError: b',
        ),
        (with_notes('also: ValueError: b'), "KeyError: 'a'; also: ValueError: b"),
        (with_notes('the file is\n  empty'), "KeyError: 'a'"),
        (ValueError('2 faults\n  x\n    must be a number'), 'ValueError: 2 faults'),
        (SyntaxError('invalid', ('x.py', 3, 1, 'x y')), 'SyntaxError: invalid'),
        (raised(ValueError('b'), raised(with_notes('also: c'))), 'ValueError: b'),
    ],
)
def test_an_exception_is_told_in_one_line(
    node: orm.CalcFunctionNode, error: BaseException, message: str
) -> None:
    node.set_process_state(ProcessState.EXCEPTED)
    # aiida-core leaves the traceback of the last exception out, but not those of its causes.
    for trace in (None, raised(error, error.__cause__).__traceback__):
        node.set_exception(''.join(traceback.format_exception(type(error), error, trace)).rstrip())
        assert read_exception(node) == message


def test_of_a_group_all_are_described() -> None:
    error = ExceptionGroup('two failed', [ValueError('a'), TypeError('b')])
    assert describe_error(error) == (
        'ExceptionGroup: two failed (2 sub-exceptions); ValueError: a; TypeError: b'
    )


def test_the_line_of_an_error_is_the_users_own() -> None:
    with pytest.raises(ValueError, match='Expecting') as caught:
        json.loads('{')
    line = caught.tb.tb_lineno
    assert find_line(caught.value) == f'{__file__}:{line}'


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
