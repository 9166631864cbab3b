"""Options shared by the commands, and the types of their values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from ..inputs.configuration import profile_names
from .crystal_options import join_elements

#: What ends the indices after ``--miller``: the next option.
_OPTION = re.compile(r'--?[A-Za-z]')


class FileName(click.ParamType):
    """The name of a file, or something else such as a pk; it completes the names of files."""

    name = 'file'

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Leave the names to the shell."""
        return [CompletionItem(incomplete, type='file')]


class ProfileName(click.ParamType):
    """The name of a profile of AiiDA."""

    name = 'profile'

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the profiles of the configuration; aiida is not imported."""
        return [CompletionItem(name) for name in profile_names() if name.startswith(incomplete)]


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
        """Make one value of the indices, since options of click have a fixed number of values.

        :raises click.ClickException: if several surfaces are given to a command that takes one, or
            a fourth index that does not belong to the three before it.
        """
        joined = join_miller_indices(join_elements(args))
        several = any(option.name == 'miller' and option.multiple for option in self.params)
        if not several and sum(word.startswith('--miller=') for word in joined) > 1:
            raise click.ClickException(f'--miller: `{ctx.info_name}` takes one surface')
        try:
            return super().parse_args(ctx, [*joined])  # which click uses up
        except click.UsageError as error:
            from ...surfaces.checks import check_miller_indices

            # Whether an integer after three is an index or a pk shows where there are too many.
            for indices in _followed_by_integer(joined):
                if type(error) is click.UsageError and (problem := check_miller_indices(indices)):
                    raise click.ClickException(f'--miller: {problem}') from error
            raise


def _followed_by_integer(joined: list[str]) -> Iterator[list[int]]:
    """Yield four integers wherever an argument that is one follows three indices."""
    for option, word in pairwise(joined):
        indices = f'{option.removeprefix("--miller=")},{word}'
        if option.startswith('--miller=') and re.fullmatch(r'-?\d+(,-?\d+){3}', indices):
            yield [int(index) for index in indices.split(',')]


def join_miller_indices(args: list[str]) -> list[str]:
    """Return the arguments with the indices after each ``--miller`` joined by commas.

    Three are joined, and a fourth integer if the first three add up to zero as in (hkil). Indices
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
    end = start + 1 + len(words)
    option = f'--miller={",".join(words)}' if words else '--miller'
    return [*args[:start], option, *join_miller_indices(args[end:])]


def _goes_on(words: list[str], word: str) -> bool:
    """Return whether a word is a further index after the words before it."""
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
    """Return the option ``--miller`` of a :class:`MillerCommand`; ``multiple`` takes several."""
    meaning = (
        'The surface in the cell of the structure: three integers (hkl) or four (hkil), '
        'separated by blanks or commas.'
    )
    if attributes.get('multiple'):
        meaning += ' Can be repeated.'
    return click.option(
        '--miller', type=MillerIndices(), metavar='H K L', help=meaning, **attributes
    )


def one_or_several(
    planes: Sequence[tuple[int, ...]], max_index: int | None
) -> list[int] | list[list[int]] | None:
    """Return the Miller indices as the work chain takes them: of one surface, of several, or none.

    :param planes: the values of ``--miller``.
    :param max_index: the value of ``--max-index``, instead of planes.
    :raises click.ClickException: if both or neither were given.
    """
    if bool(planes) == (max_index is not None):
        raise click.ClickException(
            'give either --miller (several times for several surfaces) or --max-index'
        )
    if not planes:
        return None
    return list(planes[0]) if len(planes) == 1 else [list(plane) for plane in planes]


max_index = click.option(
    '--max-index',
    type=int,
    metavar='N',
    help='Instead of --miller: all symmetry-distinct surfaces with indices up to this.',
)

dry_run = click.option(
    '--dry-run',
    is_flag=True,
    help='Check all inputs and show the slabs, and what VASP would get for each; store nothing.',
)

write_inputs = click.option(
    '--write-inputs',
    type=click.Path(path_type=Path, file_okay=False),
    metavar='DIR',
    help='As --dry-run, and write INCAR, KPOINTS, POSCAR, POTCAR.spec and submit.sh of each.',
)

profile = click.option(
    '-p',
    '--profile',
    type=ProfileName(),
    metavar='NAME',
    help='The profile to use instead of the default one.',
)


def output(text: str) -> Callable[[_F], _F]:
    """Add the option ``--output``: the file that a command writes.

    :param text: the help text.
    """
    kind = click.Path(path_type=Path, dir_okay=False)
    return click.option('-o', '--output', type=kind, required=True, metavar='FILE', help=text)


width = click.option(
    '--width',
    'width_mm',
    type=float,
    metavar='MM',
    help='The width of figures, in mm: 85 for one column of a journal, 170 for two. Texts keep '
    'their size.  [default: of the figure]',
)


force = click.option('--force', is_flag=True, help='Replace an existing file.')


def timeout(default: float) -> Callable[[_F], _F]:
    """Add the option ``--timeout`` (s)."""
    return click.option(
        '--timeout',
        type=click.FloatRange(min=0),
        default=float(default),
        show_default=True,
        metavar='SECONDS',
        help='Give up after this time.',
    )


def workdir(text: str) -> Callable[[_F], _F]:
    """Add the option ``--workdir``: the folder of a separate AiiDA profile."""
    return click.option(
        '--workdir',
        type=click.Path(path_type=Path, file_okay=False),
        default=Path('demo'),
        show_default=True,
        help=text,
    )
