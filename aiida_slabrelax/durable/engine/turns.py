"""The places of a workflow in semaphores of its profile: it waits for its turn, and leaves."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from weakref import WeakSet

from ...engine.faults import reach
from ..places import Place
from ..record.journal import format_position
from . import queues

if TYPE_CHECKING:
    from .work_chain import DurableWorkChain

LOGGER = logging.getLogger(__name__)

#: After how many seconds a workflow looks again whether it is its turn. It is told at once if a
#: workflow in the same worker leaves.
INTERVAL = 5.0

_ALL: WeakSet[Turns] = WeakSet()


class Turns:
    """Waits for places, one look at the database after the other.

    :param process: the workflow.
    """

    def __init__(self, process: DurableWorkChain) -> None:
        self._process = process
        self._waiting: dict[Place, Callable[[Place], None]] = {}

    def await_turn(self, place: Place, record: Callable[[Place], None]) -> None:
        """Call a function when the workflow has a place."""
        self._waiting[place] = record
        _ALL.add(self)
        self._look(place)

    def has(self, place: Place) -> bool:
        """Return whether the workflow has a place; if not, it queues up for it."""
        reach('before a place is looked for')
        try:
            inside = queues.is_inside(place.name, place.value, self._ticket(place))
        except queues.PASSING as error:
            LOGGER.warning('%d: cannot look for %r now: %s', self._process.pid, place, error)
            inside = False
        reach('after a place is looked for')
        return inside

    def leave(self, place: Place) -> None:
        """Give a place back, or stop waiting for it."""
        self._waiting.pop(place, None)
        self._leave(place.name, [self._ticket(place)])

    def leave_all(self, names: Iterable[str]) -> None:
        """Give back what the workflow has of some semaphores: the function goes on without."""
        self._waiting.clear()
        for name in names:
            mine = [one for one in queues.read(name) if queues.find_owner(one) == self._process.pid]
            self._leave(name, mine)

    def stop(self) -> None:
        """Look no more, but keep what there is: the process is laid aside, or has ended."""
        self._waiting.clear()

    def look(self, name: str) -> None:
        """See whether it is the workflow's turn."""
        for place in [*self._waiting]:
            if place.name == name:
                self._look(place, again=False)

    def _look(self, place: Place, again: bool = True) -> None:
        if place not in self._waiting:
            return
        if self.has(place):
            self._waiting.pop(place)(place)
        elif again:
            loop, process = self._process.loop, self._process
            loop.call_later(INTERVAL, process.call_soon, self._look, place)

    def _leave(self, name: str, tickets: list[str]) -> None:
        reach('before a place is left')
        try:
            queues.leave(name, tickets)
        except queues.PASSING as error:
            LOGGER.warning('%d: cannot leave %s now: %s', self._process.pid, name, error)
            self._process.loop.call_later(INTERVAL, self._leave, name, tickets)
            return
        reach('after a place is left')
        for other in [*_ALL]:
            process = other._process
            if other._waiting and not process.loop.is_closed():
                process.loop.call_soon_threadsafe(process.call_soon, other.look, name)

    def _ticket(self, place: Place) -> str:
        epoch = self._process.journal_epoch
        return f'{self._process.pid}:{epoch}x{format_position(place.position)}'
