"""Names in a profile of AiiDA, which the shell completes: codes, families of potentials, groups."""

from __future__ import annotations

from collections.abc import Iterator

import click
from click.shell_completion import CompletionItem

from ..inputs.configuration import find_configuration

#: How the labels of groups begin in which this package keeps what workers share.
_OWN = ('semaphore/', 'window/')


class InProfile(click.ParamType):
    """A name in the profile; whether there is such a thing is checked by the command."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin with what was typed; none if the profile cannot be read."""
        if find_configuration() is None:
            return []
        try:
            from aiida import load_profile

            load_profile(ctx.params.get('profile'), allow_switch=True)
            names = sorted(set(self.names()))
        except Exception:  # storages raise any exception, and a completion has no place for it
            return []
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]

    def names(self) -> Iterator[str]:
        """Yield the names in the loaded profile."""
        raise NotImplementedError


class CodeName(InProfile):
    """A code of VASP by its label ``vasp@cluster``; a pk or a uuid will do as well."""

    name = 'code'

    def names(self) -> Iterator[str]:
        """Yield the labels of the codes of the plugin ``vasp.vasp``."""
        from aiida.orm import AbstractCode, QueryBuilder

        query = QueryBuilder().append(
            AbstractCode, filters={'attributes.input_plugin': 'vasp.vasp'}
        )
        for code in query.all(flat=True):
            if not code.is_hidden:
                yield code.full_label


class FamilyName(InProfile):
    """A family of potentials that was uploaded."""

    name = 'family'

    def names(self) -> Iterator[str]:
        """Yield the labels of the families."""
        from aiida.orm import QueryBuilder
        from aiida_vasp.data.potcar import PotcarGroup

        yield from QueryBuilder().append(PotcarGroup, project='label').all(flat=True)


class GroupName(InProfile):
    """A group of nodes that users have made."""

    name = 'group'

    def names(self) -> Iterator[str]:
        """Yield the labels of plain groups that neither imports, plugins nor this package made."""
        from aiida.orm import Group, QueryBuilder

        query = QueryBuilder().append(Group, filters={'type_string': 'core'}, project='label')
        for label in query.all(flat=True):
            if not label.startswith(_OWN):
                yield label
