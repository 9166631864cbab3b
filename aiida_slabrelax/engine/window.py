"""A work chain that keeps a limited number of children in flight: a sliding window."""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress
from typing import Any, cast
from uuid import uuid4

from aiida.engine.processes.workchains.awaitable import Awaitable
from kiwipy import BroadcastFilter
from plumpy import ProcessState
from plumpy.process_states import Wait

from . import shared_window
from .broker import BROKER_ERRORS
from .faults import reach
from .ownership import is_cut
from .parent import ParentWorkChain
from .stored_values import PASSING

#: The key of the awaitable that stands for a place in a window that others share.
PLACE = 'place'
#: The subject of the message that a place is free, before the pk of the process that can take it.
SUBJECT = 'place_free'
#: After how many seconds a process that waits for a place looks again, if it has heard nothing: the
#: message may be lost with a worker, and nobody tells of the death of a process.
INTERVAL = 30.0
#: After how many seconds it tries again if the database could not be written.
SOON = 1.0


class WindowWorkChain(ParentWorkChain):
    """A work chain that continues as soon as one child has terminated, while other work waits.

    A step submits children until the limit is reached, and adds them to the context with
    ``to_context``. Before that it awaits those that are still active, with :meth:`await_again`, and
    asks for places, with :meth:`take_places`. When a child terminates, the next one is submitted at
    once: there are no batches.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Initialise the process."""
        self._prepare_window()
        super().__init__(*args, **kwargs)

    def load_instance_state(self, saved_state: Any, load_context: Any) -> None:
        """Load the process from its checkpoint, and send lost children again."""
        self._prepare_window()
        super().load_instance_state(saved_state, load_context)
        self.lost_children.look_after(awaitable.pk for awaitable in self._awaited_children())

    def init(self) -> None:
        """Await messages on free places, if the process was loaded while it waited for one."""
        super().init()
        if self.lacks_places():
            self._await_messages()

    def work_waits(self) -> bool:
        """Return whether there is work that waits for a free slot."""
        raise NotImplementedError

    def window(self) -> tuple[str | None, int | None]:
        """Return the name of the window, if others share it, and the limit, if there is one."""
        return None, None

    def await_again(self, awaitable: Awaitable) -> None:
        """Await a child that an earlier step awaited and that has not been delivered yet."""
        self.lost_children.look_after([awaitable.pk])
        self.to_context(**{awaitable.key: awaitable})

    def take_places(self, children: Collection[int], wanted: int) -> int:
        """Return how many children may be submitted now; for the others the process waits.

        :param children: the pks of all children that have not been delivered yet.
        :param wanted: how many wait to be submitted.
        """
        name, limit = self.window()
        if limit is None:
            return wanted
        if name is None:
            return max(0, min(wanted, limit - len(children)))
        self._await_messages()
        got = self._take(name, limit, children, wanted)
        if got is None or got < wanted:
            self._await_place()
        return got or 0

    def lacks_places(self) -> bool:
        """Return whether the process waits for a place in a window that others share."""
        return any(awaitable.key == PLACE for awaitable in self._awaitables)

    def has_begun(self) -> bool:
        """Return whether the process has done anything; it waits for its first place before."""
        return True

    def leave_window(self) -> None:
        """Give back the places in a window that others share, but for children that still run."""
        name, limit = self.window()
        if name is not None and limit is not None:
            children = shared_window.find_children_alive([cast(int, self.node.pk)])
            self._take(name, limit, [child for _, child in children], 0)

    def on_child_ended(self, pk: int) -> None:
        """Deliver a child if the present step awaits it; if not, a later step awaits it again."""
        for awaitable in self._awaited_children():
            if awaitable.pk == pk:
                self._on_awaitable_finished(awaitable)
                break

    def on_terminated(self) -> None:
        """Give back the places of a process that has ended, however that was."""
        with suppress(Exception):  # another process finds out, and this one has ended anyway
            self.leave_window()
        super().on_terminated()

    def _do_step(self) -> Any:
        """Do a step of the outline; the first one when it is the turn of the process.

        What waits holds nothing but its inputs in memory.
        """
        name, limit = self.window()
        if name is not None and limit is not None and not self.has_begun():
            self._awaitables = []
            self._await_messages()
            if not self._take(name, limit, [], 1, in_turn=True):
                self._await_place()
                return Wait(self._do_step, 'Waiting for its turn')
        return super()._do_step()

    def _await_place(self) -> None:
        self._awaitables.append(Awaitable(pk=self.node.pk, key=PLACE))
        self._update_process_status()

    def _prepare_window(self) -> None:
        self._has_heard = self._has_timer = self._has_subscribed = False

    def _awaited_children(self) -> list[Awaitable]:
        return [awaitable for awaitable in self._awaitables if awaitable.key != PLACE]

    def _action_awaitables(self) -> None:
        """Watch the children and the place that the step awaits."""
        children = self._awaited_children()
        self.watch_children(awaitable.pk for awaitable in children)
        if len(children) < len(self._awaitables):
            self._look_later(INTERVAL)
            if self._has_heard:
                self.call_soon(self._go_on)

    def _on_awaitable_finished(self, awaitable: Awaitable) -> None:
        """Resume when all children have terminated, or one has and other work waits.

        In a window that others share it may be theirs.
        """
        super()._on_awaitable_finished(awaitable)
        is_shared = self.window()[0] is not None
        if self.state == ProcessState.WAITING and self._awaitables:
            if is_shared or self.work_waits():
                self.resume()

    def _take(
        self,
        name: str,
        limit: int,
        children: Collection[int],
        wanted: int,
        in_turn: bool = False,
    ) -> int | None:
        """Take places in a window that others share, and tell who can take others.

        :returns: how many; ``None`` if the database cannot be written now, and it is tried again.
        """
        self.check_owner()
        self._has_heard = False
        reach('before places are taken')
        assert self.node.pk is not None
        try:
            got, woken = shared_window.take(name, limit, self.node.pk, children, wanted, in_turn)
        except PASSING as error:
            if is_cut(error):
                raise
            self.logger.warning(f'cannot take a place in the window {name} now: {error}')
            self._look_later(SOON)
            return None
        reach('after places are taken')
        if (communicator := self.runner.communicator) is not None:
            for pk in woken:
                with suppress(*BROKER_ERRORS):  # it looks for itself, later
                    communicator.broadcast_send(None, sender=self.pid, subject=f'{SUBJECT}.{pk}')
        return got

    def _await_messages(self) -> None:
        """Be told of free places."""
        communicator = self.runner.communicator
        if self._has_subscribed or communicator is None:
            return
        self._has_subscribed = True
        own = re.compile(rf'{SUBJECT}\.{self.node.pk}\Z')
        name = f'{SUBJECT}.{uuid4()}'
        communicator.add_broadcast_subscriber(BroadcastFilter(self._hear, subject=own), name)
        self.add_cleanup(lambda: communicator.remove_broadcast_subscriber(name))

    def _hear(self, *_: Any) -> None:
        if not self.has_terminated():
            self._has_heard = True
            self.call_soon(self._go_on)

    def _look_later(self, delay: float) -> None:
        if not self._has_timer or delay < INTERVAL:
            self._has_timer = True
            self.loop.call_later(delay, self._look)

    def _look(self) -> None:
        self._has_timer = False
        if not self.has_terminated() and not self._closed:
            self.call_soon(self._go_on_if_free)

    def _go_on_if_free(self) -> None:
        name, limit = self.window()
        if not self._waits_for_place() or name is None or limit is None:
            return
        try:
            is_free = shared_window.has_free(name, limit)
        except PASSING as error:
            self.logger.warning(f'cannot look for a place in the window {name} now: {error}')
            is_free = False
        if is_free:
            self.resume()
        else:
            self._look_later(INTERVAL)

    def _go_on(self) -> None:
        if self._waits_for_place():
            self.resume()

    def _waits_for_place(self) -> bool:
        return self.state == ProcessState.WAITING and self.lacks_places()
