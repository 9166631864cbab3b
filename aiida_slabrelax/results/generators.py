"""The entries in ``terminations`` that the generator of a slab has recorded for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from aiida.common import LinkType
from aiida.orm import Dict, ProcessNode, QueryBuilder, StructureData

from ..engine.links import creator_of

_CREATES = {'type': LinkType.CREATE.value}


def noted_by_generators(slabs: Mapping[str, StructureData]) -> list[Dict]:
    """Return the outputs ``terminations`` of the calcfunctions that cut slabs, each once.

    Slabs that a user has made have none.

    :param slabs: by label.
    """
    creators = {pk for pk, _ in _origins(slabs).values()}
    query = QueryBuilder().append(ProcessNode, filters={'id': {'in': list(creators)}}, tag='maker')
    edge = {**_CREATES, 'label': 'terminations'}
    query.append(Dict, with_incoming='maker', edge_filters=edge, tag='noted', project='*')
    query.order_by({'noted': {'id': 'asc'}})
    return list(query.all(flat=True)) if creators else []


def terminations_of(
    slabs: Mapping[str, StructureData], noted: Collection[Dict]
) -> dict[str, dict[str, Any]]:
    """Return the data recorded for slabs when they were cut; a user's own slabs are omitted.

    :param slabs: the slabs by any label; the generator may have used other labels.
    :param noted: the return value of :func:`noted_by_generators`.
    :returns: by label, with the keys of
        :func:`~aiida_slabrelax.surfaces.describe_termination`.
    """
    noted_by = {getattr(creator_of(node), 'pk', None): node.get_dict() for node in noted}
    origins = _origins(slabs) if noted_by else {}
    found = {
        label: noted_by.get(creator, {}).get(name.removeprefix('slabs__'))
        for label, (creator, name) in origins.items()
    }
    return {
        label: terminations
        for label, terminations in found.items()
        if isinstance(terminations, dict)
    }


def known_symmetry(
    slabs: Mapping[str, StructureData], noted: Collection[Dict] | None = None
) -> dict[str, bool]:
    """Return whether the faces of slabs are equivalent according to their generator, by label.

    :param noted: by default that of :func:`noted_by_generators`.
    """
    terminations = terminations_of(slabs, noted_by_generators(slabs) if noted is None else noted)
    return {
        label: bool(one['symmetric']) for label, one in terminations.items() if 'symmetric' in one
    }


def bulk_behind(slabs: Mapping[str, StructureData]) -> StructureData | None:
    """Return the crystal from which generators cut all slabs; None if there is not exactly one.

    :param slabs: by label.
    """
    origins = _origins(slabs)
    if len(origins) < len(slabs):
        return None
    creators = {creator for creator, _ in origins.values()}
    query = QueryBuilder().append(ProcessNode, filters={'id': {'in': list(creators)}}, tag='maker')
    edge = {'label': 'bulk_structure'}
    query.append(StructureData, with_outgoing='maker', edge_filters=edge, project='*').distinct()
    crystals = {crystal.uuid: crystal for crystal in query.all(flat=True)}
    return next(iter(crystals.values())) if len(crystals) == 1 else None


def _origins(slabs: Mapping[str, StructureData]) -> dict[str, tuple[int, str]]:
    """Return the pk of the process that created a slab, and the label of the link, by label."""
    pks = {slab.pk for slab in slabs.values() if slab.is_stored}
    query = QueryBuilder()
    query.append(StructureData, filters={'id': {'in': list(pks)}}, tag='slab', project='id')
    query.append(
        ProcessNode,
        with_outgoing='slab',
        edge_filters=_CREATES,
        project='id',
        edge_project='label',
    )
    made = {slab: (creator, name) for slab, creator, name in (query.all() if pks else ())}
    return {label: made[slab.pk] for label, slab in slabs.items() if slab.pk in made}
