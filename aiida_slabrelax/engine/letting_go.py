"""Work chains that leave the memory of their worker when they have ended.

aiida-core looks every ``runner.poll.interval`` (60 s) whether an awaited process has ended, and the
timer of the next look keeps the work chain with all its nodes until then, also if it has ended long
before. SQLAlchemy expires every node that is held at each commit, so all others pay for it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from weakref import WeakMethod

from aiida.engine import WorkChain
from aiida.engine.processes.workchains.awaitable import Awaitable

#: The work chains that have not been closed; no timer has to keep them.
_OPEN: set[WorkChain] = set()


def call_weakly(method: Callable[..., Any], *arguments: Any) -> Callable[[], None]:
    """Return a function that calls a method if its object still exists, and does not keep it."""
    reference = WeakMethod(method)

    def call() -> None:
        if (found := reference()) is not None:
            found(*arguments)

    return call


def keep(process: WorkChain) -> None:
    """Keep a work chain until it is closed, which is when it has ended or is released.

    To be called in ``init``: a process that is loaded from its checkpoint cannot clean up before.
    """
    _OPEN.add(process)
    process.add_cleanup(partial(_OPEN.discard, process))


class ReleasedWorkChain(WorkChain):
    """A work chain that no timer keeps after its end."""

    def init(self) -> None:
        """Begin to be kept."""
        super().init()
        keep(self)

    def _action_awaitables(self) -> None:
        """Watch what the step awaits."""
        for awaitable in self._awaitables:
            self.runner.call_on_process_finish(
                awaitable.pk, call_weakly(self._finish_soon, awaitable)
            )

    def _finish_soon(self, awaitable: Awaitable) -> None:
        self.call_soon(self._on_awaitable_finished, awaitable)
