"""Which slabs of a run were left out after their pre-relaxation, read from the provenance."""

from __future__ import annotations

from typing import Any

from aiida.common import LinkType
from aiida.orm import QueryBuilder, WorkChainNode

from ...engine.links import inputs_of, links_of, outputs_of
from ..runs import SCREENING


def screening_of(run: WorkChainNode) -> dict[str, dict[str, Any]]:
    """Return the content of the output ``screening`` of a run, which may still be running."""
    for link in links_of(run, (LinkType.CALL_CALC,), label=SCREENING):
        if (node := outputs_of(link.node).get('screening')) is not None:
            content: dict[str, dict[str, Any]] = node.get_dict()
            return content
    return {}


def excluded_by(run: WorkChainNode) -> dict[str, str]:
    """Return why slabs were left out by a run or those that it retries, by label."""
    found = {
        label: str(entry['excluded'])
        for label, entry in screening_of(run).items()
        if entry.get('excluded') is not None
    }
    origin = inputs_of(run).get('retry_of')
    if origin is None:
        return found
    query = QueryBuilder().append(WorkChainNode, filters={'uuid': origin.value})
    earlier = query.first(flat=True)
    return found if earlier is None else {**excluded_by(earlier), **found}


def awaits_screening(run: WorkChainNode) -> bool:
    """Return whether a run has ended before it could compare its pre-relaxed slabs."""
    return inputs_of(run).get('screen') is not None and not screening_of(run)
