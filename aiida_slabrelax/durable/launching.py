"""The launch of calls that no record answers, each when it may be launched."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, MutableMapping
from typing import Any

from .backend import Backend
from .calls import Handle
from .places import Places
from .scheduling.tasks import Position


class Launcher:
    """Launches the calls of an execution.

    A call that is not recorded has its place after all that are. It waits until these have been
    delivered: if it does not belong here, the difference shows first. A call inside a semaphore
    waits also while the workflow lacks its place there.

    :param backend: launches the processes.
    :param places: the places of the workflow in semaphores.
    :param outstanding: the calls that wait for their completion, by position.
    :param note: is called with a call that has failed.
    :param caught_up: whether nothing is recorded.
    """

    def __init__(
        self,
        backend: Backend,
        places: Places,
        outstanding: MutableMapping[Position, Any],
        note: Callable[[Handle], None],
        caught_up: bool,
    ) -> None:
        self._backend = backend
        self._places = places
        self._outstanding = outstanding
        self._note = note
        self._caught_up = caught_up
        self._deferred: list[Handle] = []

    def start(self, handle: Handle) -> None:
        """Launch a call, now or as soon as it may be."""
        if self._may_launch(handle):
            self._launch(handle)
        elif (mistake := self._backend.find_mistake(handle.call)) is not None:
            handle.set_exception(mistake)
            self._note(handle)
        else:
            self._deferred.append(handle)
            self._outstanding[handle.position] = handle

    def catch_up(self) -> None:
        """Note that all that is recorded has been delivered."""
        if not self._caught_up:
            self._caught_up = True
            self._places.check()

    def launch_next(self) -> bool:
        """Launch the next call that has waited and may be launched; return whether there is one."""
        handle = next(filter(self._may_launch, self._deferred), None)
        if handle is None:
            return False
        self._deferred.remove(handle)
        self._launch(handle)
        return True

    @property
    def is_ready(self) -> bool:
        """Whether a call that has waited may be launched."""
        return any(map(self._may_launch, self._deferred))

    def kill(self, handle: Handle) -> None:
        """Kill the process of a call, or take back a call that has not been launched yet."""
        if handle in self._deferred:
            self._deferred.remove(handle)
            del self._outstanding[handle.position]
            handle.set_exception(CancelledError(f'{handle!r} was killed before it was launched'))
        elif handle.node is not None:
            self._backend.kill(handle.node)

    def _may_launch(self, handle: Handle) -> bool:
        return self._caught_up and not self._places.is_lacking(handle.position)

    def _launch(self, handle: Handle) -> None:
        self._outstanding.pop(handle.position, None)
        try:
            handle.node = self._backend.launch(handle.call, handle.position)
        except Exception as error:  # raised again where the call is awaited
            handle.set_exception(error)
            self._note(handle)
        else:
            self._outstanding[handle.position] = handle
