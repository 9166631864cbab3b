"""The only module through which commands print: control characters in texts are escaped.

Labels, messages and output of VASP may come from databases and files of other people. Print single
lines with :func:`print_line`; build longer texts with :func:`lines` and :func:`table`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence

import click

from ..visible import visible
from .layout import Column, lay_out

#: The text of a cell; a tuple makes a cell of several lines.
Cell = str | tuple[str, ...]

#: Control characters that a text of several lines may contain.
_LAYOUT = '\n\t'


def print_line(line: str, *, error: bool = False, colour: str | None = None) -> None:
    """Print a text as a single line, whatever it contains.

    :param error: print it on the standard error.
    :raises OSError: if the output is full or closed.
    """
    print_text(visible(line), error=error, colour=colour)


def print_text(text: str, *, error: bool = False, colour: str | None = None) -> None:
    """Print a text of any number of lines.

    :param text: the text; parts from outside should have gone through :func:`lines` or
        :func:`table`, otherwise they could add lines (but nothing else).
    :param error: print it on the standard error.
    :raises OSError: if the output is full or closed.
    """
    click.secho(visible(text, _LAYOUT), err=error, fg=colour)


def lines(texts: Iterable[str]) -> str:
    """Return a text with one line for each given text, whatever they contain."""
    return '\n'.join(map(visible, texts))


def table(rows: Iterable[Sequence[Cell]], headings: Sequence[str], numbers: Iterable[str]) -> str:
    """Return a table that is not wider than the terminal, if the output is one.

    :param rows: at least one.
    :param headings: of one or several lines.
    :param numbers: the headings of the columns whose texts are on the right.
    """
    right = set(numbers)
    cells = zip(*(map(_cell, row) for row in rows), strict=True)
    columns = [
        Column(heading, column, heading in right)
        for heading, column in zip(headings, cells, strict=True)
    ]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    return lay_out(columns, width)


def _cell(value: Cell) -> str:
    return lines(value) if isinstance(value, tuple) else visible(value)
