"""The scheduler of tasks: it runs them one at a time, in the order in which they became ready."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NoReturn

from greenlet import GreenletExit, getcurrent

from ..errors import NotInWorkflowError, NotPersistedError
from .foreign import without_task
from .tasks import Position, Task

if TYPE_CHECKING:
    from ..calls import Handle


class Scheduler:
    """Runs tasks until all of them wait.

    :param owner: the execution to which the tasks belong.
    :param guard: returns a context in which the code of a task runs; the hub is outside.
    :ivar alive: the tasks that have not ended, by position.
    :ivar failed: the tasks and calls that have failed.
    """

    def __init__(
        self, owner: Any = None, guard: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        self.owner = owner
        self._guard = guard
        self.ready: deque[Task] = deque()
        self.alive: dict[Position, Task] = {}
        self.failed: list[Task | Handle] = []
        self._running: Task | None = None

    def spawn(self, position: Position, function: Callable[[], Any]) -> Task:
        """Return a new task that is ready to run a function."""
        task = Task(self, position, function)
        self.alive[position] = task
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

    def drop(self) -> list[Task]:
        """Abandon the tasks. Their ``finally`` clauses run, but a command in one ends it.

        :returns: the tasks that have not ended by this, and stay where they are for good.
        """
        self.ready.clear()
        stubborn = []
        for task in [*self.alive.values()]:
            task.greenlet.parent = getcurrent()
            with self._guard(), without_task():
                if not task.throw(GreenletExit):
                    stubborn.append(task)
        self.alive.clear()
        self.ready.clear()
        return stubborn

    def abandon(self, task: Task) -> NoReturn:
        """Leave a task from within, for good."""
        task.set_exception(asyncio.CancelledError('the task has not let itself be ended'))
        while True:
            assert task.greenlet.parent is not None
            task.greenlet.parent.switch(None)

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
            del self.alive[task.position]

    def _switch_to(self, task: Task, *answer: Any) -> Any:
        with self._guard(), without_task():
            return task.greenlet.switch(*answer)


def _answer(request: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return request(), None
    except Exception as error:  # raised again in the task that made the request
        return None, error
