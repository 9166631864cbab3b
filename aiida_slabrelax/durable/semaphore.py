"""Semaphores: of one workflow, and by name of all workflows of a profile."""

from __future__ import annotations

from collections import deque
from typing import Any

from .errors import NotInWorkflowError
from .execution import current_execution
from .places import Place
from .scheduling.tasks import Future, Task, current_task, running_task

#: The most characters that a name can have.
LONGEST_NAME = 200


class Semaphore:
    """Limits how many tasks are inside a block: ``async with`` in a coroutine, or ``with``.

    Without a name it belongs to the workflow whose function makes it: make it once and enter it
    from each task. With a name it counts over all workflows of the profile, in all workers, and may
    stand at the top level of a module. A task waits until a place is free; tasks enter in the order
    in which they came. A workflow that has ended, in whatever way, has no places any more; one
    whose worker has died keeps them, because what it has called goes on.

    :param value: how many may be inside at a time. Of a semaphore by name, the value counts that is
        given by the workflow that wants to enter.
    :param name: the name, at most 200 characters.
    :raises ValueError: if ``value`` is less than 1, or the name is empty or too long.
    :raises NotInWorkflowError: if it has no name and is made outside the function of a workflow, or
        entered in another one.
    """

    def __init__(self, value: int = 1, *, name: str | None = None) -> None:
        if value < 1:
            raise ValueError(f'Semaphore() needs at least one place, not {value}')
        if name is not None and not 0 < len(name) <= LONGEST_NAME:
            raise ValueError(
                f'the name of a Semaphore() has 1 to {LONGEST_NAME} characters, not {len(name)}'
            )
        self.name = name
        self._value = self._free = value
        self._owner = self._find_owner() if name is None else None
        self._queue: deque[Future[None]] = deque()
        self._places: dict[Task, list[Place]] = {}

    def __enter__(self) -> Semaphore:
        if self.name is not None:
            self._take_place(self.name)
        elif self._find_owner() is not self._owner:
            raise NotInWorkflowError(self._describe())
        elif self._free:
            self._free -= 1
        else:
            self._take_turn()
        return self

    def __exit__(self, *_: object) -> None:
        if self.name is not None:
            self._leave_place()
        elif self._queue:
            self._queue.popleft().set_result()
        else:
            self._free += 1

    async def __aenter__(self) -> Semaphore:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        self.__exit__()

    def _take_turn(self) -> None:
        turn: Future[None] = Future()
        self._queue.append(turn)
        try:
            turn.result()
        except BaseException:  # the task was cancelled or dropped: give its place or turn back
            if turn.done():
                self.__exit__()
            else:
                self._queue.remove(turn)
            raise

    def _take_place(self, name: str) -> None:
        place = current_execution('Semaphore()').take_place(name, self._value)
        self._places.setdefault(current_task('Semaphore()'), []).append(place)
        try:
            place.result()
        except BaseException:  # the task was cancelled or dropped
            place.cancel()
            self._leave_place()
            raise

    def _leave_place(self) -> None:
        task = running_task()
        if task is None:
            raise NotInWorkflowError('the end of a Semaphore()')
        place = self._places[task].pop()
        if not self._places[task]:
            del self._places[task]
        # What is dropped is only laid aside: its process goes on elsewhere, or has ended.
        if not task.is_dropped:
            task.run_in_hub(lambda: task.owner.places.leave(place))

    def _find_owner(self) -> Any:
        return current_task(self._describe()).owner

    def _describe(self) -> str:
        value = self._value
        return (
            f"Semaphore({value}) without a name (Semaphore({value}, name='…') counts over all "
            'workflows)'
        )
