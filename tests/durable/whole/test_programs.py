"""Every workflow of the suite runs to its result, in this interpreter and through a daemon."""

from __future__ import annotations

from typing import Any

import pytest
from aiida.engine import run_get_node, submit
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import ProcessNode

from aiida_slabrelax.durable import replay
from aiida_slabrelax.durable.results import read_outputs
from aiida_slabrelax.durable.values.plain import to_plain
from durable import programs
from process_tree import await_that


def plain(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: plain(value) for name, value in tree.items()}
    value = to_plain(tree)
    return value.tolist() if hasattr(value, 'tolist') else value


def assert_as_expected(node: ProcessNode, name: str) -> None:
    status, expected = programs.EXPECTED[name]
    assert node.exit_status == status, (node.exit_message, node.exception)
    outputs = plain(read_outputs(node))
    assert set(outputs) == set(expected)
    for key, value in expected.items():
        assert value is ... or outputs[key] == value


@pytest.mark.parametrize('name', programs.EXPECTED)
def test_in_this_interpreter(name: str) -> None:
    _, node = run_get_node(getattr(programs, name))
    assert_as_expected(node, name)
    replay(node)


@pytest.mark.parametrize('name', programs.EXPECTED)
def test_through_a_daemon(name: str, started_daemon_client: DaemonClient) -> None:
    node = submit(getattr(programs, name))
    await_that(lambda: bool(node.is_sealed), 60)
    assert_as_expected(node, name)
    replay(node)
