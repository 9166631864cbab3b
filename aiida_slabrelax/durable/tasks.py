"""Tasks: functions that wait for each other without an event loop.

Every task is a greenlet, so that a plain function, a coroutine and a callback of some library can
all wait in the middle of an expression. The greenlet that runs the scheduler is the hub: a task
that waits, or that needs something done outside itself, switches to the hub, which switches back.
Tasks run one at a time, in the order in which they became ready: the same sequence of results gives
the same interleaving.
"""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractContextManager, nullcontext
from contextvars import copy_context
from types import FrameType
from typing import Any, TypeVar, cast

from greenlet import GreenletExit, getcurrent, greenlet

from .errors import NondeterminismError, NotInWorkflowError, NotPersistedError
from .futures import Future as Future
from .futures import current_task as current_task
from .futures import running_task as running_task

T = TypeVar('T')

#: The place of a call: the numbers of the tasks that lead to it, then its number in its own task.
Position = tuple[int, ...]


class Task(Future[Any]):
    """A function that runs concurrently with others; done when it has returned or raised."""

    def __init__(
        self, scheduler: Scheduler, position: Position, function: Callable[[], Any]
    ) -> None:
        super().__init__()
        self.position = position
        self.owner = scheduler.owner
        self._scheduler = scheduler
        self._function = function
        self._count = 0
        self._awaited: list[Future[Any]] = []
        self.request: Callable[[], Any] | None = None
        #: The command whose function runs at present, in which no other may be given.
        self.outside: str | None = None
        self._cancelled = False
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
        """Raise :class:`asyncio.CancelledError` in the task, where it waits."""
        if not self.done() and not self._cancelled:
            self._cancelled = True
            if self._awaited:
                self.wake()

    def spawn(self, function: Callable[[], Any]) -> Task:
        """Return a new task, numbered after the calls that this task has made so far."""
        return self._scheduler.spawn(self.take_position(), function)

    def source(self) -> tuple[str, int]:
        """Return the file and the line number at which the function of the task is."""
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
        except (GreenletExit, NondeterminismError):
            raise
        except BaseException as error:  # raised again where the task is awaited
            self.set_exception(error)
            self._scheduler.failed.append(self)
        else:
            self.set_result(result)


class _TaskGreenlet(greenlet):  # type: ignore[misc] # it has no types
    """A greenlet that knows its task."""

    task: Task


class Scheduler:
    """Runs tasks until all of them wait.

    :param owner: the execution to which the tasks belong.
    :param guard: returns a context in which the code of a task runs; the hub is outside.
    """

    def __init__(
        self, owner: Any = None, guard: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        self.owner = owner
        self._guard = guard
        self.ready: deque[Task] = deque()
        self._alive: dict[Position, Task] = {}
        self.failed: list[Future[Any]] = []
        self._running: Task | None = None

    def spawn(self, position: Position, function: Callable[[], Any]) -> Task:
        """Return a new task that is ready to run a function."""
        task = Task(self, position, function)
        self._alive[position] = task
        self.ready.append(task)
        return task

    def run(self) -> None:
        """Run the tasks that are ready, and those that become so, until none is.

        To be called in the hub, which may be another greenlet every time.

        :raises NotPersistedError: if a request of a task could not be answered yet. The next call
            begins with this request.
        """
        while self.ready:
            self._run_task(self.ready.popleft())

    def drop(self) -> None:
        """Abandon the tasks. Their ``finally`` clauses run, but commands in these are refused."""
        self.ready.clear()
        for task in self._alive.values():
            task.greenlet.parent = getcurrent()
            with self._guard():
                task.greenlet.throw(GreenletExit)
        self._alive.clear()

    def switch_to_hub(self, task: Task, request: Callable[[], Any] | None) -> Any:
        """Switch from a task to the hub, with a request or to wait."""
        if self._running is not task or getcurrent() is not task.greenlet:
            raise NotInWorkflowError('a command')
        assert task.greenlet.parent is not None
        return task.greenlet.parent.switch(request)

    def _run_task(self, task: Task) -> None:
        outer, self._running = self._running, task
        task.greenlet.parent = getcurrent()
        try:
            task.request = task.request or self._switch_to(task)
            while task.request is not None and not task.greenlet.dead:
                answer = _answer(task.request)
                task.request = None
                task.request = self._switch_to(task, answer)
        except NotPersistedError:
            self.ready.appendleft(task)
            raise
        finally:
            self._running = outer
        if task.greenlet.dead:
            del self._alive[task.position]

    def _switch_to(self, task: Task, *answer: Any) -> Any:
        with self._guard():
            return task.greenlet.switch(*answer)


def _answer(request: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return request(), None
    except Exception as error:  # raised again in the task that made the request
        return None, error


def _drive(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in the current task. What it may await switches greenlets and never yields.

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
            f'{_describe_foreign(foreign)}: use submit, gather, sleep and wait_for of '
            'aiida_slabrelax.durable, or move it into a function of its own and submit that'
        )


def _describe_foreign(foreign: Any) -> str:
    return '' if foreign is None else f' ({type(foreign).__name__})'
