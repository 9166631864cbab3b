"""Workers that die on PostgreSQL and RabbitMQ, with jobs on the cluster.

They die at any moment; ``tests/durable/crashes`` and ``tests/workflows`` kill at every fault point.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import WorkChainNode

from infrastructure.slurm import Slurm
from infrastructure.what_is_left import assert_nothing_is_left
from process_tree import assert_each_slab_once, await_change, await_end, kill_daemon
from sample_structures import copper_slabs


@pytest.fixture
def start(two_workers: DaemonClient, cluster_builder: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that submits slabs of copper, three at a time, and returns the run."""

    def submit_slabs(layers: range) -> WorkChainNode:
        return submit(cluster_builder(slabs=copper_slabs(*layers), max_concurrent=3, fail='slow=1'))

    return submit_slabs


@pytest.mark.timeout(900)
def test_a_worker_killed_ten_times(
    two_workers: DaemonClient, start: Callable[..., Any], slurm: Slurm
) -> None:
    moments = random.Random(6)
    layers = range(3, 9)
    node = start(layers)
    killed = 0
    while killed < 10 and not node.is_sealed:
        await_change(node)
        time.sleep(moments.uniform(0, 1))
        pid = moments.choice([int(pid) for pid in two_workers.get_worker_info()['info']])
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            killed += 1
    await_end(node, timeout=400)
    assert killed == 10
    assert_each_slab_once(node, [f'cu_{n}' for n in layers], workers_died=True)
    assert_nothing_is_left(node, slurm, may_be_lost=True)


@pytest.mark.timeout(600)
def test_all_workers_killed_and_the_daemon_started_again(
    two_workers: DaemonClient, start: Callable[..., Any], slurm: Slurm
) -> None:
    moments = random.Random(7)
    layers = range(3, 9)
    node = start(layers)
    for _ in range(3):
        await_change(node)
        time.sleep(moments.uniform(0, 2))
        assert not node.is_sealed
        kill_daemon(two_workers)
        two_workers.start_daemon(number_workers=2)
    await_end(node, timeout=400)
    assert_each_slab_once(node, [f'cu_{n}' for n in layers], workers_died=True)
    assert_nothing_is_left(node, slurm, may_be_lost=True)
