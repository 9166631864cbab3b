"""The only module through which commands print: control characters in texts are escaped.

Labels, messages and output of VASP may come from databases and files of other people. Print single
lines with :func:`print_line`; build longer texts with :func:`lines` and :func:`table`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click

from ..visible import visible

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


def table(rows: Iterable[Sequence[Any]], headers: Sequence[str], **layout: Any) -> str:
    """Return a table with cells of a single line; a tuple makes a cell of several lines.

    :param layout: options of :func:`tabulate.tabulate`.
    """
    from tabulate import tabulate

    return tabulate([[_cell(value) for value in row] for row in rows], headers=headers, **layout)


def _cell(value: Any) -> Any:
    if isinstance(value, tuple):
        return lines(value)
    return visible(value) if isinstance(value, str) else value
