"""Lines of execution: functions that wait for each other without an event loop.

Every line is a greenlet, so that a plain function, a coroutine and somebody else's callback can all
wait in the middle of an expression. The greenlet that runs the scheduler is the hub: a line that
waits, or that wants something done outside itself, switches to the hub and is switched back to.
Lines run one at a time, in the order in which they became ready: the same sequence of settled
waitables gives the same interleaving.
"""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterable
from contextvars import copy_context
from types import FrameType
from typing import Any, Generic, TypeVar, cast

from greenlet import GreenletExit, getcurrent, greenlet

from .errors import HistoryMismatch, NotInWorkflowError

T = TypeVar('T')

#: Where a call stands: the numbers of the lines that lead to it, then its number in its own line.
Position = tuple[int, ...]


class Waitable(Generic[T]):
    """Something that is settled once, with a value or an error, and that lines can wait for."""

    def __init__(self) -> None:
        self.settled = False
        self._value: T | None = None
        self._error: BaseException | None = None
        self.waiters: list[Line] = []

    def settle(self, value: T | None = None, error: BaseException | None = None) -> None:
        """Settle it; the lines that wait become ready in the order in which they began to wait."""
        if self.settled:
            return
        self.settled, self._value, self._error = True, value, error
        for line in [*self.waiters]:
            line.wake()

    def result(self) -> T:
        """Return the value, once it is there; raise the error if there is one."""
        if not self.settled:
            current_line('result()').wait_any([self])
        if self._error is not None:
            raise self._error
        return cast(T, self._value)

    def exception(self) -> BaseException | None:
        """Return the error of what has been settled, ``None`` if it has succeeded."""
        return self._error

    def __await__(self) -> Generator[Any, Any, T]:
        """Wait like :meth:`result`."""
        yield from ()  # an awaitable has to be a generator; this one never yields
        return self.result()


class Line(Waitable[Any]):
    """A function that runs by itself; settled when the function has returned or raised."""

    def __init__(
        self, scheduler: Scheduler, position: Position, function: Callable[[], Any]
    ) -> None:
        super().__init__()
        self.position = position
        self.owner = scheduler.owner
        self._scheduler = scheduler
        self._function = function
        self._count = 0
        self._awaited: list[Waitable[Any]] = []
        self._cancelled = False
        self.greenlet = _LineGreenlet(self._run)
        self.greenlet.line = self
        # A greenlet starts with an empty context: the running process, for one, is kept there.
        self.greenlet.gr_context = copy_context()

    def take_position(self) -> Position:
        """Return the position of the next call in this line."""
        self._count += 1
        return (*self.position, self._count - 1)

    def wait_any(self, waitables: Iterable[Waitable[Any]]) -> None:
        """Return when at least one of some waitables is settled.

        :raises asyncio.CancelledError: if the line was cancelled.
        """
        waitables = list(dict.fromkeys(waitables))  # one that stood twice would wake it twice
        if not any(waitable.settled for waitable in waitables):
            self._awaited = waitables
            for waitable in waitables:
                waitable.waiters.append(self)
            self._scheduler.switch_to_hub(self, None)
        if self._cancelled:
            self._cancelled = False
            raise asyncio.CancelledError

    def ask(self, request: Callable[[], T]) -> T:
        """Have something done in the hub and return what it returns, or raise what it raises."""
        value, error = self._scheduler.switch_to_hub(self, request)
        if error is not None:
            raise error
        return cast(T, value)

    def wake(self) -> None:
        """Make the line ready: what it waited for is there."""
        for waitable in self._awaited:
            waitable.waiters.remove(self)
        self._awaited = []
        self._scheduler.ready.append(self)

    def cancel(self) -> None:
        """Raise :class:`asyncio.CancelledError` in the line, where it waits."""
        if not self.settled and not self._cancelled:
            self._cancelled = True
            if self._awaited:
                self.wake()

    def spawn(self, function: Callable[[], Any]) -> Line:
        """Return a new line, numbered after the calls that this line has made so far."""
        return self._scheduler.spawn(self.take_position(), function)

    def source(self) -> tuple[str, int]:
        """Return the file and the number of the source line at which the line stands."""
        package = __name__.rpartition('.')[0]
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
                result = _drive(result)
        except (GreenletExit, HistoryMismatch):
            raise
        except BaseException as error:  # is for whoever waits for the line
            self.settle(error=error)
        else:
            self.settle(result)


class _LineGreenlet(greenlet):  # type: ignore[misc] # it has no types
    """A greenlet that knows its line."""

    line: Line


class Scheduler:
    """Runs lines until all of them wait.

    :param owner: whom the lines belong to.
    """

    def __init__(self, owner: Any = None) -> None:
        self.owner = owner
        self.ready: deque[Line] = deque()
        self._alive: dict[Position, Line] = {}
        self._running: Line | None = None

    def spawn(self, position: Position, function: Callable[[], Any]) -> Line:
        """Return a new line that is ready to run a function."""
        line = Line(self, position, function)
        self._alive[position] = line
        self.ready.append(line)
        return line

    def run(self) -> None:
        """Run the lines that are ready, and those that become so, until none is.

        To be called in the hub, which may be another greenlet every time.
        """
        while self.ready:
            self._run_line(self.ready.popleft())

    def drop(self) -> None:
        """Forget the lines. What they still do while they are left, commands included, is refused.

        Their ``finally`` clauses run, as those of every function that is left for good.
        """
        self.ready.clear()
        for line in self._alive.values():
            line.greenlet.parent = getcurrent()
            line.greenlet.throw(GreenletExit)
        self._alive.clear()

    def switch_to_hub(self, line: Line, request: Callable[[], Any] | None) -> Any:
        """Switch from a line to the hub, with a request or to wait."""
        if self._running is not line or getcurrent() is not line.greenlet:
            raise NotInWorkflowError('a command')
        assert line.greenlet.parent is not None
        return line.greenlet.parent.switch(request)

    def _run_line(self, line: Line) -> None:
        outer, self._running = self._running, line
        line.greenlet.parent = getcurrent()
        try:
            request = line.greenlet.switch()
            while request is not None and not line.greenlet.dead:
                request = line.greenlet.switch(_answer(request))
        finally:
            self._running = outer
        if line.greenlet.dead:
            del self._alive[line.position]


def _answer(request: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return request(), None
    except Exception as error:  # is raised in the line that has asked
        return None, error


def _drive(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in the present line. All that it may await waits by switching, not by yields.

    :raises TypeError: in the coroutine, where it awaits something of another event loop.
    """
    error: TypeError | None = None
    while True:
        try:
            foreign = coroutine.send(None) if error is None else coroutine.throw(error)
        except StopIteration as stop:
            return stop.value
        if isinstance(foreign, asyncio.Future):
            foreign.cancel()
        error = TypeError(
            'a durable workflow cannot await what belongs to another event loop'
            f'{_describe_foreign(foreign)}: use submit, gather, sleep, timeout and their kin of '
            'aiida_slabrelax.durable, or move it into a function of its own and submit that'
        )


def _describe_foreign(foreign: Any) -> str:
    return '' if foreign is None else f' ({type(foreign).__name__})'


def running_line() -> Line | None:
    """Return the line of execution in which this is called, if it is one."""
    return getattr(getcurrent(), 'line', None)


def current_line(command: str) -> Line:
    """Return the line of execution in which a command is given.

    :raises NotInWorkflowError: outside the function of a workflow.
    """
    line = running_line()
    if line is None:
        raise NotInWorkflowError(command)
    return line
