"""What the calcfunction that has cut a slab has noted of it: the entry in ``terminations``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from aiida.common import LinkType
from aiida.orm import Dict, StructureData

from ..engine.links import Link, creator_of, links_of


def noted_by_generators(slabs: Mapping[str, StructureData]) -> list[Dict]:
    """Return the outputs ``terminations`` of the calcfunctions that have cut slabs, each once.

    A user's own slabs have none.

    :param slabs: by label.
    """
    origins = {link.pk: link.node for slab in slabs.values() if (link := _origin(slab)) is not None}
    outputs = (
        link.node
        for _, creator in sorted(origins.items())
        for link in links_of(creator, (LinkType.CREATE,), label='terminations')
    )
    return [node for node in outputs if isinstance(node, Dict)]


def facts_of(
    slabs: Mapping[str, StructureData], noted: Collection[Dict]
) -> dict[str, dict[str, Any]]:
    """Return what was noted of slabs when they were cut; a user's own slabs are left out.

    :param slabs: by any label; the generator may have called them otherwise.
    :param noted: what :func:`noted_by_generators` returns.
    :returns: by label, with the keys of
        :func:`~aiida_slabrelax.surfaces.describe_termination`.
    """
    noted_by = {getattr(creator_of(node), 'pk', None): node.get_dict() for node in noted}
    found = {}
    for label, slab in slabs.items():
        if (link := _origin(slab)) is not None:
            facts = noted_by.get(link.pk, {}).get(link.label.removeprefix('slabs__'))
            if isinstance(facts, dict):
                found[label] = facts
    return found


def known_symmetry(
    slabs: Mapping[str, StructureData], noted: Collection[Dict] | None = None
) -> dict[str, bool]:
    """Return whether the faces of slabs are equivalent, as their generator knows it, by label.

    :param noted: by default that of :func:`noted_by_generators`.
    """
    facts = facts_of(slabs, noted_by_generators(slabs) if noted is None else noted)
    return {label: bool(one['symmetric']) for label, one in facts.items() if 'symmetric' in one}


def _origin(slab: StructureData) -> Link | None:
    """Return the link from the process that has made a slab."""
    if not slab.is_stored:
        return None
    return next(iter(links_of(slab, (LinkType.CREATE,), incoming=True)), None)
