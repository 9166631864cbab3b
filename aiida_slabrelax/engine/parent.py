"""Work chains that lose no children when a worker dies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast
from weakref import WeakValueDictionary

from aiida.engine import Process
from aiida.engine.utils import instantiate_process
from aiida.orm import ProcessNode

from .broker import send
from .children import ENDED, LostChildren, find_child, find_children, find_in_state
from .faults import reach
from .kills import Kills
from .letting_go import call_weakly, keep
from .ownership import OwnedWorkChain


class ParentWorkChain(OwnedWorkChain):
    """A work chain that launches children, adopts those of earlier workers, and watches them.

    :ivar lost_children: sends children again whose messages were lost.
    :ivar kills: ends children.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Initialise the process."""
        self._prepare_children()
        super().__init__(*args, **kwargs)

    def init(self) -> None:
        """Begin to be kept: no timer keeps the process after its end."""
        super().init()
        keep(self)

    def load_instance_state(self, saved_state: Any, load_context: Any) -> None:
        """Load the process from its checkpoint."""
        self._prepare_children()
        super().load_instance_state(saved_state, load_context)

    def submit_child(self, process_class: type[Process], label: str, **inputs: Any) -> ProcessNode:
        """Store a child and send it to the daemon, or run it in this event loop without one.

        If the broker is unreachable, the child is sent later. Any other error is an error of the
        inputs or of this process, and there is no child that could run.

        :param process_class: the class of the child.
        :param label: the ``call_link_label`` of the child, by which it is found again.
        :raises ValueError: if the process refuses the inputs.
        """
        self.check_owner()
        inputs['metadata'] = {**inputs.get('metadata', {}), 'call_link_label': label}
        reach('before a child is stored')
        child = instantiate_process(self.runner, process_class, **inputs)
        reach('after a child is stored')
        self.lost_children.note(child.node)
        if not child.metadata.store_provenance or child.metadata.get('dry_run', False):
            raise ValueError('a workflow cannot call a process without provenance or as a dry run')
        if not self.runner.is_daemon_runner:
            pk = cast(int, child.node.pk)
            self._running_here[pk] = child
            task = self.runner.loop.create_task(child.step_until_terminated())
            if self.runner.controller is None:
                # Without a broker nobody else tells, and the engine looks once a minute.
                task.add_done_callback(lambda _: self._hear_of_end(pk))
            return child.node
        assert self.runner.persister is not None
        self.runner.persister.save_checkpoint(child)
        child.close()
        reach('before a child is sent')
        if (error := send(self.runner, cast(int, child.node.pk))) is not None:
            self.lost_children.send_later(child.node, error)
        reach('after a child is sent')
        return child.node

    def kill_child(self, child: ProcessNode, message: str) -> None:
        """Send a child the request to be killed, as soon as a worker has it."""
        if self.runner.controller is not None:
            self.kills.request(child, message)
        elif (process := self._running_here.get(cast(int, child.pk))) is not None:
            process.kill(message)

    def on_kill(self, msg: Any) -> None:
        """Kill the children that run in this event loop without a broker to tell them."""
        super().on_kill(msg)
        for child in [*self._running_here.values()]:
            if self.runner.controller is None and not child.has_terminated():
                child.kill(f'Killed by parent<{self.node.pk}>')

    def adopt_child(self, label: str) -> ProcessNode | None:
        """Return the child that was launched with a label, if it has run or can still run.

        It is sent again if an earlier worker launched it and its message was lost.
        """
        child = find_child(self.node, label)
        if child is not None:
            self.lost_children.look_after([cast(int, child.pk)])
        return child

    def adopt_children(self) -> dict[str, ProcessNode]:
        """Return the children that :meth:`adopt_child` would return, by label."""
        children = find_children(self.node)
        self.lost_children.look_after(cast(int, child.pk) for child in children.values())
        return children

    def watch_children(self, pks: Iterable[int]) -> None:
        """Call :meth:`on_child_ended` when children terminate, or if they already have.

        Each child is subscribed to only once, however often this is called.
        """
        watched = set(pks)
        for pk in find_in_state(watched & self._subscribed, *ENDED):
            self.call_soon(self.on_child_ended, pk)
        for pk in sorted(watched - self._subscribed):
            self._subscribed.add(pk)
            self.runner.call_on_process_finish(pk, call_weakly(self._hear_of_end, pk))

    def _hear_of_end(self, pk: int) -> None:
        # The engine may tell after the end, when nothing runs in this event loop any more.
        if not self.has_terminated():
            self.call_soon(self.on_child_ended, pk)

    def on_child_ended(self, pk: int) -> None:
        """Handle the end of a child; it may be called more than once for it."""
        raise NotImplementedError

    def describe_progress(self) -> str:
        """Return the status of the process while it waits."""
        raise NotImplementedError

    def _prepare_children(self) -> None:
        self.lost_children = LostChildren(self)
        self.kills = Kills(self)
        self._subscribed: set[int] = set()
        self._running_here: WeakValueDictionary[int, Process] = WeakValueDictionary()

    def _update_process_status(self) -> None:
        """Show the progress instead of the awaited pks; write it only if it has changed."""
        status = self.describe_progress() if self._awaitables else None
        if self.paused:
            self._pre_paused_status = status
        elif status != self.status:
            self.set_status(status)
