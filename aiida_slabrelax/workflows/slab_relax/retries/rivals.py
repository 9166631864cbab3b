"""Concurrent retries of one run: the second is refused, with the name of the first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from aiida.orm import QueryBuilder, Str, WorkChainNode

from ....engine.origin import is_stored_here
from ....results.runs import PROCESS_TYPE, RETRY_OF, children_of, name_of, previous_of, slabs_of

#: The input with the uuid of the run that is retried.
ORIGIN = RETRY_OF


def rival_of(
    inputs: Mapping[str, Any], slabs: Collection[str], before: int | None = None
) -> str | None:
    """Return the name of another retry that runs the same slabs, or ``None``.

    :param inputs: the inputs of SlabRelaxWorkChain; without ``retry_of`` it is no retry.
    :param slabs: the labels of its slabs; empty if they are not cut yet.
    :param before: only retries that are older than the process with this pk.
    """
    if (origin := inputs.get(ORIGIN)) is None:
        return None
    taken_over = (inputs.get('previous') or {}).get('relaxed_slabs') or {}
    return describe_rival(origin.value, set(slabs) - set(taken_over), before)


def describe_rival(origin: str, labels: AbstractSet[str], before: int | None = None) -> str | None:
    """Return the name of a retry that runs the same slabs or has relaxed them, or ``None``.

    Slabs that failed in the other retry may be tried again.

    :param origin: the uuid of the run that is retried.
    :param labels: the slabs to run again; empty if they are not cut yet.
    :param before: only retries that are older than the process with this pk.
    """
    query = QueryBuilder().append(Str, filters={'attributes.value': origin}, tag='origin')
    filters: dict[str, Any] = {'process_type': PROCESS_TYPE}
    if before is not None:
        filters['id'] = {'<': before}
    query.append(
        WorkChainNode,
        with_incoming='origin',
        edge_filters={'label': ORIGIN},
        filters=filters,
        tag='retry',
        project='*',
    )
    query.order_by({'retry': {'id': 'asc'}})
    # An archive can hold the retry of a run, too; it runs nowhere.
    for retry in filter(is_stored_here, query.all(flat=True)):
        given = set(retry.inputs.slabs) if 'slabs' in retry.inputs else set()
        waiting = given - set(previous_of(retry, 'relaxed_slabs'))
        if _goes_on(retry):
            if not labels or not given or labels & waiting:
                return f'{name_of(retry)} already runs the same slabs again'
            continue
        if not labels and slabs_of(retry):
            return f'{name_of(retry)} has cut the slabs already: retry that one'
        if done := sorted(labels & waiting & _relaxed(retry)):
            return f'{", ".join(done)} relaxed in {name_of(retry)} already: retry that one'
    return None


def _goes_on(retry: WorkChainNode) -> bool:
    """Return whether a retry, or a child of a killed retry, is still active."""
    if not retry.is_terminated:
        return True
    left = children_of(retry).values()
    return any(not child.is_terminated and child.checkpoint is not None for child in left)


def _relaxed(retry: WorkChainNode) -> set[str]:
    return set(retry.outputs.relaxed_slabs) if 'relaxed_slabs' in retry.outputs else set()
