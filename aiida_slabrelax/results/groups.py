"""Results of the runs in a group of AiiDA, one after the other: each slab of each crystal once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiida.orm import Group, QueryBuilder, Str, WorkChainNode, load_group

from .costs.amounts import Cost, StageCost
from .runs import PROCESS_TYPE, RETRY_OF
from .slab_data import RunResults, SlabResult
from .slabs import collect

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped] # it has no types


@dataclass(frozen=True)
class CrystalResults:
    """A run and those that have retried it.

    :ivar name: the label of the first run, or its name if it has none.
    :ivar runs: the oldest first.
    """

    name: str
    runs: tuple[RunResults, ...]

    @property
    def last(self) -> RunResults:
        """The last run."""
        return self.runs[-1]

    @property
    def slabs(self) -> tuple[SlabResult, ...]:
        """Its slabs sorted by label, each from the last run that has it."""
        found = {slab.label: slab for run in self.runs for slab in run.slabs}
        return tuple(found[label] for label in sorted(found))


@dataclass(frozen=True)
class GroupResults:
    """The runs of a group.

    :ivar label: the label of the group.
    :ivar crystals: in the order in which their first runs were submitted.
    """

    label: str
    crystals: tuple[CrystalResults, ...]

    def rows(self) -> Iterator[tuple[str, SlabResult]]:
        """Yield all slabs, each after the name of its crystal."""
        for crystal in self.crystals:
            for slab in crystal.slabs:
                yield crystal.name, slab

    @property
    def counts(self) -> Counter[str]:
        """The number of slabs by state."""
        return Counter(slab.state for _, slab in self.rows())

    @property
    def costs(self) -> tuple[StageCost, ...]:
        """What all runs have cost so far, by crystal and stage."""
        found: dict[tuple[str, str], Cost] = {}
        for crystal in self.crystals:
            for one in (stage for run in crystal.runs for stage in run.costs):
                key = crystal.name, one.stage
                found[key] = found.get(key, Cost()) + one.cost
        return tuple(StageCost(*key, cost) for key, cost in found.items())

    @property
    def programs(self) -> list[str]:
        """The programs that computed the energies, with their versions."""
        return sorted({slab.program for _, slab in self.rows() if slab.program is not None})

    @property
    def summary(self) -> str:
        """One line: how many crystals and slabs there are, and how far they are."""
        counts = self.counts
        states = ', '.join(
            f'{counts[state]} {state}'
            for state in ('relaxed', 'failed', 'running', 'waiting')
            if counts[state]
        )
        crystals, slabs = len(self.crystals), counts.total()
        return (
            f'{self.label}: {crystals} crystal{"s" * (crystals != 1)}, '
            f'{slabs} slab{"s" * (slabs != 1)}{f": {states}" if states else ""}'
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each slab as a frame of pandas, by crystal and label."""
        from .frames import group_frame

        return group_frame(self)

    def _repr_html_(self) -> str:
        from .frames import group_html

        return group_html(self)


def collect_group(group: Group | str) -> GroupResults:
    """Read the results of all runs in a group, finished or not.

    :param group: the group, or its label.
    :raises NotExistent: if there is no such group.
    :raises ValueError: if there is no run in it, or the data of one are damaged.
    """
    group = group if isinstance(group, Group) else load_group(group)
    chains = chains_in(group)
    if not chains:
        raise ValueError(f'there is no SlabRelaxWorkChain in the group {group.label}')
    crystals = []
    for runs in chains:
        results = tuple(collect(run) for run in runs)
        crystals.append(CrystalResults(results[0].label or f'run {results[0].pk}', results))
    return GroupResults(group.label, tuple(crystals))


def runs_of(group: Group) -> dict[int, WorkChainNode]:
    """Return the runs of the work chain in a group by pk, the oldest first."""
    query = QueryBuilder().append(Group, filters={'id': group.pk}, tag='group')
    query.append(
        WorkChainNode,
        with_group='group',
        filters={'process_type': PROCESS_TYPE},
        project=['id', '*'],
    )
    return dict(sorted(query.all(), key=lambda row: row[0]))


def chains_in(group: Group) -> list[list[WorkChainNode]]:
    """Return the runs in a group, each with those that have retried it after it."""
    runs = runs_of(group)
    query = QueryBuilder().append(Str, project='attributes.value', tag='origin')
    query.append(
        WorkChainNode,
        with_incoming='origin',
        edge_filters={'label': RETRY_OF},
        filters={'id': {'in': [*runs]}},
        project='id',
    )
    origins = {pk: uuid for uuid, pk in query.all()} if runs else {}
    chains: dict[str, list[WorkChainNode]] = {}
    for pk, run in runs.items():
        chain = chains.get(origins.get(pk, ''), [])
        chain.append(run)
        chains[str(run.uuid)] = chain
    return list({id(chain): chain for chain in chains.values()}.values())
