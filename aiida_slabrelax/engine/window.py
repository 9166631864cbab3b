"""A work chain that keeps a limited number of children in flight: a sliding window."""

from __future__ import annotations

from typing import Any

from aiida.engine.processes.workchains.awaitable import Awaitable
from plumpy import ProcessState

from .parent import ParentWorkChain


class WindowWorkChain(ParentWorkChain):
    """A work chain that continues as soon as one child has terminated, while other work waits.

    A step submits children until the limit is reached, and adds them to the context with
    ``to_context``. Before that it awaits those that are still active, with :meth:`await_again`.
    When a child terminates, the next one is submitted at once: there are no batches.
    """

    def load_instance_state(self, saved_state: Any, load_context: Any) -> None:
        """Load the process from its checkpoint, and send lost children again."""
        super().load_instance_state(saved_state, load_context)
        self.lost_children.look_after(awaitable.pk for awaitable in self._awaitables)

    def work_waits(self) -> bool:
        """Return whether there is work that waits for a free slot."""
        raise NotImplementedError

    def await_again(self, awaitable: Awaitable) -> None:
        """Await a child that an earlier step awaited and that has not been delivered yet."""
        self.lost_children.look_after([awaitable.pk])
        self.to_context(**{awaitable.key: awaitable})

    def on_child_ended(self, pk: int) -> None:
        """Deliver a child if the present step awaits it; if not, a later step awaits it again."""
        for awaitable in self._awaitables:
            if awaitable.pk == pk:
                self._on_awaitable_finished(awaitable)
                break

    def _action_awaitables(self) -> None:
        """Watch the children that the step awaits."""
        self.watch_children(awaitable.pk for awaitable in self._awaitables)

    def _on_awaitable_finished(self, awaitable: Awaitable) -> None:
        """Resume when all children have terminated, or one has and other work waits."""
        super()._on_awaitable_finished(awaitable)
        if self.state == ProcessState.WAITING and self._awaitables and self.work_waits():
            self.resume()
