"""The options for reading the file of a crystal."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class ReadingOptions:
    """How the file of a crystal is read.

    :ivar elements: the elements of a file that does not name them, in the order of the file.
    :ivar index: the number of the structure if there are several, counted from 0.
    :ivar read_anyway: whether to read a file that may describe another crystal.
    """

    elements: tuple[str, ...] | None = None
    index: int | None = None
    read_anyway: bool = False

    def of_references(self) -> ReadingOptions:
        """Return the options for files of references; some are for the crystal only."""
        return replace(self, elements=None, index=None)

    def check_unused(self) -> str | None:
        """Return the option that was given although the crystal is not from a file, or ``None``."""
        if self.elements is not None:
            return '--elements'
        return '--index' if self.index is not None else None
