"""Futures: results that are not there yet, and the task that waits for them."""

from __future__ import annotations

from collections.abc import Generator
from itertools import count
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from greenlet import getcurrent

from ..errors import NotInWorkflowError

if TYPE_CHECKING:
    from .tasks import Task

T = TypeVar('T')

_settled = count()


class NotAResult:
    """Refuses to be used like a result: a forgotten ``await`` would be silently wrong."""

    def __bool__(self) -> bool:
        raise TypeError(f'{self!r} is not a result, and neither true nor false: await it')

    def __eq__(self, other: object) -> bool:
        if isinstance(other, NotAResult):
            return self is other
        raise TypeError(f'{self!r} is not a result, and cannot be compared with one: await it')

    __hash__ = object.__hash__

    def __iter__(self) -> Any:
        raise TypeError(f'{self!r} is not a result: await it')


class Future(NotAResult, Generic[T]):
    """A result that tasks can wait for.

    :ivar number: the place among all futures in the order in which they were done.
    :ivar heeded: whether somebody has asked for the exception, or has given the future up.
    """

    def __init__(self) -> None:
        self._done = False
        self._result: T | None = None
        self._exception: BaseException | None = None
        self.waiters: list[Task] = []
        self.number = -1
        self.heeded = False

    def done(self) -> bool:
        """Return whether there is a result or an exception."""
        return self._done

    def set_result(self, result: T | None = None) -> None:
        """Set the result, unless the future is done already."""
        self._finish(result, None)

    def set_exception(self, exception: BaseException) -> None:
        """Set the exception, unless the future is done already."""
        self._finish(None, exception)

    def result(self) -> T:
        """Wait for the result and return it, or raise the exception."""
        if not self._done:
            current_task('result()').wait_any([self])
        self.heeded = True
        if self._exception is not None:
            raise self._exception
        return cast(T, self._result)

    def exception(self) -> BaseException | None:
        """Return the exception; ``None`` if there is a result, or nothing yet."""
        self.heeded = self.heeded or self._done
        return self._exception

    def unheeded(self) -> BaseException | None:
        """Return the exception if nobody has asked for it."""
        return None if self.heeded else self._exception

    def __await__(self) -> Generator[Any, Any, T]:
        """Wait like :meth:`result`."""
        yield from ()  # an awaitable has to be a generator; this one never yields
        return self.result()

    def _finish(self, result: T | None, exception: BaseException | None) -> None:
        """Store the outcome; the waiting tasks become ready in the order in which they came."""
        if self._done:
            return
        self._done, self._result, self._exception = True, result, exception
        self.number = next(_settled)
        for task in [*self.waiters]:
            task.wake()


def running_task() -> Task | None:
    """Return the task in which this is called; ``None`` outside a task."""
    return getattr(getcurrent(), 'task', None)


def current_task(command: str) -> Task:
    """Return the task in which a command is called.

    :raises NotInWorkflowError: outside the function of a workflow.
    """
    task = running_task()
    if task is None:
        raise NotInWorkflowError(command)
    if task.outside is not None:
        raise NotInWorkflowError(command, task.outside)
    task.check(command)
    return task
