"""Outputs that say that they are terminals."""

from __future__ import annotations

import io


class Terminal(io.StringIO):
    """A text that a command takes for a terminal."""

    def isatty(self) -> bool:
        return True
