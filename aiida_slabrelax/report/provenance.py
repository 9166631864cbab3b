"""The provenance of the numbers of a page: processes, codes and versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from aiida.orm import AbstractCode, Data, ProcessNode, QueryBuilder

from ..engine.links import CALLS, descendants_of

#: The packages whose versions the page lists.
PACKAGES = ('aiida-slabrelax', 'aiida-core', 'aiida-vasp', 'pymatgen', 'spglib', 'ase')


@dataclass(frozen=True)
class Process:
    """One process of the provenance.

    :ivar depth: the number of callers above it.
    :ivar version: the version of the package that it ran with, if it was recorded.
    """

    depth: int
    name: str
    pk: int | None
    uuid: str
    state: str
    exit_status: int | None
    started: str
    version: str


#: The columns of the database that the page shows of a process.
_COLUMNS = ('id', 'uuid', 'ctime', 'attributes')


def processes_of(root: ProcessNode) -> list[Process]:
    """Return a process and all its descendants, each after its caller."""
    pks = [root.pk, *descendants_of(root)]
    query = QueryBuilder().append(ProcessNode, filters={'id': {'in': pks}}, project=_COLUMNS)
    known = {pk: (uuid, ctime, attributes) for pk, uuid, ctime, attributes in query.all()}
    query = QueryBuilder()
    query.append(ProcessNode, filters={'id': {'in': pks}}, project='id', tag='caller')
    calls = {'type': {'in': [link_type.value for link_type in CALLS]}}
    query.append(ProcessNode, with_incoming='caller', edge_filters=calls, project='id')
    called: dict[int, list[int]] = {}
    for caller, pk in sorted(query.all()):
        called.setdefault(caller, []).append(pk)
    assert root.pk is not None
    return list(_walk(root.pk, 0, known, called))


def _walk(
    pk: int, depth: int, known: Mapping[int, Any], called: Mapping[int, list[int]]
) -> Iterator[Process]:
    uuid, ctime, attributes = known[pk]
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
        yield from _walk(child, depth + 1, known, called)


def codes_of(*roots: ProcessNode) -> list[str]:
    """Return the codes among the inputs of processes and their descendants."""
    pks = [pk for root in roots for pk in (root.pk, *descendants_of(root))]
    query = QueryBuilder().append(ProcessNode, filters={'id': {'in': pks}}, tag='process')
    # Only codes have this attribute, so other inputs are not loaded.
    filters = {'attributes': {'has_key': 'input_plugin'}}
    query.append(Data, with_outgoing='process', filters=filters, project='*').distinct()
    return sorted(
        f'{code.full_label} ({code.default_calc_job_plugin}), {code.uuid}'
        for code in query.all(flat=True)
        if isinstance(code, AbstractCode)
    )


def installed_versions() -> dict[str, str]:
    """Return the versions of the packages that made the page."""
    return {name: version(name) for name in PACKAGES}
