"""Commands of a workflow's function, such as values that stay the same when it runs again."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NoReturn
from uuid import UUID, uuid5

from .calls import Timer
from .errors import ContinueAsNew
from .execution import current_execution
from .record.journal import format_position
from .scheduling.tasks import current_task


def side_effect(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function here and record what it returns: it is not called again after a restart.

    For values that must not change when the workflow's function runs again: an environment
    variable, a list of files, the response of a server. The function runs in the event loop, so it
    must be fast. If it raises, nothing is recorded, and a restart calls it again. It must not call
    commands: a restart does not call it, and so cannot repeat them.

    :returns: the value as recorded: tuples as lists, numbers of numpy as those of Python.
    :raises NotInWorkflowError: in the function, if it calls a command.
    :raises TypeError: if the value is not made of plain values.
    """
    name = getattr(function, '__name__', type(function).__name__)
    command = f'side_effect({name})'
    return current_execution('side_effect()').keep(command, lambda: function(*args, **kwargs))


def now() -> datetime:
    """Return the time at which the workflow first reached this call, in UTC."""
    seconds = current_execution('now()').keep('now()', time.time)
    return datetime.fromtimestamp(seconds, tz=UTC)


def sleep(seconds: float | timedelta) -> Timer:
    """Return a timer to await.

    The time counts from this call; a restart of the daemon does not reset it.

    :param seconds: how long to wait, in s, or a ``timedelta``.
    :raises ValueError: if it is not a finite time.
    """
    execution = current_execution('sleep()')
    duration = to_seconds(seconds)
    return execution.start_timer(execution.keep('sleep()', lambda: time.time() + duration))


def to_seconds(duration: float | timedelta) -> float:
    """Return a duration in s.

    :raises ValueError: if it is not finite.
    """
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else float(duration)
    if not math.isfinite(seconds):
        raise ValueError(f'a time to wait is a finite number of seconds, not {duration}')
    return seconds


def random() -> float:
    """Return a random number in [0, 1), derived from the UUID of the workflow and the position."""
    return Random(str(_derive_uuid('random()'))).random()


def uuid() -> UUID:
    """Return a UUID, derived from the UUID of the workflow and the position of the call."""
    return _derive_uuid('uuid()')


def report(message: str) -> None:
    """Write a line into the report of the workflow, once."""
    execution, task = current_execution('report()'), current_task('report()')
    if not execution.is_replaying:
        task.run_in_hub(lambda: execution.backend.report(message))


def patched(name: str) -> bool:
    """Return whether the workflow should take the newer code path at a change of its function.

    True for workflows that reach this call after the change; false for those that passed it
    before, and have to repeat the calls of the older path. The answer never changes.

    :param name: the name of the change; the same name gives the same answer everywhere.
    """
    return current_execution('patched()').decide(name)


def continue_as_new(**inputs: Any) -> NoReturn:
    """Start the function again with other inputs and an empty history, in the same process.

    For endless loops: earlier calls stay in the provenance graph, but a restart no longer
    replays them.

    :param inputs: plain values, nodes and mappings of nodes, checked like those of the first start;
        omitted inputs keep their values. Nodes that are not stored are stored.
    :raises TypeError: if the function has no such parameter, or a value cannot be kept.
    :raises ValueError: if an input is refused, also by ``validate``.
    """
    raise ContinueAsNew(current_execution('continue_as_new()').rebind(inputs))


def _derive_uuid(command: str) -> UUID:
    task, execution = current_task(command), current_execution(command)
    position = format_position(task.take_position())
    return uuid5(UUID(execution.backend.uuid), f'{execution.journal.epoch}x{position}')
