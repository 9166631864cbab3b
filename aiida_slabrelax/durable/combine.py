"""Waiting for several things at once."""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from .calls import Handle, Timer
from .lines import Line, Waitable, current_line
from .session import current_session
from .values import sleep


def gather(*items: Any, return_exceptions: bool = False) -> Line:
    """Return something to await that gives the results of everything in it, in the same shape.

    :param items: handles, coroutines, and lists, tuples and mappings of them, also nested. With one
        item its shape is that of the result, with several the result is a list. Coroutines start
        at once, each in a line of execution of its own.
    :param return_exceptions: errors take the places of the results. Otherwise the first one, in the
        order of the items, is raised, but only when everything has ended: nothing is left alone.
    :raises TypeError: if there is something else among the items.
    """
    line = current_line('gather()')
    shape = _start(line, items[0] if len(items) == 1 else list(items))
    return line.spawn(lambda: _collect(shape, return_exceptions))


class as_completed:  # noqa: N801 - it is used like a function
    """The items in the order in which they end, for ``for`` and ``async for``.

    Each one is settled: its ``result()`` returns at once, or raises the error. Of a mapping there
    are pairs of a key and an item.

    :param items: a list of handles and coroutines, or a mapping of them.
    """

    def __init__(self, items: Any) -> None:
        self._line = current_line('as_completed()')
        self._keyed = isinstance(items, Mapping)
        named = items.items() if isinstance(items, Mapping) else enumerate(items)
        self._left = {key: _as_waitable(self._line, item) for key, item in named}

    def __iter__(self) -> Iterator[Any]:
        while self._left:
            current_line('as_completed()').wait_any(self._left.values())
            key = next(key for key, one in self._left.items() if one.settled)
            one = self._left.pop(key)
            yield (key, one) if self._keyed else one

    async def __aiter__(self) -> AsyncIterator[Any]:
        for one in self:
            yield one


def first(*items: Any, kill: bool = False) -> Line:
    """Return something to await that gives the result of the item that ends first.

    :param items: handles and coroutines, or one list of them.
    :param kill: the processes of the other handles are killed, the other coroutines cancelled.
        Otherwise they go on, and the workflow may end before they do.
    """
    line = current_line('first()')
    given = items[0] if len(items) == 1 and isinstance(items[0], (list, tuple)) else items
    racers = [_as_waitable(line, item) for item in given]
    if not racers:
        raise TypeError('first() needs at least one handle or coroutine')

    def race() -> Any:
        current_line('first()').wait_any(racers)
        winner = next(racer for racer in racers if racer.settled)
        if kill:
            for racer in racers:
                _stop(racer)
        return winner.result()

    return line.spawn(race)


def timeout(item: Any, seconds: float, kill: bool = False) -> Line:
    """Return something to await that gives the result of an item, if it ends in time.

    The time is counted from this call; a restart of the daemon does not begin it anew.

    :param item: a handle or a coroutine.
    :param seconds: how long it may take.
    :param kill: a process that takes longer is killed. Otherwise it goes on, and the workflow may
        end before it does. A coroutine is cancelled in either case.
    :raises TimeoutError: at the await, if it takes longer.
    """
    line = current_line('timeout()')
    target, timer = _as_waitable(line, item), sleep(seconds)

    def wait() -> Any:
        current_line('timeout()').wait_any([target, timer])
        if target.settled:
            timer.cancel()
            return target.result()
        if kill or isinstance(target, Line):
            _stop(target)
        raise TimeoutError(f'{target!r} has not ended within {seconds} s')

    return line.spawn(wait)


class limit:  # noqa: N801 - it is used like a function
    """So many lines of execution at a time: ``with limit(4) as slots`` or ``async with``.

    Made once and entered by each line; a line waits until a place is free, in the order
    of arrival.

    :param places: how many lines may be inside at a time.
    :raises ValueError: if there is no place.
    """

    def __init__(self, places: int) -> None:
        if places < 1:
            raise ValueError(f'limit() needs at least one place, not {places}')
        self._free = places
        self._queue: deque[Waitable[None]] = deque()

    def __enter__(self) -> limit:
        if self._free:
            self._free -= 1
            return self
        turn: Waitable[None] = Waitable()
        self._queue.append(turn)
        try:
            turn.result()
        except BaseException:  # cancelled, or left: its place or its turn is given back
            if turn.settled:
                self.__exit__()
            else:
                self._queue.remove(turn)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._queue:
            self._queue.popleft().settle()
        else:
            self._free += 1

    async def __aenter__(self) -> limit:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        self.__exit__()


def _as_waitable(line: Line, item: Any) -> Waitable[Any]:
    if isinstance(item, Waitable):
        return item
    if inspect.iscoroutine(item):
        return line.spawn(lambda: item)
    raise TypeError(
        f'only handles of submit() and coroutines can be waited for, not {type(item).__name__}'
    )


def _start(line: Line, item: Any) -> Any:
    """Return the shape of an item with something to wait for at each of its leaves."""
    if isinstance(item, Mapping):
        return {key: _start(line, value) for key, value in item.items()}
    if isinstance(item, (list, tuple)):
        return [_start(line, value) for value in item]
    return _as_waitable(line, item)


def _leaves(shape: Any) -> Iterator[Waitable[Any]]:
    if isinstance(shape, Waitable):
        yield shape
    else:
        for value in shape.values() if isinstance(shape, dict) else shape:
            yield from _leaves(value)


def _collect(shape: Any, return_exceptions: bool) -> Any:
    line = current_line('gather()')
    try:
        for leaf in _leaves(shape):
            line.wait_any([leaf])
    except asyncio.CancelledError:
        for leaf in _leaves(shape):
            if isinstance(leaf, Line):
                leaf.cancel()
        raise

    def read(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: read(value) for key, value in part.items()}
        if isinstance(part, list):
            return [read(value) for value in part]
        error = part.exception()
        return error if return_exceptions and error is not None else part.result()

    return read(shape)


def _stop(waitable: Waitable[Any]) -> None:
    if isinstance(waitable, Handle) and not waitable.settled:
        node, session = waitable.node, current_session('kill')
        if node is not None:
            current_line('kill').ask(lambda: session.ledger.kill(node))
    elif isinstance(waitable, (Line, Timer)):
        waitable.cancel()
