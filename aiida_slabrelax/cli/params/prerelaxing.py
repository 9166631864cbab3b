"""Options of the commands that relax slabs with a cheaper program before VASP."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import click

from .names import CodeName

_OPTIONS = (
    click.option(
        '--prerelax',
        type=CodeName(),
        metavar='CODE',
        help='Relax each slab with this code first: a coarser VASP, or vasp-standin with a model. '
        'Its inputs are those of VASP, and those under `prerelax` in --overrides laid over them.',
    ),
    click.option(
        '--screen',
        type=float,
        metavar='J/M2',
        help='With --prerelax: exclude slabs whose surface energy lies higher than this above the '
        'lowest termination of the same surface after the pre-relaxations.',
    ),
)


def prerelax_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of pre-relaxations to a command."""
    return reduce(lambda decorated, option: option(decorated), reversed(_OPTIONS), command)
