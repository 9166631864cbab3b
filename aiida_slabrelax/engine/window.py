"""A work chain that keeps a limited number of children in flight: a sliding window."""

from __future__ import annotations

from typing import Any

from aiida.engine.processes.workchains.awaitable import Awaitable
from plumpy import ProcessState

from .parent import ParentWorkChain


class WindowWorkChain(ParentWorkChain):
    """A work chain that goes on as soon as one child has ended while work waits for its place.

    A step puts children into the context with ``to_context``, as many as there are places, and
    first of all those that are still in flight, with :meth:`await_again`. A child that ends leaves
    its place to the next at once: there are no batches.
    """

    def load_instance_state(self, saved_state: Any, load_context: Any) -> None:
        """Load the process from its checkpoint; children that were lost are sent again."""
        super().load_instance_state(saved_state, load_context)
        self.lost_children.look_after(awaitable.pk for awaitable in self._awaitables)

    def work_waits(self) -> bool:
        """Return whether there is work that waits for a place."""
        raise NotImplementedError

    def await_again(self, awaitable: Awaitable) -> None:
        """Await a child that a former step awaited and that has not been delivered yet."""
        self.lost_children.look_after([awaitable.pk])
        self.to_context(**{awaitable.key: awaitable})

    def on_child_ended(self, pk: int) -> None:
        """Deliver a child if the present step awaits it; if not, a later one will ask again."""
        for awaitable in self._awaitables:
            if awaitable.pk == pk:
                self._on_awaitable_finished(awaitable)
                break

    def _action_awaitables(self) -> None:
        """Watch the children that the step awaits."""
        self.watch_children(awaitable.pk for awaitable in self._awaitables)

    def _on_awaitable_finished(self, awaitable: Awaitable) -> None:
        """Resume when all children have ended, or when one has and work waits for its place."""
        super()._on_awaitable_finished(awaitable)
        if self.state == ProcessState.WAITING and self._awaitables and self.work_waits():
            self.resume()
