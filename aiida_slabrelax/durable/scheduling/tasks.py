"""Tasks: functions that wait for each other without an event loop.

Every task is a greenlet, so a plain function, a coroutine and a callback of a library can
all wait in the middle of an expression. The greenlet that runs the scheduler is the hub: a task
that waits, or that needs something done outside itself, switches to the hub, which switches back.
Tasks run one at a time, in the order in which they became ready: the same sequence of results gives
the same interleaving.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Callable, Iterable
from contextvars import copy_context
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from greenlet import GreenletExit, greenlet

from ..errors import NondeterminismError
from .foreign import drive
from .futures import Future as Future
from .futures import current_task as current_task
from .futures import running_task as running_task

if TYPE_CHECKING:
    from .scheduler import Scheduler

T = TypeVar('T')

#: How many commands of a task that is left are refused before it is abandoned where it is.
PATIENCE = 100

#: Tasks that were abandoned. A greenlet that is forgotten would be thrown into once more.
_ABANDONED: list[Task] = []

#: The place of a call: the numbers of the tasks that lead to it, then its number in its own task.
Position = tuple[int, ...]


class Task(Future[Any]):
    """A function that runs concurrently with others; done when it has returned or raised.

    :ivar items: what the task was made to wait for.
    """

    def __init__(
        self, scheduler: Scheduler, position: Position, function: Callable[[], Any]
    ) -> None:
        super().__init__()
        self.position = position
        self.owner = scheduler.owner
        self.items: list[Future[Any]] = []
        self._scheduler = scheduler
        self._function = function
        self._count = 0
        self._awaited: list[Future[Any]] = []
        self.request: Callable[[], Any] | None = None
        #: The command whose function runs at present, in which no other may be given.
        self.outside: str | None = None
        self._cancelled = False
        self._ending: type[BaseException] | None = None
        self._refused = 0
        self.greenlet = _TaskGreenlet(self._run)
        self.greenlet.task = self
        # A greenlet starts with an empty context; the running process is found through it.
        self.greenlet.gr_context = copy_context()

    def __repr__(self) -> str:
        return f'<task {"x".join(map(str, self.position)) or "main"}>'

    def take_position(self) -> Position:
        """Return the position of the next call in this task."""
        self._count += 1
        return (*self.position, self._count - 1)

    def wait_any(self, futures: Iterable[Future[Any]]) -> None:
        """Wait until at least one of some futures is done.

        :raises asyncio.CancelledError: if the task was cancelled.
        """
        futures = list(dict.fromkeys(futures))  # a future listed twice would wake the task twice
        if not any(future.done() for future in futures):
            self._awaited = futures
            for future in futures:
                future.waiters.append(self)
            self._scheduler.switch_to_hub(self, None)
        if self._cancelled:
            self._cancelled = False
            raise asyncio.CancelledError

    def run_in_hub(self, request: Callable[[], T]) -> T:
        """Run a function in the hub; return what it returns, or raise what it raises."""
        value, error = self._scheduler.switch_to_hub(self, request)
        if error is not None:
            raise error
        return cast(T, value)

    def wake(self) -> None:
        """Make the task ready: one of the futures that it awaits is done."""
        for future in self._awaited:
            future.waiters.remove(self)
        self._awaited = []
        self._scheduler.ready.append(self)

    def cancel(self) -> None:
        """Raise :class:`asyncio.CancelledError` in the task at the point where it waits."""
        if not self.done() and not self._cancelled:
            self._cancelled = True
            if self._awaited:
                self.wake()

    def stop(self) -> None:
        """Cancel the task for good: it may tidy up, but all its other commands are refused."""
        self._ending = self._ending or asyncio.CancelledError
        self.cancel()

    def throw(self, error: type[BaseException]) -> bool:
        """Raise an error in the task, and at all its commands; return whether it has ended."""
        self._ending = error
        self.greenlet.throw(error)
        if not self.greenlet.dead:
            _ABANDONED.append(self)
        return bool(self.greenlet.dead)

    def check(self, command: str) -> None:
        """Refuse a command if the task is left: an error each time, and at last no way back.

        A function that catches all errors and tries again would otherwise go round for ever, and
        its worker with it.
        """
        if self._ending is None:
            return
        if self._ending is asyncio.CancelledError:
            if self._cancelled:
                self._cancelled = False
                raise asyncio.CancelledError
            if not self._refused and _is_tidying_up():
                return
        self._refused += 1
        if self._refused > PATIENCE:
            self._scheduler.abandon(self)
        raise self._ending(f'{command} is refused: this part of the workflow has been given up')

    @property
    def is_dropped(self) -> bool:
        """Whether the task is left because its workflow is, for now or for good."""
        return self._ending is GreenletExit

    @property
    def awaited(self) -> list[Future[Any]]:
        """What the task waits for at present."""
        return [*self._awaited]

    def spawn(self, function: Callable[[], Any]) -> Task:
        """Return a new task, numbered after the calls that this task has made so far."""
        return self._scheduler.spawn(self.take_position(), function)

    def source(self) -> tuple[str, int]:
        """Return the file and the line number at which the function of the task is."""
        package = __name__.rsplit('.', 2)[0]  # durable
        frame: FrameType | None = self.greenlet.gr_frame
        last = frame
        while frame is not None and frame.f_globals.get('__name__', '').startswith(package):
            last, frame = frame, frame.f_back
        frame = frame or last
        return ('?', 0) if frame is None else (frame.f_code.co_filename, frame.f_lineno)

    def _run(self) -> None:
        try:
            result = self._function()
            if inspect.iscoroutine(result):
                result = drive(result)
        except BaseException as error:
            if isinstance(error, NondeterminismError):
                raise
            if isinstance(error, GreenletExit) and self.is_dropped:
                raise
            self.set_exception(error)  # raised again where the task is awaited
            self._scheduler.failed.append(self)
        else:
            self.set_result(result)


class _TaskGreenlet(greenlet):  # type: ignore[misc] # it has no types
    """A greenlet that knows its task."""

    task: Task


def _is_tidying_up() -> bool:
    """Return whether a cancellation is just being handled, by ``except`` or ``finally``."""
    error = sys.exception()
    while error is not None and not isinstance(error, asyncio.CancelledError):
        error = error.__context__
    return error is not None
