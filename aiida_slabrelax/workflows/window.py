"""A work chain that keeps a limited number of children in flight: a sliding window."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from aiida.engine import Process
from aiida.engine.processes.workchains.awaitable import Awaitable
from aiida.orm import ProcessNode, load_node
from plumpy import ProcessState
from plumpy.process_states import State

from ..children import find_child
from ..ownership import OwnedWorkChain


class WindowWorkChain(OwnedWorkChain):
    """A work chain that goes on as soon as one child has ended while work waits for its place.

    A step puts children into the context with ``to_context``, as many as there are places, and
    first of all those that are still in flight, with :meth:`await_again`. A child that ends leaves
    its place to the next at once: there are no batches.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Initialise the process."""
        self._subscribed: set[int] = set()
        super().__init__(*args, **kwargs)

    def load_instance_state(self, saved_state: Any, load_context: Any) -> None:
        """Load the process from its checkpoint; children that were lost are sent again."""
        self._subscribed = set()
        super().load_instance_state(saved_state, load_context)
        for awaitable in self._awaitables:
            self.lost_children.look_after(_load_child(awaitable.pk))

    def on_entering(self, state: State) -> None:
        """Go on to the next state, unless another worker has taken the process up."""
        self.check_owner()
        super().on_entering(state)

    def work_waits(self) -> bool:
        """Return whether there is work that waits for a place."""
        raise NotImplementedError

    def submit_child(self, process_class: type[Process], label: str, **inputs: Any) -> ProcessNode:
        """Submit a child; one that could not be sent, because the broker is away, is sent later.

        :param process_class: what to submit.
        :param label: the ``call_link_label`` that the inputs give to the child.
        """
        self.check_owner()
        try:
            child: ProcessNode = self.submit(process_class, **inputs)
        except Exception as error:  # of the broker, if there is a child
            stored = find_child(self.node, label)
            if stored is None:
                raise
            self.lost_children.send_later(stored, error)
            return stored
        self.lost_children.note(child)
        return child

    def await_again(self, awaitable: Awaitable) -> None:
        """Await a child that a former step awaited and that has not been delivered yet."""
        child = _load_child(awaitable.pk)
        self.lost_children.look_after(child)
        self.to_context(**{awaitable.key: child})

    def _action_awaitables(self) -> None:
        """Subscribe to each child once, however many steps await it."""
        for awaitable in self._awaitables:
            ended = _load_child(awaitable.pk).is_terminated
            if ended or awaitable.pk not in self._subscribed:
                self._subscribed.add(awaitable.pk)
                callback = partial(self.call_soon, self._on_child_finished, awaitable.pk)
                self.runner.call_on_process_finish(awaitable.pk, callback)

    def _on_child_finished(self, pk: int) -> None:
        """Deliver a child if the present step awaits it; if not, a later one will ask again."""
        for awaitable in self._awaitables:
            if awaitable.pk == pk:
                self._on_awaitable_finished(awaitable)
                break

    def _on_awaitable_finished(self, awaitable: Awaitable) -> None:
        """Resume when all children have ended, or when one has and work waits for its place."""
        super()._on_awaitable_finished(awaitable)
        if self.state == ProcessState.WAITING and self._awaitables and self.work_waits():
            self.resume()


def _load_child(pk: int) -> ProcessNode:
    return cast(ProcessNode, load_node(pk))
