"""Places in semaphores that workflows share, as futures of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .scheduling.tasks import Future, Position

if TYPE_CHECKING:
    from .backend import Backend


class Place(Future[None]):
    """A place in a semaphore by name; done when the workflow has it.

    :ivar name: the name of the semaphore.
    :ivar value: how many may be inside at a time.
    """

    def __init__(self, position: Position, name: str, value: int) -> None:
        super().__init__()
        self.position = position
        self.name = name
        self.value = value
        self.cancelled = False

    def __repr__(self) -> str:
        return f'<place in {self.name}>'

    def cancel(self) -> None:
        """Stop waiting for the place."""
        self.cancelled = True

    def encloses(self, position: Position) -> bool:
        """Return whether a call comes after the place was taken, in the same task or below it."""
        *task, number = self.position
        depth = len(task)
        return [*position[:depth]] == task and len(position) > depth and position[depth] > number


class Places:
    """The places that a workflow has.

    An error that leaves a block gives its place back, also one at which the workflow pauses. The
    mended function is inside the block again, and others may be there meanwhile: until the workflow
    has its turn once more, no call inside the block is launched.

    :param backend: knows who is inside.
    :ivar lacking: the places in which the function is without having them.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._inside: dict[Position, Place] = {}
        self.lacking: list[Place] = []

    def enter(self, place: Place) -> None:
        """Note that the function goes into a block."""
        if not place.cancelled:
            self._inside[place.position] = place

    def leave(self, place: Place) -> None:
        """Give a place back, or stop waiting for it."""
        self._inside.pop(place.position, None)
        self.regain(place)
        self._backend.leave(place)

    def check(self) -> None:
        """See which places a repeated execution has to take again."""
        self.lacking = [place for place in self._inside.values() if not self._backend.has(place)]

    def regain(self, place: Place) -> bool:
        """Note that the workflow has a place again; return whether it was lacking."""
        found = place in self.lacking
        if found:
            self.lacking.remove(place)
        return found

    def is_lacking(self, position: Position) -> bool:
        """Return whether a call is inside a block whose place the workflow does not have."""
        return any(place.encloses(position) for place in self.lacking)
