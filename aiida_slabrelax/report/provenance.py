"""Where the numbers of a page are from: processes, codes and versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from aiida.orm import AbstractCode, Data, ProcessNode, QueryBuilder

from ..engine.links import CALLS, descendants_of

PACKAGES = ('aiida-slabrelax', 'aiida-core', 'aiida-vasp', 'pymatgen', 'spglib', 'ase')
"""The packages whose versions are told."""


@dataclass(frozen=True)
class Process:
    """One process of the provenance.

    :ivar depth: how many processes called one another above it.
    :ivar version: that of the package that it ran with, if it was noted.
    """

    depth: int
    name: str
    pk: int | None
    uuid: str
    state: str
    exit_status: int | None
    started: str
    version: str


#: What the page says of a process, as the database has it.
_COLUMNS = ('id', 'uuid', 'ctime', 'attributes')


def processes_of(root: ProcessNode) -> list[Process]:
    """Return a process and all that it has called, each under its caller."""
    pks = [root.pk, *descendants_of(root)]
    query = QueryBuilder().append(ProcessNode, filters={'id': {'in': pks}}, project=_COLUMNS)
    found = {pk: (uuid, ctime, attributes) for pk, uuid, ctime, attributes in query.all()}
    query = QueryBuilder().append(ProcessNode, filters={'id': {'in': pks}}, project='id', tag='one')
    calls = {'type': {'in': [one.value for one in CALLS]}}
    query.append(ProcessNode, with_incoming='one', edge_filters=calls, project='id')
    called: dict[int, list[int]] = {}
    for caller, pk in sorted(query.all()):
        called.setdefault(caller, []).append(pk)
    assert root.pk is not None
    return list(_walk(root.pk, 0, found, called))


def _walk(
    pk: int, depth: int, found: Mapping[int, Any], called: Mapping[int, list[int]]
) -> Iterator[Process]:
    uuid, ctime, attributes = found[pk]
    yield Process(
        depth=depth,
        name=str(attributes.get('process_label')),
        pk=pk,
        uuid=str(uuid),
        state=attributes.get('process_state') or 'created',
        exit_status=attributes.get('exit_status'),
        started=f'{ctime:%Y-%m-%d %H:%M:%S %Z}',
        version=str((attributes.get('version') or {}).get('plugin', '')),
    )
    for child in called.get(pk, []):
        yield from _walk(child, depth + 1, found, called)


def codes_of(root: ProcessNode) -> list[str]:
    """Return the codes that a process and all that it has called were given."""
    pks = [root.pk, *descendants_of(root)]
    query = QueryBuilder().append(ProcessNode, filters={'id': {'in': pks}}, tag='process')
    # No other data has such an attribute, or few: they need not all be read.
    filters = {'attributes': {'has_key': 'input_plugin'}}
    query.append(Data, with_outgoing='process', filters=filters, project='*').distinct()
    return sorted(
        f'{code.full_label} ({code.default_calc_job_plugin}), {code.uuid}'
        for code in query.all(flat=True)
        if isinstance(code, AbstractCode)
    )


def installed_versions() -> dict[str, str]:
    """Return the versions of the packages with which the page was made."""
    return {name: version(name) for name in PACKAGES}
