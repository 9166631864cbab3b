"""A work chain that keeps a limited number of children in flight: a sliding window."""

from __future__ import annotations

from functools import partial
from typing import Any

from aiida.engine import Process
from aiida.engine.processes.workchains.awaitable import Awaitable
from aiida.orm import ProcessNode
from plumpy import ProcessState
from plumpy.process_states import Excepted, State

from .children import ENDED, find_child, find_in_state
from .ownership import CutOff, OwnedWorkChain, is_cut


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
        self.lost_children.look_after(awaitable.pk for awaitable in self._awaitables)

    def on_entering(self, state: State) -> None:
        """Go on to the next state, unless another worker has taken the process up.

        A process that was cut off from the database has not failed: nothing of this step counts.
        """
        if isinstance(state, Excepted) and is_cut(state.exception):
            raise CutOff
        self.check_owner()
        super().on_entering(state)

    def work_waits(self) -> bool:
        """Return whether there is work that waits for a place."""
        raise NotImplementedError

    def describe_progress(self) -> str:
        """Return the status of the process while it awaits children."""
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
            if stored is None or stored.is_terminated:  # an older one
                raise
            self.lost_children.send_later(stored, error)
            return stored
        self.lost_children.note(child)
        return child

    def await_again(self, awaitable: Awaitable) -> None:
        """Await a child that a former step awaited and that has not been delivered yet."""
        self.lost_children.look_after([awaitable.pk])
        self.to_context(**{awaitable.key: awaitable})

    def _action_awaitables(self) -> None:
        """Subscribe to each child once, however many steps await it."""
        awaited = {awaitable.pk for awaitable in self._awaitables}
        for pk in find_in_state(awaited & self._subscribed, *ENDED):
            self.call_soon(self._on_child_finished, pk)  # nobody awaited it when it ended
        for pk in awaited - self._subscribed:
            self._subscribed.add(pk)
            callback = partial(self.call_soon, self._on_child_finished, pk)
            self.runner.call_on_process_finish(pk, callback)

    def _on_child_finished(self, pk: int) -> None:
        """Deliver a child if the present step awaits it; if not, a later one will ask again."""
        for awaitable in self._awaitables:
            if awaitable.pk == pk:
                self._on_awaitable_finished(awaitable)
                break

    def _update_process_status(self) -> None:
        """Show the progress instead of the pks that are awaited; written only if it has changed."""
        if not self._awaitables or self.paused:
            super()._update_process_status()
        elif (progress := self.describe_progress()) != self.status:
            self.set_status(progress)

    def _on_awaitable_finished(self, awaitable: Awaitable) -> None:
        """Resume when all children have ended, or when one has and work waits for its place."""
        super()._on_awaitable_finished(awaitable)
        if self.state == ProcessState.WAITING and self._awaitables and self.work_waits():
            self.resume()
