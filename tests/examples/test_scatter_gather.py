"""Scatter and gather: what comes out and how it is connected."""

from __future__ import annotations

import pytest
from aiida.engine import run_get_node, submit
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import ProcessNode

from aiida_slabrelax.durable import replay
from aiida_slabrelax.examples.scatter_gather import scatter_gather
from process_tree import await_that


def assert_shifted(node: ProcessNode) -> None:
    assert node.is_finished_ok, (node.exit_message, node.exception)
    sources, shifted = node.outputs.sources, node.outputs.shifted
    assert {label: sources[label].value for label in sources} == {
        'value_00': 0.0,
        'value_01': 1.0,
        'value_02': 2.0,
    }
    assert {label: shifted[label].value for label in shifted} == {
        'value_00': 0.5,
        'value_01': 1.5,
        'value_02': 2.5,
    }


def test_in_this_interpreter() -> None:
    _, node = run_get_node(scatter_gather, count=3, delta=0.5)
    assert_shifted(node)
    replay(node)


def test_through_a_daemon(started_daemon_client: DaemonClient) -> None:
    node = submit(scatter_gather, count=3, delta=0.5)
    await_that(lambda: bool(node.is_sealed))
    assert_shifted(node)
    replay(node)


def test_each_value_has_its_origin() -> None:
    _, node = run_get_node(scatter_gather, count=2, delta=0.5)
    for label in node.outputs.sources:
        source, shifted = node.outputs.sources[label], node.outputs.shifted[label]
        assert source.creator.process_label == 'make_values'
        assert shifted.creator.process_label == 'shift'
        assert shifted.creator.inputs.value.uuid == source.uuid
        assert shifted.creator.inputs.delta.uuid == node.inputs.delta.uuid


def test_the_calls() -> None:
    _, node = run_get_node(scatter_gather, count=2, delta=0.5)
    assert sorted(child.process_label for child in node.called) == ['make_values', 'shift', 'shift']


def test_no_values() -> None:
    with pytest.raises(ValueError, match='count must be at least 1, not 0'):
        run_get_node(scatter_gather, count=0, delta=0.5)
