"""Futures that a test finishes by hand, in place of processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiida_slabrelax.durable.scheduling.scheduler import Scheduler
from aiida_slabrelax.durable.scheduling.tasks import Future, Task


class Bench:
    """Some futures by name and a function that waits for them."""

    def __init__(self, names: str = 'abc') -> None:
        self.gates: dict[str, Future[Any]] = {name: Future() for name in names}
        self.scheduler = Scheduler()
        self.task: Task | None = None

    def begin(self, function: Callable[[], Any]) -> Task:
        self.task = self.scheduler.spawn((), function)
        self.scheduler.run()
        return self.task

    def finish(self, name: str, value: Any = None, error: BaseException | None = None) -> None:
        if error is None:
            self.gates[name].set_result(value)
        else:
            self.gates[name].set_exception(error)
        self.scheduler.run()

    async def get(self, name: str) -> Any:
        return await self.gates[name]
