"""What a function does otherwise than recorded, in words."""

from __future__ import annotations

from ..errors import NondeterminismError, describe_error, find_line
from ..scheduling.tasks import Task

_ADVICE = (
    'Mend the function so that it makes the recorded calls in the recorded order (patched() keeps '
    'both ways of doing it), restart the daemon, and play the process.'
)


def describe_mismatch(task: Task, difference: str) -> NondeterminismError:
    """Return the error that names the line of a task and what the function does there."""
    file, number = task.source()
    place = f'{file}:{number}:' if number else 'At its end'
    return NondeterminismError(f'{place} the function {difference}. {_ADVICE}')


def name_cause(root: Task) -> str:
    """Return the error with which the function has ended, if it has, for the end of a message."""
    error = root.exception()
    if error is None:
        return ''
    return f': it has raised {describe_error(error)} at {find_line(error)}'
