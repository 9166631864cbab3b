"""The option ``--fix``: which atomic layers of slabs stay where they are."""

from __future__ import annotations

import re
from typing import Any

import click


class Fixing(click.ParamType):
    """``layers=2`` or ``thickness=4``, and perhaps ``,side=bottom``."""

    name = 'rule'

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        """Return the rule as the port ``fix`` takes it."""
        from ...surfaces import check_fixing

        rule: dict[str, Any] = {}
        for word in re.split(r'[\s,]+', str(value).strip()):
            key, sign, text = word.partition('=')
            if not (key and sign and text) or key in rule:
                raise click.ClickException(
                    f'--fix: layers=N or thickness=Å is needed, and perhaps side=bottom, top or '
                    f'middle after a comma; got {str(value)!r}'
                )
            rule[key] = _number(text)
        if (problem := check_fixing(rule)) is not None:
            raise click.ClickException(f'--fix: {problem}')
        return rule


def _number(text: str) -> int | float | str:
    """Return a number where a word is one."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


fix = click.option(
    '--fix',
    'rule',
    type=Fixing(),
    metavar='RULE',
    help='Mark the atoms of whole layers as fixed (selective dynamics): layers=N or thickness=Å, '
    'and ,side=bottom, top or middle; without a side the middle of symmetric slabs, whole periods '
    'at the bottom of others.',
)
