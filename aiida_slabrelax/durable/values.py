"""Values from outside the function that are the same when it is run again."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any, NoReturn
from uuid import UUID, uuid5

from .calls import Timer
from .errors import ContinueAsNew
from .journal import format_position
from .lines import current_line
from .session import current_session


def local(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function here and keep what it returns: it is not called again after a restart.

    For what must not change when the workflow's function is run again: an environment variable, a
    list of files, an answer from a server. The function runs in the event loop, so it has to be
    quick; one that raises is called again.

    :returns: the value as it is kept: tuples as lists, numpy's numbers as Python's.
    :raises TypeError: if it is not made of plain values.
    """
    name = getattr(function, '__name__', type(function).__name__)
    return current_session('local()').keep(f'local({name})', lambda: function(*args, **kwargs))


def now() -> datetime:
    """Return the time at which the workflow has come here first, in UTC."""
    seconds = current_session('now()').keep('now()', time.time)
    return datetime.fromtimestamp(seconds, tz=UTC)


def sleep(seconds: float) -> Timer:
    """Return something to await that takes some seconds.

    They are counted from this call; a restart of the daemon does not begin them anew.
    """
    session = current_session('sleep()')
    return session.start_timer(session.keep('sleep()', lambda: time.time() + float(seconds)))


def random() -> float:
    """Return a random number in [0, 1), made of the UUID of the workflow and this call's place."""
    return Random(str(_place('random()'))).random()


def uuid() -> UUID:
    """Return a UUID, made of that of the workflow and this call's place."""
    return _place('uuid()')


def report(message: str) -> None:
    """Write a line into the report of the workflow, once."""
    session, line = current_session('report()'), current_line('report()')
    if not session.is_replaying:
        line.ask(lambda: session.ledger.report(message))


def patched(name: str) -> bool:
    """Return whether a workflow is to go the new way at a change of its function.

    True for workflows that come here after the change; false for those that had gone on from here
    before it, and have to do again what they did. The answer stays the same.

    :param name: names the change; the same name anywhere in the function gives the same answer.
    """
    return current_session('patched()').decide(name)


def continue_as_new(**inputs: Any) -> NoReturn:
    """Begin the function anew, with other inputs and an empty history, in the same process.

    For loops without end: what has been called before is in the graph for ever, but is not run
    through again after a restart.

    :param inputs: plain values and stored nodes; those that are not given stay as they are.
    """
    current_session('continue_as_new()')
    raise ContinueAsNew(inputs)


def _place(command: str) -> UUID:
    line, session = current_line(command), current_session(command)
    position = format_position(line.take_position())
    return uuid5(UUID(session.ledger.uuid), f'{session.journal.epoch}x{position}')
