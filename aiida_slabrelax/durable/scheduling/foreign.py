"""Code of other event loops in the function of a workflow: refused where it is used.

The worker's own event loop runs while a function does. What would wait in it, or would cancel the
task of asyncio in which it runs, would reach the whole process, not the line that asked for it.
"""

from __future__ import annotations

import asyncio
from asyncio import _enter_task, _leave_task  # public to those who extend asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

#: How often a coroutine may await what is foreign, and catch the error, before it is given up.
PATIENCE = 100

#: Coroutines that were given up: one that is forgotten would run once more.
_GIVEN_UP: list[Coroutine[Any, Any, Any]] = []


def drive(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in the current task. What it may await switches greenlets and never yields.

    :raises TypeError: in the coroutine, where it awaits something of another event loop.
    """
    error: TypeError | None = None
    for _ in range(PATIENCE):
        try:
            foreign = coroutine.send(None) if error is None else coroutine.throw(error)
        except StopIteration as stop:
            return stop.value
        if isinstance(foreign, asyncio.Future):
            foreign.cancel()
        error = TypeError(
            'a durable workflow cannot await what belongs to another event loop'
            f'{_describe(foreign)}: use submit, gather, sleep and wait_for of '
            'aiida_slabrelax.durable, or move it into a function of its own and submit that'
        )
    _GIVEN_UP.append(coroutine)
    with suppress(RuntimeError):  # it ignores this as well
        coroutine.close()
    assert error is not None
    raise error


def _describe(foreign: Any) -> str:
    return '' if foreign is None else f' ({type(foreign).__name__})'


_NO_TASKS = (
    'a durable workflow cannot have timeouts and tasks of asyncio: use wait_for and gather of '
    'aiida_slabrelax.durable, or move it into a function of its own and submit that'
)


class _NoTask:
    """Stands in for the current task of asyncio; whoever asks anything of it is refused."""

    def __getattr__(self, name: str) -> NoReturn:
        raise TypeError(_NO_TASKS)

    def __hash__(self) -> int:
        raise TypeError(_NO_TASKS)  # libraries look the current task up in dictionaries


_NO_TASK: Any = _NoTask()


def _refuse(loop: asyncio.AbstractEventLoop, coroutine: Any, **_: Any) -> NoReturn:
    """Take the place of what makes tasks of asyncio."""
    coroutine.close()
    raise TypeError(_NO_TASKS)


@contextmanager
def _without_timeouts(loop: asyncio.AbstractEventLoop, name: str) -> Iterator[None]:
    """Within the block, let a method of a loop that calls a function later refuse timeouts.

    ``async_timeout``, and ``asyncio.timeout`` of Python 3.11.2, ask nothing of the task before they
    cancel it, so that the function would go on without its timeout.
    """
    schedule = getattr(loop, name)

    def schedule_or_refuse(*arguments: Any, **options: Any) -> Any:
        for callback in arguments:
            if getattr(getattr(callback, '__self__', None), '_task', None) is _NO_TASK:
                raise TypeError(_NO_TASKS)
        return schedule(*arguments, **options)

    setattr(loop, name, schedule_or_refuse)
    try:
        yield
    finally:
        setattr(loop, name, schedule)


@contextmanager
def without_task() -> Iterator[None]:
    """Hide the task of asyncio in which this is called, within the block, and let none be made.

    asyncio.timeout, TaskGroup and others would cancel it, and so the process.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        yield
        return
    task: Any = asyncio.current_task(loop)
    factory = loop.get_task_factory()
    if task is not None:
        _leave_task(loop, task)
    _enter_task(loop, _NO_TASK)
    loop.set_task_factory(_refuse)
    try:
        with _without_timeouts(loop, 'call_at'), _without_timeouts(loop, 'call_soon'):
            yield
    finally:
        loop.set_task_factory(factory)
        _leave_task(loop, _NO_TASK)
        if task is not None:
            _enter_task(loop, task)
