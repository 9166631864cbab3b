"""Options of the commands that compute surface energies."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce
from typing import Any

import click
from click.core import ParameterSource

from ...standin.models import NAMED
from . import options
from .job_options import JOB_OPTIONS, job_options
from .names import CodeName, FamilyName
from .prerelaxing import prerelax_options
from .protocol import protocol
from .slab_options import choice_options, slab_option

#: What belongs to ``--thickness``.
_NUMBER = re.compile(r'[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?')


class Numbers(click.ParamType):
    """Numbers separated by blanks or commas."""

    name = 'numbers'

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[float]:
        """Return the numbers as a list."""
        words = re.split(r'[\s,]+', str(value).strip())
        try:
            return [float(word) for word in words]
        except ValueError as error:
            raise click.ClickException(
                f'--thickness: numbers (Å) are needed, got {" ".join(words)!r}'
            ) from error


class ThicknessCommand(options.MillerCommand):
    """A command whose option ``--thickness`` is followed by several numbers."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Join the numbers into one value."""
        return super().parse_args(ctx, join_numbers(args))


def join_numbers(args: list[str]) -> list[str]:
    """Return the arguments with the numbers after ``--thickness`` joined by commas.

    >>> join_numbers(['Cu.cif', '--thickness', '8', '12', '--wait'])
    ['Cu.cif', '--thickness=8,12', '--wait']
    """
    if '--thickness' not in args:
        return args
    start = args.index('--thickness')
    end = start + 1
    while end < len(args) and _NUMBER.fullmatch(args[end]):
        end += 1
    numbers = args[start + 1 : end]
    option = f'--thickness={",".join(numbers)}' if numbers else '--thickness'
    return [*args[:start], option, *args[end:]]


class Reference(click.ParamType):
    """An element and its structure, such as ``O=O2.cif``."""

    name = 'reference'

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Return the element and the name of the structure."""
        element, sign, name = str(value).partition('=')
        if not (element and sign and name):
            raise click.ClickException(f'--reference: ELEMENT=STRUCTURE is needed, got {value!r}')
        return element, name


_OPTIONS = (
    click.option(
        '--code',
        type=CodeName(),
        metavar='CODE',
        help='The label (vasp@cluster), pk or uuid of a code in your AiiDA. Without it the '
        'stand-in for VASP computes everything on this machine, in its own AiiDA profile.',
    ),
    slab_option('min_vacuum_thickness'),
    slab_option('indices_of'),
    slab_option('layer_tolerance'),
    choice_options,
    click.option(
        '--reference',
        'references',
        type=Reference(),
        multiple=True,
        metavar='ELEMENT=STRUCTURE',
        help='A crystal of an element, or its molecule in a box. Can be repeated.',
    ),
    protocol,
    click.option(
        '--overrides',
        metavar='FILE',
        help='YAML nested like the inputs of SlabRelaxWorkChain; its values replace those of the '
        'protocol.',
    ),
    click.option('--family', type=FamilyName(), metavar='NAME', help='The family of potentials.'),
    prerelax_options,
    job_options,
    click.option(
        '--model',
        type=click.Choice(NAMED),
        help='The model of the stand-in for VASP.  [default: emt for metals, else gfn1]',
    ),
    options.dry_run,
    options.write_inputs,
    options.force,
    click.option('--wait', is_flag=True, help='With --code: wait for the end, print the table.'),
    options.timeout(3600),
    options.workdir('Without --code: the folder of the AiiDA profile, as for `demo`.'),
    options.profile,
)


def refuse_options_of_codes() -> None:
    """Make sure that no option was given that means something to a user's own code only.

    :raises click.ClickException: if one was given.
    """
    context = click.get_current_context()
    for parameter in context.command.params:
        name = parameter.name or ''
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name in ('profile', 'wait', 'prerelax', 'screen', *JOB_OPTIONS):
            raise click.ClickException(
                f'{parameter.opts[-1]}: give --code too; without it the stand-in for VASP runs '
                'here, in its own AiiDA'
            )


def energy_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of the calculations; :func:`.energy_runs.launch` takes them."""
    return reduce(lambda decorated, option: option(decorated), reversed(_OPTIONS), command)
