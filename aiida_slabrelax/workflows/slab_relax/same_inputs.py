"""Runs with the same inputs, by the hashes of their contents."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from aiida.common.hashing import make_hash
from aiida.engine import ProcessBuilder
from aiida.orm import Data, QueryBuilder, WorkChainNode

from .retries.rivals import ORIGIN
from .work_chain import SlabRelaxWorkChain

#: Inputs that say when a slab is relaxed, not how.
NOT_COMPARED = ('max_concurrent', 'window')

#: The extra in which aiida-core keeps the hash of the content of a node.
_HASH = '_aiida_hash'


class SameInputs:
    """Finds the run that has the inputs of a builder.

    :param runs: the pks of runs; those that retry others do not count.
    """

    def __init__(self, runs: Collection[int]) -> None:
        self._hashes: dict[int, dict[str, str]] = {pk: {} for pk in runs}
        self._asked: set[frozenset[tuple[str, str]]] = set()
        query = QueryBuilder()
        query.append(WorkChainNode, filters={'id': {'in': [*runs]}}, project='id', tag='run')
        query.append(
            Data, with_outgoing='run', project=[f'extras.{_HASH}', '*'], edge_project='label'
        )
        for pk, known, node, label in query.all() if runs else ():
            self._hashes[pk][label] = known or _hash(node)
        self._hashes = {pk: found for pk, found in self._hashes.items() if ORIGIN not in found}

    def repeats(self, builder: ProcessBuilder) -> bool:
        """Return whether a builder with these inputs was asked for before."""
        inputs = frozenset(_hashes_of(builder).items())
        is_known = inputs in self._asked
        self._asked.add(inputs)
        return is_known

    def find(self, builder: ProcessBuilder) -> int | None:
        """Return the pk of the run with these inputs, or ``None``.

        Resources, queues and wall times may differ. An input that a run of an earlier version does
        not have counts as equal if it is the default here.
        """
        given = builder._inputs(prune=True)
        chosen = {label for label, _ in _flat(given) if label not in NOT_COMPARED}
        full = _hashes_of(builder)
        for pk, hashes in self._hashes.items():
            own = {label: one for label, one in hashes.items() if label not in NOT_COMPARED}
            if chosen <= own.keys() and own.items() <= full.items():
                return pk
        return None


class SharedInputs:
    """Lets builders have one node for equal inputs, defaults too.

    A worker holds the inputs of all its runs in memory, of those that wait as well, and each commit
    costs time for every node that is held. What is equal in a thousand runs is held once.
    """

    def __init__(self) -> None:
        self._nodes: dict[str, Data] = {}

    def fill(self, builder: ProcessBuilder) -> None:
        """Give a builder all its inputs, those that another one has had as the same nodes."""
        inputs = SlabRelaxWorkChain.spec().inputs.pre_process(builder._inputs(prune=True))
        builder._update(self._shared(inputs))

    def _shared(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the nodes among inputs, nested like them."""
        found: dict[str, Any] = {}
        for name, value in inputs.items():
            if isinstance(value, Mapping):
                if nodes := self._shared(value):
                    found[name] = nodes
            elif isinstance(value, Data):
                found[name] = (
                    value if value.is_stored else self._nodes.setdefault(_hash(value), value)
                )
        return found


def _hashes_of(builder: ProcessBuilder) -> dict[str, str]:
    """Return the hashes of all inputs, defaults too, by the labels of their links."""
    inputs = SlabRelaxWorkChain.spec().inputs.pre_process(builder._inputs(prune=True))
    return {
        label: node.base.caching.get_hash() or _hash(node)
        for label, node in _flat(inputs)
        if label not in NOT_COMPARED
    }


def _hash(node: Data) -> str:
    """Return what aiida-core keeps of the content of a node when it is stored."""
    return make_hash(node.base.caching.get_objects_to_hash())


def _flat(inputs: Mapping[str, Any], prefix: str = '') -> Iterator[tuple[str, Data]]:
    """Yield the nodes among inputs by the labels of their links."""
    for name, value in inputs.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f'{prefix}{name}__')
        elif isinstance(value, Data):
            yield f'{prefix}{name}', value
