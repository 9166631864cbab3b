"""The option for a group of runs, in place of one run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from .names import GroupName

_F = TypeVar('_F', bound=Callable[..., Any])


def group(text: str) -> Callable[[_F], _F]:
    """Add the option ``--group``.

    :param text: the help text.
    """
    return click.option('--group', 'group_label', type=GroupName(), metavar='NAME', help=text)


def check_one(identifier: str | None, group_label: str | None) -> None:
    """Check that a command is given a run or a group.

    :raises click.ClickException: if it is given neither or both.
    """
    if (identifier is None) == (group_label is None):
        raise click.ClickException('give either the PK or UUID of a run, or --group')
