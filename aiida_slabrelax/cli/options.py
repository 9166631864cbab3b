"""Options shared by the commands, and the types of their values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

#: What ends the indices after ``--miller``: the next option.
_OPTION = re.compile(r'--?[A-Za-z]')


class MillerIndices(click.ParamType):
    """Integers separated by blanks or commas."""

    name = 'h k l'

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return the indices as integers; whether they describe a plane is not checked here."""
        if isinstance(value, tuple):
            return value
        words = re.split(r'[\s,]+', str(value).strip())
        try:
            return tuple(int(word) for word in words)
        except ValueError as error:
            raise click.ClickException(
                f'--miller: three (hkl) or four (hkil) integers are needed, got {" ".join(words)!r}'
            ) from error


class MillerCommand(click.Command):
    """A command whose option ``--miller`` is followed by three or four integers."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Make one value of the indices, since options of click have a fixed number of values."""
        return super().parse_args(ctx, join_miller_indices(args))


def join_miller_indices(args: list[str]) -> list[str]:
    """Return the arguments with the indices after ``--miller`` joined by commas.

    Three are taken, and a fourth integer if the first three add up to zero as in (hkil). Indices
    that are joined already are left as they are.

    >>> join_miller_indices(['--miller', '1', '-1', '0', '--wait'])
    ['--miller=1,-1,0', '--wait']
    """
    if '--miller' not in args:
        return args
    start = args.index('--miller')
    words: list[str] = []
    for word in args[start + 1 :]:
        if _OPTION.match(word) or not _goes_on(words, word):
            break
        words.append(word)
    if not words:
        return args
    return [*args[:start], f'--miller={",".join(words)}', *args[start + 1 + len(words) :]]


def _goes_on(words: list[str], word: str) -> bool:
    """Return whether a word belongs to the indices that the words before it have begun."""
    if len(words) == 1 and re.search(r'[\s,]', words[0]):
        return False
    if len(words) < 3:
        return True
    try:
        *first, _ = (int(index) for index in [*words, word])
    except ValueError:
        return False
    return len(words) == 3 and sum(first) == 0


_F = TypeVar('_F', bound=Callable[..., Any])


def miller(**attributes: Any) -> Callable[[_F], _F]:
    """Return the option ``--miller`` of a :class:`MillerCommand`."""
    return click.option(
        '--miller',
        type=MillerIndices(),
        metavar='H K L',
        help='The surface in the cell of the structure: three integers (hkl) or four (hkil), '
        'separated by blanks or commas.',
        **attributes,
    )


thickness = click.option('--thickness', type=float, metavar='Å', help='Thickness of the slabs.')

vacuum = click.option('--vacuum', type=float, metavar='Å', help='Thickness of the vacuum.')

profile = click.option(
    '-p', '--profile', metavar='NAME', help='The profile to use instead of the default one.'
)
