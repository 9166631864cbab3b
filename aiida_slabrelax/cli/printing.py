"""The only way in which the commands print: what others have written is shown, not obeyed.

Labels, messages and what VASP has printed come from databases and files of anybody. A line goes
through :func:`print_line`; a text of several is made of :func:`lines` and :func:`table`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click

from ..visible import visible

#: What a text of several lines has of its own.
_LAYOUT = '\n\t'


def print_line(line: str, *, error: bool = False, colour: str | None = None) -> None:
    """Print a line, which stays one whatever is in it.

    :param error: print it on the standard error.
    :raises OSError: if the output is full or closed.
    """
    print_text(visible(line), error=error, colour=colour)


def print_text(text: str, *, error: bool = False, colour: str | None = None) -> None:
    """Print a text of any number of lines.

    :param text: what comes from others in it has gone through :func:`lines` or :func:`table`, or
        may forge lines, but no more.
    :param error: print it on the standard error.
    :raises OSError: if the output is full or closed.
    """
    click.secho(visible(text, _LAYOUT), err=error, fg=colour)


def lines(several: Iterable[str]) -> str:
    """Return lines as a text that has as many, whatever is in them."""
    return '\n'.join(map(visible, several))


def table(rows: Iterable[Sequence[Any]], headers: Sequence[str], **layout: Any) -> str:
    """Return a table whose cells are one line each; a tuple makes a cell of several.

    :param layout: for :func:`tabulate.tabulate`.
    """
    from tabulate import tabulate

    return tabulate([[_cell(value) for value in row] for row in rows], headers=headers, **layout)


def _cell(value: Any) -> Any:
    if isinstance(value, tuple):
        return lines(value)
    return visible(value) if isinstance(value, str) else value
