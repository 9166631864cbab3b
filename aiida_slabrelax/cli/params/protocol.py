"""The option ``--protocol``: a named set of inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

_F = TypeVar('_F', bound=Callable[..., Any])


class ProtocolName(click.ParamType):
    """The name of a protocol, or ``NAME@FILE`` for one of the user's own."""

    name = 'protocol'

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name as it is; whether there is such a protocol is checked.

        :raises click.ClickException: if there is none.
        """
        from ...protocol_files import protocol_inputs

        try:
            protocol_inputs(value)
        except ValueError as error:
            raise click.ClickException(f'--protocol: {error}') from error
        return value

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the protocols of this package and those in the user's own files."""
        return [
            CompletionItem(name, help=description)
            for name, description in _known()
            if name.startswith(incomplete)
        ]


def _known() -> Iterator[tuple[str, str]]:
    """Yield the names of protocols and their descriptions; invalid files are skipped."""
    from ...protocol_files import OWN_FILES, load_protocols

    files = sorted(path.stem for path in Path(OWN_FILES).expanduser().glob('*.yaml'))
    for file in (None, *files):
        try:
            protocols = load_protocols(file)['protocols']
        except ValueError:  # a completion has no place for a message
            continue
        suffix = '' if file is None else f'@{file}'
        for name, inputs in protocols.items():
            yield f'{name}{suffix}', str(inputs['description'])


def protocol_option(meaning: str) -> Callable[[_F], _F]:
    """Return the option.

    :param meaning: its help.
    """
    return click.option('--protocol', type=ProtocolName(), metavar='NAME', help=meaning)


protocol = protocol_option(
    'fast, balanced or stringent: cut-off, k-points, forces, thickness; or NAME@FILE.  '
    '[default: balanced]'
)
