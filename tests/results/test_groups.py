"""The runs of a group as one table, each slab of each crystal once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from aiida.orm import Float, Group, Int, Str, WorkChainNode

from aiida_slabrelax.results import collect_group
from aiida_slabrelax.results.groups import chains_in
from sample_structures import copper_slabs

Fixture = Callable[..., Any]


@pytest.fixture
def group(aiida_profile: object) -> Group:
    return Group(label=f'metals-{uuid4()}').store()


@pytest.fixture
def add(
    group: Group, instantiate: Fixture, relax: Fixture, end_relaxation: Fixture, end_run: Fixture
) -> Callable[..., WorkChainNode]:
    """Return a function that adds a run to the group; of its slabs some have relaxed."""

    def make(
        label: str, slabs: dict[str, Any], energies: dict[str, float], **inputs: Any
    ) -> WorkChainNode:
        process = instantiate(slabs=slabs, **inputs)
        process.node.label = label
        for name in slabs:
            if name in energies:
                relax(process, name, energies[name])
            else:
                end_relaxation(process, name, exit_status=401)
        node: WorkChainNode = end_run(process)
        group.add_nodes([node])
        return node

    return make


def energies_of(group: Group) -> dict[tuple[str, str], float | None]:
    return {(name, slab.label): slab.energy for name, slab in collect_group(group).rows()}


def test_one_table(group: Group, add: Callable[..., WorkChainNode]) -> None:
    add('Cu', copper_slabs(3, 4), {'cu_3': -1.0, 'cu_4': -2.0})
    add('bcc', copper_slabs(5), {})
    results = collect_group(group.label)
    assert energies_of(group) == {('Cu', 'cu_3'): -1.0, ('Cu', 'cu_4'): -2.0, ('bcc', 'cu_5'): None}
    assert results.summary == f'{group.label}: 2 crystals, 3 slabs: 2 relaxed, 1 failed'
    frame = results.to_dataframe()
    assert frame.index.names == ['crystal', 'label']
    assert frame.loc[('Cu', 'cu_4'), 'energy_ev'] == -2.0
    assert 'bcc cu_5 failed: ' in results._repr_html_()


def test_a_retry_takes_the_place_of_what_it_has_retried(
    group: Group, add: Callable[..., WorkChainNode]
) -> None:
    slabs = copper_slabs(3, 4, 5)
    first = add('Cu', slabs, {'cu_3': -1.0})
    # A retry of one slab only: the other one that has failed is not part of it.
    second = add('Cu', {'cu_4': slabs['cu_4']}, {}, retry_of=Str(first.uuid))
    third = add('Cu', {'cu_4': slabs['cu_4']}, {'cu_4': -2.0}, retry_of=Str(second.uuid))
    assert [[run.pk for run in chain] for chain in chains_in(group)] == [
        [first.pk, second.pk, third.pk]
    ]
    assert energies_of(group) == {('Cu', 'cu_3'): -1.0, ('Cu', 'cu_4'): -2.0, ('Cu', 'cu_5'): None}
    (crystal,) = collect_group(group).crystals
    assert crystal.last.pk == third.pk


def test_what_each_crystal_has_cost_with_its_retries(
    group: Group, add: Callable[..., WorkChainNode]
) -> None:
    slabs = copper_slabs(3, 4)
    first = add('Cu', slabs, {'cu_3': -1.0})
    add('Cu', {'cu_4': slabs['cu_4']}, {'cu_4': -2.0}, retry_of=Str(first.uuid))
    add('bcc', copper_slabs(5), {'cu_5': -3.0})
    costs = collect_group(group).costs
    assert [(one.part, one.stage, one.cost.calculations) for one in costs] == [
        ('Cu', 'relaxation', 2),
        ('bcc', 'relaxation', 1),
    ]


def test_other_members_are_none_of_its_runs(
    group: Group, add: Callable[..., WorkChainNode]
) -> None:
    group.add_nodes([Int(1).store(), Float(2.0).store()])
    with pytest.raises(
        ValueError, match=f'there is no SlabRelaxWorkChain in the group {group.label}'
    ):
        collect_group(group)
    add('Cu', copper_slabs(3), {'cu_3': -1.0})
    assert len(collect_group(group).crystals) == 1
