"""Where the numbers of a page are from: processes, codes and versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

from aiida.orm import AbstractCode, Data, ProcessNode

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


def processes_of(root: ProcessNode) -> list[Process]:
    """Return a process and all that it has called, each under its caller."""
    return list(_walk(root, 0))


def _walk(node: ProcessNode, depth: int) -> Iterator[Process]:
    versions = node.base.attributes.get('version', {})
    state = node.process_state
    yield Process(
        depth=depth,
        name=str(node.process_label),
        pk=node.pk,
        uuid=str(node.uuid),
        state=state.value if state is not None else 'created',
        exit_status=node.exit_status,
        started=f'{node.ctime:%Y-%m-%d %H:%M:%S %Z}',
        version=str(versions.get('plugin', '')),
    )
    for child in sorted(node.called, key=lambda one: one.pk or 0):
        yield from _walk(child, depth + 1)


def codes_of(root: ProcessNode) -> list[str]:
    """Return the codes that a process and all that it has called were given."""
    found = {}
    for process in [root, *root.called_descendants]:
        for node in process.base.links.get_incoming(node_class=Data).all_nodes():
            if isinstance(node, AbstractCode):
                plugin = node.default_calc_job_plugin
                found[node.uuid] = f'{node.full_label} ({plugin}), {node.uuid}'
    return sorted(found.values())


def installed_versions() -> dict[str, str]:
    """Return the versions of the packages with which the page was made."""
    return {name: version(name) for name in PACKAGES}
