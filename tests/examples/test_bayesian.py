"""The Bayesian optimisation finds the minimum, with or without a crash on its way."""

from __future__ import annotations

from collections import Counter

import pytest
from aiida.engine import run_get_node, submit
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import ProcessNode

from aiida_slabrelax.durable import replay
from aiida_slabrelax.examples.bayesian import optimise
from process_tree import await_that, kill_daemon


def evaluations(node: ProcessNode) -> list[tuple[float, float]]:
    """The points and values of the evaluations that have ended, in their order."""
    return [
        (child.inputs.arguments.x.value, child.outputs.result.value)
        for child in sorted(node.called, key=lambda child: child.pk)
        if child.process_label == 'xsinx' and child.is_finished_ok
    ]


def assert_minimum(node: ProcessNode) -> None:
    assert node.is_finished_ok, (node.exit_message, node.exception)
    assert node.outputs.x.value == pytest.approx(18.9352, abs=1e-3)
    assert node.outputs.y.value == pytest.approx(-15.12510, abs=1e-5)
    assert node.outputs.n_evaluations.value == 13


@pytest.fixture(scope='module')
def undisturbed() -> ProcessNode:
    """The optimisation, run in this interpreter."""
    _, node = run_get_node(optimise)
    return node


def test_the_minimum(undisturbed: ProcessNode) -> None:
    assert_minimum(undisturbed)
    assert len(evaluations(undisturbed)) == 13


def test_the_function_agrees_with_its_provenance(undisturbed: ProcessNode) -> None:
    replay(undisturbed)


def test_another_run_gives_the_same_points(undisturbed: ProcessNode) -> None:
    _, node = run_get_node(optimise)
    assert evaluations(node) == evaluations(undisturbed)


def test_a_daemon_killed_in_the_middle(
    stopped_daemon_client: DaemonClient, undisturbed: ProcessNode
) -> None:
    stopped_daemon_client.start_daemon()
    node = submit(optimise)
    # Nine of thirteen evaluations come after these, one after the other.
    await_that(lambda: len(node.called) >= 4, interval=0.01)
    kill_daemon(stopped_daemon_client)
    assert not node.is_sealed
    stopped_daemon_client.start_daemon()
    await_that(lambda: bool(node.is_sealed))
    assert_minimum(node)
    # Those of the beginning run side by side: a crash can change the order in which they were made.
    assert Counter(evaluations(node)) == Counter(evaluations(undisturbed))
    replay(node)
