"""The end of a workflow: what its function has returned or raised, and what becomes of it."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...engine.faults import reach
from ...engine.ownership import is_cut
from ..calls import Handle
from ..errors import ChildExcepted, ChildFailed, describe_error, find_line
from ..execution import Execution
from ..record.journal import Journal
from ..renewal import keep_arguments
from ..values.trees import split_end
from .failures import as_failure
from .outputs import check_outputs, store_outputs

if TYPE_CHECKING:
    from .work_chain import DurableWorkChain

#: The extra of a workflow's node with its journal, and those of the epochs before the last.
JOURNAL_EXTRA = 'durable_journal'


class BugError(Exception):
    """The function has a bug, at which its process pauses: mended, it is played and goes on.

    :ivar details: the traceback.
    """

    def __init__(self, error: BaseException, place: str) -> None:
        self.details = ''.join(traceback.format_exception(error))
        super().__init__(
            f'{describe_error(error)}: {place}. Mend the function, restart the daemon, and play '
            'the process.'
        )


def end(process: DurableWorkChain, execution: Execution) -> Any:
    """Return what the process ends with: an exit code, or ``None``.

    :raises BugError: if the function has to be mended.
    :raises BaseException: its error, if the process does not wait for that.
    """
    error = execution.root.exception()
    if error is not None and not isinstance(error, ChildFailed):
        _stop_at(process, execution, error, f'raised by the function at {find_line(error)}')
    outputs: dict[str, Any] = {}
    if error is None:
        try:
            outputs = _check_outputs(process, execution)
        except (TypeError, ValueError) as refused:
            _stop_at(process, execution, refused, 'returned by the function')
    _file_journal(process, execution)
    if error is not None:
        return process.exit_codes.ERROR_CHILD_FAILED.format(message=describe_error(error))
    try:
        outputs = store_outputs(execution, outputs, process.flat_inputs())
    except ChildExcepted as refused:
        process.node.base.extras.delete(JOURNAL_EXTRA)  # the function is not at its end
        _stop_at(process, execution, refused, 'returned by the function')
    for port, value in outputs.items():
        process.out(port, value)
    return _find_exit_code(process, execution)


def continue_as_new(process: DurableWorkChain, inputs: Mapping[str, Any]) -> None:
    """Let the function begin again with an empty journal; the old one is stored."""
    journal, execution = process._journal, process._execution
    process.node.base.extras.set(f'{JOURNAL_EXTRA}_{journal.epoch}', journal.dumps())
    arguments = {**(journal.arguments or {}), **keep_arguments(inputs)}
    if execution is not None:
        process.turns.leave_all(execution.semaphores)
    process._forget()
    process._prepare(Journal(epoch=journal.epoch + 1, arguments=arguments))
    process._reloaded = True


def _check_outputs(process: DurableWorkChain, execution: Execution) -> dict[str, Any]:
    """Return the outputs, which no port refuses; those that are computed are not stored yet."""
    result, name = execution.root.result(), type(process).__name__
    outputs = check_outputs(execution, result, name, process.flat_inputs(), process.strict)
    try:
        for port, value in outputs.items():
            process.out(port, value)
    finally:
        process.outputs.clear()  # they are given once they are stored
    return outputs


def _find_exit_code(process: DurableWorkChain, execution: Execution) -> Any:
    unfinished = [future for future in execution.pending() if isinstance(future, Handle)]
    if unfinished:
        names = ', '.join(map(repr, unfinished))
        process.report(f'warning: the workflow ends before its children: {names}')
    exit_code = split_end(execution.root.result())[1]
    errors = execution.unheeded() if execution.journal.rules else []
    if errors:
        message = '; '.join(map(describe_error, errors))
        process.report(f'warning: nobody awaited what failed: {message}')
        if exit_code is None or not exit_code.status:
            return process.exit_codes.ERROR_NOT_AWAITED.format(message=message)
    return exit_code


def _file_journal(process: DurableWorkChain, execution: Execution) -> None:
    process.set_status(None)
    reach('before the journal is filed')
    process.node.base.extras.set(JOURNAL_EXTRA, process._journal.dumps())
    reach('after the journal is filed')
    process.turns.leave_all(execution.semaphores)


def _stop_at(
    process: DurableWorkChain, execution: Execution, error: BaseException, place: str
) -> None:
    # A connection to the database that was cut is no bug: the process stays as it is.
    if process.pauses and isinstance(error, Exception) and not is_cut(error):
        raise BugError(error, place) from error
    _file_journal(process, execution)
    raise as_failure(error, type(process).__name__)
