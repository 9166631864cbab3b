"""The options for reading the file of a crystal."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from ..inputs.reading_options import ReadingOptions

#: The values of ``--elements``: symbols, whether or not there is such an element.
_SYMBOL = re.compile(r'[A-Z][a-z]?')


class Elements(click.ParamType):
    """Symbols of elements separated by blanks or commas."""

    name = 'elements'

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the symbols; whether there are such elements is not checked here."""
        words = [word for word in re.split(r'[\s,]+', str(value).strip()) if word]
        if not words or not all(map(_SYMBOL.fullmatch, words)):
            raise click.ClickException(
                f'--elements: symbols such as Ti O are needed, got {" ".join(words)!r}'
            )
        return tuple(words)


def join_elements(args: list[str]) -> list[str]:
    """Return the arguments with the symbols after ``--elements`` joined by commas.

    >>> join_elements(['POSCAR', '--elements', 'Ti', 'O', '--miller', '1', '1', '0'])
    ['POSCAR', '--elements=Ti,O', '--miller', '1', '1', '0']
    """
    if '--elements' not in args:
        return args
    start = args.index('--elements')
    end = start + 1
    while end < len(args) and _SYMBOL.fullmatch(args[end]):
        end += 1
    if end == start + 1:
        return args
    return [*args[:start], f'--elements={",".join(args[start + 1 : end])}', *args[end:]]


def crystal_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a :class:`~.options.MillerCommand`, which takes them as ``reading``."""

    @wraps(command)
    def with_reading(
        *args: Any,
        elements: tuple[str, ...] | None,
        index: int | None,
        read_anyway: bool,
        **others: Any,
    ) -> Any:
        return command(*args, reading=ReadingOptions(elements, index, read_anyway), **others)

    decorated: Callable[..., Any] = with_reading
    for option in (
        click.option(
            '--read-anyway',
            is_flag=True,
            help='Read a file that may describe another crystal.',
        ),
        click.option(
            '--index',
            type=int,
            metavar='N',
            help='The number of the structure in a file with several: 0 is the first, -1 the last.',
        ),
        click.option(
            '--elements',
            type=Elements(),
            metavar='Ti O …',
            help='The elements of a file that does not name them, such as a POSCAR of VASP 4.',
        ),
    ):
        decorated = option(decorated)
    return decorated
