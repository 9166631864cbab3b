"""Waiting for several calls at once."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from .commands import sleep, to_seconds
from .errors import describe_error
from .scheduling.stopping import give_up, stop
from .scheduling.tasks import Future, Task, current_task


def gather(*items: Any, return_exceptions: bool = False) -> Task:
    """Return a task with the results of all items, in the same shape.

    :param items: handles, coroutines, and lists, tuples and mappings of them, also nested. With one
        item its shape is that of the result, with several the result is a list. Coroutines start
        at once, each in a task of its own.
    :param return_exceptions: return exceptions in place of results. Otherwise the first one, in
        the order of the items, is raised, but only when all items are done; its notes list the
        others.
    :raises TypeError: if an item is anything else.
    """
    task = current_task('gather()')
    shape = _start(task, items[0] if len(items) == 1 else list(items))
    gathered = task.spawn(lambda: _collect(shape, return_exceptions))
    gathered.items = [*_leaves(shape)]
    return gathered


class as_completed:  # noqa: N801 - it is used like a function
    """Iterate over items in the order in which they are done, with ``for`` or ``async for``.

    Each item that it yields is done: its ``result()`` returns at once, or raises the exception. For
    a mapping it yields pairs of a key and an item.

    :param items: a list of handles and coroutines, or a mapping of them.
    """

    def __init__(self, items: Any) -> None:
        task = current_task('as_completed()')
        self._keyed = isinstance(items, Mapping)
        named = items.items() if isinstance(items, Mapping) else enumerate(items)
        self._futures = {key: _as_future(task, item) for key, item in named}

    def __iter__(self) -> Iterator[Any]:
        while self._futures:
            current_task('as_completed()').wait_any(self._futures.values())
            future = _earliest(self._futures.values())
            key = next(key for key, member in self._futures.items() if member is future)
            del self._futures[key]
            yield (key, future) if self._keyed else future

    async def __aiter__(self) -> AsyncIterator[Any]:
        for item in self:
            yield item


def first(*items: Any, kill: bool = False) -> Task:
    """Return a task with the result of the item that is done first.

    :param items: handles and coroutines, or one list of them.
    :param kill: kill the processes of the others, with all that a coroutine or ``gather`` has
        called or waits for. Otherwise they continue, and the workflow may end before they do.
    """
    task = current_task('first()')
    listed = items[0] if len(items) == 1 and isinstance(items[0], (list, tuple)) else items
    futures = [_as_future(task, item) for item in listed]
    if not futures:
        raise TypeError('first() needs at least one handle or coroutine')

    def race() -> Any:
        current_task('first()').wait_any(futures)
        winner = _earliest(futures)
        give_up(*(future for future in futures if future is not winner))
        if kill:
            stop(*futures)
        return winner.result()

    racing = task.spawn(race)
    racing.items = futures
    return racing


def wait_for(item: Any, timeout: float | timedelta, kill: bool = False) -> Task:
    """Return a task with the result of an item, if it is done in time.

    The time counts from this call; a restart of the daemon does not reset it. An item that takes
    longer continues, and can be awaited again; the workflow may end before it does.

    :param item: a handle, a coroutine, or what ``gather``, ``first`` or ``wait_for`` returns.
    :param timeout: the longest time to wait, in s, or a ``timedelta``.
    :param kill: end an item that takes longer: its process is killed, with all that a coroutine or
        ``gather`` has called or waits for.
    :raises TimeoutError: at the ``await``, if the item takes longer.
    """
    task = current_task('wait_for()')
    target, timer = _as_future(task, item), sleep(timeout)

    def wait() -> Any:
        current_task('wait_for()').wait_any([target, timer])
        if target.done():
            timer.cancel()
            return target.result()
        give_up(target)
        if kill:
            stop(target)
        raise TimeoutError(f'{target!r} has not ended within {to_seconds(timeout)} s')

    waiting = task.spawn(wait)
    waiting.items = [target, timer]
    return waiting


def _as_future(task: Task, item: Any) -> Future[Any]:
    if isinstance(item, Future):
        return item
    if inspect.iscoroutine(item):
        return task.spawn(lambda: item)
    raise TypeError(
        f'only handles of submit() and coroutines can be waited for, not {type(item).__name__}'
    )


def _start(task: Task, item: Any) -> Any:
    """Return the shape of an item, with futures at its leaves."""
    if isinstance(item, Mapping):
        return {key: _start(task, value) for key, value in item.items()}
    if isinstance(item, (list, tuple)):
        return [_start(task, value) for value in item]
    return _as_future(task, item)


def _leaves(shape: Any) -> Iterator[Future[Any]]:
    if isinstance(shape, Future):
        yield shape
    else:
        for value in shape.values() if isinstance(shape, dict) else shape:
            yield from _leaves(value)


def _collect(shape: Any, return_exceptions: bool) -> Any:
    task = current_task('gather()')
    try:
        for leaf in _leaves(shape):
            task.wait_any([leaf])
    except asyncio.CancelledError:
        for leaf in _leaves(shape):
            if isinstance(leaf, Task):
                leaf.cancel()
        raise

    def read(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: read(value) for key, value in part.items()}
        if isinstance(part, list):
            return [read(value) for value in part]
        error = part.exception()
        return error if return_exceptions and error is not None else part.result()

    errors = [leaf.exception() for leaf in dict.fromkeys(_leaves(shape))]
    _tell_together([error for error in errors if error is not None and not return_exceptions])
    return read(shape)


def _tell_together(errors: Sequence[BaseException]) -> None:
    """Note at the first of several errors, which is raised, what the others are."""
    for error in errors[1:]:
        note = f'also: {describe_error(error)}'
        if error is not errors[0] and note not in getattr(errors[0], '__notes__', ()):
            errors[0].add_note(note)


def _earliest(futures: Iterable[Future[Any]]) -> Future[Any]:
    """Return the future that was done first."""
    done = [future for future in futures if future.done()]
    owner = current_task('as_completed()').owner
    by_end = owner is None or owner.journal.rules >= 1
    return min(done, key=lambda future: future.number) if by_end else done[0]
