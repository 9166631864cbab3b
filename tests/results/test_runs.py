"""Runs in the provenance graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.orm import Dict, Float, Int, StructureData, WorkChainNode
from plumpy import ProcessState

from aiida_slabrelax.results.runs import as_run, previous_of, relaxations_of, slabs_of
from sample_structures import copper_slab, copper_slabs

Instantiate = Callable[..., Any]
EndRelaxation = Callable[..., WorkChainNode]


@pytest.fixture(scope='module')
def slabs() -> dict[str, StructureData]:
    return copper_slabs(3, 4)


@pytest.fixture(scope='module')
def waiting(instantiate_for_all: Instantiate, slabs: dict[str, StructureData]) -> WorkChainNode:
    """A run of own slabs that has called nothing."""
    node: WorkChainNode = instantiate_for_all(slabs=slabs).node
    return node


@pytest.fixture(scope='module')
def cut(instantiate_for_all: Instantiate) -> Any:
    """A run that has cut its slabs."""
    process = instantiate_for_all()
    with process._process_scope():
        process.generate_slabs()
    return process


def test_a_run_is_one_at_any_stage(waiting: WorkChainNode) -> None:
    assert as_run(waiting) is waiting


def test_data_is_no_run() -> None:
    node = Int(3).store()
    with pytest.raises(ValueError, match=r'^node \d+ is a Int, not a SlabRelaxWorkChain$'):
        as_run(node)


def test_another_work_chain_is_no_run(
    instantiate: Instantiate, end_relaxation: EndRelaxation
) -> None:
    child = end_relaxation(instantiate(slabs=copper_slabs(3)), 'cu_3')
    with pytest.raises(ValueError, match=f'^node {child.pk} is a VaspWorkChain, not a SlabRelax'):
        as_run(child)


def test_own_slabs(waiting: WorkChainNode, slabs: dict[str, StructureData]) -> None:
    found = slabs_of(waiting)
    assert {label: slab.uuid for label, slab in found.items()} == {
        label: slab.uuid for label, slab in slabs.items()
    }


def test_slabs_that_were_cut(cut: Any) -> None:
    assert {label: slab.uuid for label, slab in slabs_of(cut.node).items()} == {
        'slab_00': cut.ctx.slabs['slab_00'].uuid
    }


def test_slabs_that_could_not_be_cut(instantiate: Instantiate) -> None:
    process = instantiate(max_atoms=Int(1))
    assert slabs_of(process.node) == {}
    with process._process_scope():
        assert process.generate_slabs().status == 310
    assert len(process.node.called) == 1
    assert slabs_of(process.node) == {}


def test_relaxations_by_label(instantiate: Instantiate, end_relaxation: EndRelaxation) -> None:
    process = instantiate(slabs=copper_slabs(3, 4))
    assert relaxations_of(process.node) == {}
    children = {label: end_relaxation(process, label).pk for label in ('cu_4', 'cu_3')}
    found = relaxations_of(process.node)
    assert {label: child.pk for label, child in found.items()} == children


def test_of_relaxations_with_one_label_the_youngest_counts(
    instantiate: Instantiate, end_relaxation: EndRelaxation
) -> None:
    process = instantiate(slabs=copper_slabs(3))
    end_relaxation(process, 'cu_3', Dict({}), copper_slab(3))
    end_relaxation(process, 'cu_3', exit_status=None, state=ProcessState.EXCEPTED)
    youngest = end_relaxation(process, 'cu_3', exit_status=401)
    assert relaxations_of(process.node)['cu_3'].pk == youngest.pk


def test_calcfunctions_are_no_relaxations(cut: Any) -> None:
    assert len(cut.node.called) == 1
    assert relaxations_of(cut.node) == {}


def test_what_a_run_was_given_of_an_earlier_one(instantiate: Instantiate) -> None:
    relaxed, energy = copper_slab(4).store(), Float(-9.0).store()
    node = instantiate(
        slabs=copper_slabs(3, 4),
        previous={'relaxed_slabs': {'cu_4': relaxed}, 'slab_energies': {'cu_4': energy}},
    ).node
    found = previous_of(node, 'relaxed_slabs')
    assert {label: slab.uuid for label, slab in found.items()} == {'cu_4': relaxed.uuid}
    assert previous_of(node, 'slab_energies')['cu_4'].uuid == energy.uuid
    assert previous_of(node, 'geometries') == {}


def test_a_run_without_an_earlier_one(waiting: WorkChainNode) -> None:
    assert previous_of(waiting, 'relaxed_slabs') == {}
