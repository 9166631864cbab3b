"""Chemical potentials on the command line."""

from __future__ import annotations

import click


class Potential(click.ParamType):
    """An element and its chemical potential, such as ``O=-1.2``."""

    name = 'ELEMENT=EV'

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        """Return the element and Δμ in eV."""
        if isinstance(value, tuple):
            return value
        element, _, number = str(value).partition('=')
        try:
            return element.strip(), float(number)
        except ValueError as error:
            raise click.ClickException(
                f'--at: an element and Δμ in eV are needed, such as O=-1.2, got {value!r}'
            ) from error
