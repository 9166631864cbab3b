"""Places in semaphores that workflows share, as futures of one of them."""

from __future__ import annotations

from .tasks import Future, Position


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
