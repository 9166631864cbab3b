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


@pytest.fixture(scope='module')
def run(
    instantiate_for_all: Fixture, relax: Fixture, end_relaxation: Fixture, end_run: Fixture
) -> Callable[..., WorkChainNode]:
    """Return a function that makes a run; of its slabs some have relaxed."""

    def make(
        label: str, slabs: dict[str, Any], energies: dict[str, float], **inputs: Any
    ) -> WorkChainNode:
        process = instantiate_for_all(slabs=slabs, **inputs)
        process.node.label = label
        for name in slabs:
            if name in energies:
                relax(process, name, energies[name])
            else:
                end_relaxation(process, name, exit_status=401)
        node: WorkChainNode = end_run(process)
        return node

    return make


@pytest.fixture(scope='module')
def runs(run: Callable[..., WorkChainNode]) -> list[WorkChainNode]:
    """A run, a retry of one slab of it, a retry of that, and a run of another crystal."""
    slabs = copper_slabs(3, 4, 5)
    first = run('Cu', slabs, {'cu_3': -1.0})
    # A retry of one slab only: the other one that has failed is not part of it.
    second = run('Cu', {'cu_4': slabs['cu_4']}, {}, retry_of=Str(first.uuid))
    third = run('Cu', {'cu_4': slabs['cu_4']}, {'cu_4': -2.0}, retry_of=Str(second.uuid))
    return [first, second, third, run('bcc', copper_slabs(5), {'cu_5': -3.0})]


@pytest.fixture(scope='module')
def group(runs: list[WorkChainNode]) -> Group:
    found = Group(label=f'metals-{uuid4()}').store()
    found.add_nodes(runs)
    return found


def energies_of(group: Group) -> dict[tuple[str, str], float | None]:
    return {(name, slab.label): slab.energy for name, slab in collect_group(group).rows()}


def test_one_table(group: Group) -> None:
    results = collect_group(group.label)
    assert energies_of(group) == {
        ('Cu', 'cu_3'): -1.0,
        ('Cu', 'cu_4'): -2.0,
        ('Cu', 'cu_5'): None,
        ('bcc', 'cu_5'): -3.0,
    }
    assert results.summary == f'{group.label}: 2 crystals, 4 slabs: 3 relaxed, 1 failed'
    frame = results.to_dataframe()
    assert frame.index.names == ['crystal', 'label']
    assert frame.loc[('Cu', 'cu_4'), 'energy_ev'] == -2.0
    assert 'Cu cu_5 failed: ' in results._repr_html_()


def test_a_retry_takes_the_place_of_what_it_has_retried(
    group: Group, runs: list[WorkChainNode]
) -> None:
    first, second, third, other = runs
    assert [[run.pk for run in chain] for chain in chains_in(group)] == [
        [first.pk, second.pk, third.pk],
        [other.pk],
    ]
    crystals = {crystal.name: crystal for crystal in collect_group(group).crystals}
    assert crystals['Cu'].last.pk == third.pk
    assert {
        slab.label: slab.energy for name, slab in collect_group(group).rows() if name == 'Cu'
    } == {'cu_3': -1.0, 'cu_4': -2.0, 'cu_5': None}


def test_what_each_crystal_has_cost_with_its_retries(group: Group) -> None:
    costs = collect_group(group).costs
    assert [(one.part, one.stage, one.cost.calculations) for one in costs] == [
        ('Cu', 'relaxation', 2),
        ('bcc', 'relaxation', 1),
    ]


def test_other_members_are_none_of_its_runs(runs: list[WorkChainNode]) -> None:
    group = Group(label=f'others-{uuid4()}').store()
    group.add_nodes([Int(1).store(), Float(2.0).store()])
    with pytest.raises(
        ValueError, match=f'there is no SlabRelaxWorkChain in the group {group.label}'
    ):
        collect_group(group)
    group.add_nodes([runs[-1]])
    assert len(collect_group(group).crystals) == 1
