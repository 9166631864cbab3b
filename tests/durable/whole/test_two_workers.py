"""Two workers of a real daemon: one is killed again and again, a task is delivered twice."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient
from aiida.manage import get_manager
from aiida.orm import ProcessNode

from aiida_slabrelax.durable import replay
from durable import programs
from durable.crash import orphans, stand
from durable.workers import await_despite_deaths, change_workers
from process_tree import await_that


@pytest.fixture
def two_workers(daemon_client: DaemonClient) -> Iterator[DaemonClient]:
    if not daemon_client.is_daemon_running:
        daemon_client.start_daemon()
    change_workers(daemon_client, 1)
    yield daemon_client
    change_workers(daemon_client, -1)


def finished(node: ProcessNode) -> Counter[str]:
    """The labels of the calls that have ended well."""
    links = node.base.links.get_outgoing(ProcessNode).all()
    return Counter(link.link_label for link in links if link.node.is_finished_ok)


def await_of(node: ProcessNode, condition: Callable[[], bool], timeout: float = 120.0) -> None:
    """Wait until a condition holds while workers die; an error that says where the run stands."""
    try:
        await_despite_deaths(condition, timeout)
    except AssertionError as error:
        raise AssertionError(f'{error}\n{stand(node)}') from error


@pytest.mark.timeout(1200)
def test_the_worker_of_a_workflow_killed_ten_times(
    two_workers: DaemonClient, tmp_path: Path
) -> None:
    moments, taken_up = random.Random(5), tmp_path / 'workers'
    node = submit(programs.watched, folder=str(tmp_path), n=15)
    await_that(taken_up.exists)
    killed: list[int] = []
    while len(killed) < 10 and not node.is_sealed:
        known = len(killed)
        await_of(
            node,
            lambda known=known: len(taken_up.read_text().split()) > known or node.is_sealed,
        )
        time.sleep(moments.uniform(0, 0.5))
        pid = int(taken_up.read_text().split()[-1])
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        killed.append(pid)
    await_of(node, lambda: node.is_sealed, timeout=240)
    assert (node.exit_status, node.outputs.x.value) == (0, sum(2.0 * i for i in range(15)))
    assert len(killed) == 10
    calls = {label: n for label, n in finished(node).items() if label.startswith('double_')}
    assert len(calls) == 15
    assert set(calls.values()) == {1}
    assert orphans(node) == []
    replay(node)


def test_a_workflow_that_two_workers_have_to_run(two_workers: DaemonClient, tmp_path: Path) -> None:
    """The worker that takes it up last has it; the other one lets go."""
    node = submit(programs.watched, folder=str(tmp_path), n=12)
    controller = get_manager().get_process_controller()
    taken_up = tmp_path / 'workers'
    await_that(taken_up.exists)
    for _ in range(3):
        controller.continue_process(node.pk, nowait=False, no_reply=True)
        time.sleep(0.3)
    await_of(node, lambda: node.is_sealed)
    assert (node.exit_status, node.outputs.x.value) == (0, sum(2.0 * i for i in range(12)))
    calls = {label: n for label, n in finished(node).items() if label.startswith('double_')}
    assert len(calls) == 12
    assert set(calls.values()) == {1}
    assert orphans(node) == []
    replay(node)
