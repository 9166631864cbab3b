"""The options of commands that cut slabs without AiiDA, and the generation of the slabs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ..printing import print_line
from . import options
from .protocol import protocol
from .slab_options import CHOICE, describe_refusal, flag_of, slab_option

if TYPE_CHECKING:
    from pymatgen.core.structure import Structure

    from ...surfaces import Survey

#: Those of :class:`~aiida_slabrelax.slab_options.SlabOptions` that the commands have.
_NAMES = (
    'min_slab_thickness',
    'layers',
    'min_vacuum_thickness',
    'layer_tolerance',
    'symmetrize',
    'stoichiometric_only',
    'max_atoms',
    'generator',
    'indices_of',
    *CHOICE,
)

_OPTIONS = (
    options.miller(multiple=True),
    options.max_index,
    *(slab_option(name) for name in _NAMES),
    protocol,
)


def cut_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a :class:`~.options.MillerCommand`; :func:`cut` takes them."""
    return reduce(lambda decorated, option: option(decorated), reversed(_OPTIONS), command)


def refuse_cut_options(reason: str) -> None:
    """Make sure that none of these options was given.

    :param reason: why there is nothing to cut.
    :raises click.ClickException: if one was given.
    """
    context = click.get_current_context()
    for name in ('miller', 'max_index', 'protocol', *_NAMES):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.ClickException(f'{flag_of(name, context.params[name])}: {reason}')


def cut(
    bulk: Structure,
    *,
    miller: Sequence[tuple[int, ...]],
    max_index: int | None,
    protocol: str | None = None,
    **chosen: Any,
) -> Survey:
    """Cut every termination of the requested surfaces.

    The parameters are those of the command line; the protocol determines options that are None. If
    indices are reduced or converted, that is printed.

    :raises click.ClickException: if one is invalid, or there is no such slab.
    """
    from ...protocol_files import slab_options_of
    from ...surfaces import SlabGenerationError, SlabOptions, describe_planes, survey

    planes = options.one_or_several(miller, max_index)
    given = {name: value for name, value in chosen.items() if value is not None}
    wanted = SlabOptions(**slab_options_of(protocol, given))
    try:
        found = survey(bulk, planes, wanted, max_index)
    except SlabGenerationError as error:
        raise click.ClickException(describe_refusal(error)) from error
    for line in describe_planes(bulk, miller, wanted.indices_of):
        print_line(f'--miller: {line}', error=True)
    return found
