"""Which run has the inputs of a builder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.orm import Bool, Int, StructureData, WorkChainNode
from ase.build import bulk

from aiida_slabrelax.workflows.slab_relax.same_inputs import SameInputs, SharedInputs


@pytest.fixture
def stored(start_process: Callable[..., Any], slab_relax_builder: Callable[..., Any]) -> int:
    """The pk of a run."""
    pk = start_process(slab_relax_builder()).node.pk
    assert pk is not None
    return int(pk)


@pytest.fixture
def find(stored: int, slab_relax_builder: Callable[..., Any]) -> Callable[..., int | None]:
    """Return a function that looks for a run with the inputs of another builder."""

    def look(change: Callable[[Any], None] = lambda builder: None, **inputs: Any) -> int | None:
        builder = slab_relax_builder(**inputs)
        change(builder)
        return SameInputs([stored]).find(builder)

    return look


def copper(a: float) -> StructureData:
    return StructureData(ase=bulk('Cu', 'fcc', a=a, cubic=True))


def test_the_same_from_other_nodes(find: Callable[..., Any], stored: int) -> None:
    assert find() == stored
    assert find(bulk_structure=copper(3.6)) == stored


def test_when_and_where_do_not_count(find: Callable[..., Any], stored: int) -> None:
    def elsewhere(builder: Any) -> None:
        builder.vasp.calc.metadata.options.max_wallclock_seconds = 7200
        builder.metadata.label = 'another'

    assert find(elsewhere, max_concurrent=4, window='oxides') == stored


def test_a_default_that_is_written_out_is_the_same(find: Callable[..., Any], stored: int) -> None:
    assert find(rescue=Bool(True)) == stored


@pytest.mark.parametrize(
    'inputs',
    [
        {'miller_indices': [1, 1, 0]},
        {'min_slab_thickness': 6.0},
        {'incar': {'encut': 401}},
        {'kpoints_spacing': 0.06},
        {'fix': {'layers': 1}},
    ],
)
def test_others_are_others(find: Callable[..., Any], inputs: dict[str, Any]) -> None:
    assert find(**inputs) is None


def test_another_crystal(find: Callable[..., Any]) -> None:
    assert find(bulk_structure=copper(3.61)) is None


def test_an_input_that_only_the_run_has(
    start_process: Callable[..., Any], slab_relax_builder: Callable[..., Any]
) -> None:
    run = start_process(slab_relax_builder(max_atoms=Int(50))).node.pk
    assert SameInputs([run]).find(slab_relax_builder()) is None


def test_without_runs(slab_relax_builder: Callable[..., Any]) -> None:
    assert SameInputs([]).find(slab_relax_builder()) is None


def test_equal_inputs_are_one_node(
    start_process: Callable[..., Any], slab_relax_builder: Callable[..., Any]
) -> None:
    shared, runs = SharedInputs(), []
    for structure in (copper(3.6), copper(3.7)):
        builder = slab_relax_builder(bulk_structure=structure)
        shared.fill(builder)
        runs.append(start_process(builder).node)
    first, second = ({link.link_label: link.node.pk for link in links_of(run)} for run in runs)
    assert first.keys() == second.keys()
    assert [label for label in first if first[label] != second[label]] == ['bulk_structure']
    assert SameInputs([runs[0].pk]).find(slab_relax_builder(bulk_structure=copper(3.6))) == (
        runs[0].pk
    )


def links_of(run: WorkChainNode) -> list[Any]:
    return run.base.links.get_incoming().all()
