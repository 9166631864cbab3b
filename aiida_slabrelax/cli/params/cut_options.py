"""The options that say which slabs to cut, and the cut itself, without AiiDA."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ..errors import one_line
from ..printing import print_line
from . import options

if TYPE_CHECKING:
    from pymatgen.core.structure import Structure

    from ...surfaces import Survey

_OPTIONS = (
    options.miller(multiple=True),
    options.max_index,
    click.option(
        '--thickness', default=10.0, metavar='Å', show_default=True, help='Thickness of the slabs.'
    ),
    click.option(
        '--vacuum', default=15.0, metavar='Å', show_default=True, help='Thickness of the vacuum.'
    ),
    options.symmetrize,
    click.option(
        '--stoichiometric-only',
        is_flag=True,
        help='Leave out slabs that have not the composition of the crystal.',
    ),
    click.option(
        '--max-atoms',
        default=1000,
        metavar='N',
        show_default=True,
        help='Leave out slabs with more atoms.',
    ),
    click.option(
        '--generator',
        type=click.Choice(['exact', 'pymatgen']),
        default='exact',
        show_default=True,
        help='From the symmetry of the crystal, or as pymatgen cuts them.',
    ),
)

_NAMES = (
    'miller',
    'max_index',
    'thickness',
    'vacuum',
    'symmetrize',
    'stoichiometric_only',
    'max_atoms',
    'generator',
)

#: Those of the switches whose name is not that of the parameter.
_SWITCHES = {False: '--no-symmetrize', 'if_possible': '--symmetrize-if-possible'}

#: What messages of the generators call an option, and what it is called here.
_WORDS = {
    'Set symmetrize to False': ('Give {}', '--no-symmetrize'),
    'set symmetrize to False': ('give {}', '--no-symmetrize'),
    'max_atoms is': ('{} is', '--max-atoms'),
}


def cut_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of the cut to a :class:`~.options.MillerCommand`; :func:`cut` takes them."""
    return reduce(lambda decorated, option: option(decorated), reversed(_OPTIONS), command)


def refuse_cut_options(reason: str) -> None:
    """Make sure that no option of the cut was given.

    :param reason: why there is nothing to cut.
    :raises click.ClickException: if one was given.
    """
    context = click.get_current_context()
    for name in _NAMES:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = f'--{name.replace("_", "-")}'
            if name == 'symmetrize':
                option = _SWITCHES.get(context.params[name], option)
            raise click.ClickException(f'{option}: {reason}')


def cut(
    bulk: Structure,
    *,
    miller: Sequence[tuple[int, ...]],
    max_index: int | None,
    thickness: float,
    vacuum: float,
    symmetrize: Any,
    stoichiometric_only: bool,
    max_atoms: int,
    generator: str,
) -> Survey:
    """Cut every termination of the surfaces asked for.

    The parameters are those of the command line. Indices that are reduced are said.

    :raises click.ClickException: if one is not valid, or if there is no such slab.
    """
    from ...surfaces import (
        SlabGenerationError,
        SlabOptions,
        check_hexagonal,
        check_max_atoms,
        check_max_index,
        check_surfaces,
        check_thickness,
        check_vacuum,
        describe_reduction,
        survey,
    )

    planes = options.one_or_several(miller, max_index)
    for option, message in (
        ('--miller', check_surfaces(planes) if planes else None),
        ('--miller', next(filter(None, (check_hexagonal(bulk, one) for one in miller)), None)),
        ('--max-index', check_max_index(max_index)),
        ('--thickness', check_thickness(thickness)),
        ('--vacuum', check_vacuum(vacuum)),
        ('--max-atoms', check_max_atoms(max_atoms)),
    ):
        if message:
            raise click.ClickException(f'{option}: {message}')
    chosen = SlabOptions(
        min_slab_thickness=thickness,
        min_vacuum_thickness=vacuum,
        symmetrize=True if symmetrize is None else symmetrize,
        stoichiometric_only=stoichiometric_only,
        max_atoms=max_atoms,
        generator=generator,
    )
    try:
        found = survey(bulk, planes, chosen, max_index)
    except SlabGenerationError as error:
        raise click.ClickException(in_words_of_options(one_line(error))) from error
    for reduction in filter(None, map(describe_reduction, miller)):
        print_line(f'--miller: {reduction}', error=True)
    return found


def in_words_of_options(message: str) -> str:
    """Return a message of a generator with the options called as by the command that runs."""
    parameters = click.get_current_context().command.params
    known = {option for parameter in parameters for option in parameter.opts}
    for words, (phrase, option) in _WORDS.items():
        if option in known:
            message = message.replace(words, phrase.format(option))
    return message
