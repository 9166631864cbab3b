"""The nodes behind the links of a process."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from aiida.common import LinkType
from aiida.orm import CalcFunctionNode, InstalledCode, Int, load_node

from aiida_slabrelax.engine.links import (
    CALLS,
    TOGETHER,
    batches,
    creator_of,
    descendants_of,
    inputs_of,
    linked,
    links_of,
    outputs_of,
    read_ahead,
    read_once,
)
from large_runs import make_run


@pytest.fixture
def process() -> CalcFunctionNode:
    """A process with two inputs and two outputs."""
    node = CalcFunctionNode()
    for label, value in (('b', 1), ('a', 2)):
        node.base.links.add_incoming(Int(value).store(), LinkType.INPUT_CALC, label)
    node.store()
    for label, value in (('y', 3), ('x', 4)):
        output = Int(value)
        output.base.links.add_incoming(node, LinkType.CREATE, label)
        output.store()
    return node


def test_outputs_are_sorted_by_label(process: CalcFunctionNode) -> None:
    assert [(label, node.value) for label, node in outputs_of(process).items()] == [
        ('x', 4),
        ('y', 3),
    ]


def test_inputs(process: CalcFunctionNode) -> None:
    inputs = linked(process, (LinkType.INPUT_CALC,), incoming=True)
    assert [(label, node.value) for label, node in inputs.items()] == [('a', 2), ('b', 1)]


def test_the_first_of_what_two_workers_have_returned_counts(process: CalcFunctionNode) -> None:
    # As two workers do it at once: each of them asks whether it may before the other one does it.
    again = Int(5).store().backend_entity
    again.add_incoming(process.backend_entity, LinkType.CREATE, 'x')
    with pytest.raises(KeyError, match='duplicate label'):
        _ = process.outputs.x
    assert outputs_of(process)['x'].value == 4


def test_links_are_those_of_the_first_time_they_were_read(process: CalcFunctionNode) -> None:
    other = CalcFunctionNode().store()
    with read_once():
        assert list(outputs_of(process)) == ['x', 'y']
        for node in (process, other):
            output = Int(6)
            output.base.links.add_incoming(node, LinkType.CREATE, 'z')
            output.store()
        with read_once():
            assert list(outputs_of(process)) == ['x', 'y']
        assert list(inputs_of(process)) == ['a', 'b']
        assert list(outputs_of(other)) == ['z']
    assert list(outputs_of(process)) == ['x', 'y', 'z']


@pytest.mark.parametrize('number', [0, 1, TOGETHER, TOGETHER + 1, 3 * TOGETHER])
def test_batches_have_each_item_once(number: int) -> None:
    found = list(batches(range(number)))
    assert [item for batch in found for item in batch] == list(range(number))
    assert all(0 < len(batch) <= TOGETHER for batch in found)


def test_all_that_a_process_has_called(vasp_code: InstalledCode) -> None:
    run = make_run(vasp_code, 2, layers=1)
    assert sorted(descendants_of(run)) == sorted(node.pk for node in run.called_descendants)


def test_what_was_read_ahead_is_what_the_links_are(vasp_code: InstalledCode) -> None:
    run = make_run(vasp_code, 2, layers=1)
    calls = links_of(run, (LinkType.CALL_WORK,))
    relaxation = calls[0].node
    (calculation,) = [link.node for link in links_of(relaxation, CALLS)]
    structure = outputs_of(calculation)['structure']

    def around() -> list[object]:
        return [
            {label: node.pk for label, node in one.items()}
            for process in (relaxation, calculation)
            for one in (inputs_of(process), outputs_of(process))
        ] + [
            links_of(run, (LinkType.CALL_WORK,), label='slab_0')[0].pk,
            creator_of(structure).pk,
        ]

    before = around()
    with read_ahead([calls[0].pk]):
        assert around() == before
        assert links_of(run, (LinkType.CALL_WORK,), label='none') == []
    with read_ahead([structure.pk]):
        assert around() == before


def test_what_another_program_has_changed_is_read_anew(process: CalcFunctionNode) -> None:
    process.set_exit_status(0)
    pk, path = process.pk, process.backend.filepath_database
    assert process.exit_status == 0
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(
            'UPDATE db_dbnode SET attributes = json_set(attributes, :key, 7) WHERE id = :pk',
            {'key': '$.exit_status', 'pk': pk},
        )
    assert links_of(process, (LinkType.CREATE,))
    with read_ahead([pk]):
        assert process.exit_status == 7
    assert load_node(pk).exit_status == 7
