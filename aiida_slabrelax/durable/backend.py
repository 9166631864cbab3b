"""What an execution asks of the world outside: a worker does it, a replay only looks it up."""

from __future__ import annotations

from typing import Any, Protocol

from aiida.orm import ProcessNode

from .calls import Call
from .places import Place
from .record.history import Recorded
from .scheduling.tasks import Position


class Backend(Protocol):
    """Launches processes for an execution, and reads them."""

    uuid: str

    def launch(self, call: Call, position: Position) -> ProcessNode:
        """Launch a process; when it has ended, :meth:`Execution.arrive` is called."""

    def execute(self, call: Call, position: Position) -> ProcessNode:
        """Run a calcfunction or workfunction here and return its node when it has ended."""

    def find_difference(self, recorded: Recorded, call: Call) -> str | None:
        """Return how a call differs from a recorded one."""

    def find_mistake(self, call: Call) -> Exception | None:
        """Return why a call cannot be launched, ``None`` if it can."""

    def read_again(self, node: ProcessNode) -> ProcessNode:
        """Return a process that has ended as it is in the database."""

    def kill(self, node: ProcessNode) -> None:
        """Request that a child is killed."""

    def has(self, place: Place) -> bool:
        """Return whether the workflow has a place; if not, it queues up for it."""

    def leave(self, place: Place) -> None:
        """Give a place of a semaphore back, or stop waiting for it."""

    def report(self, message: str) -> None:
        """Write a line into the report of the run."""

    def publish(self, values: dict[str, Any]) -> bool:
        """Show values, in the form of :mod:`.publishing`; return whether that was possible now."""

    def keep_journal(self) -> None:
        """Persist the journal before anything else happens.

        :raises NotPersistedError: if that must be tried again later.
        """
