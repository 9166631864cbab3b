"""The nodes behind the links of a process."""

from __future__ import annotations

import pytest
from aiida.common import LinkType
from aiida.orm import CalcFunctionNode, Int

from aiida_slabrelax.links import linked, outputs_of


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
