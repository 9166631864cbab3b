"""Workers that die on PostgreSQL and RabbitMQ, with jobs on the cluster."""

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
from aiida.orm import ProcessNode
from process_tree import kill_daemon
from sample_structures import copper_slabs

from infrastructure.slurm import Slurm
from infrastructure.what_is_left import (
    assert_each_slab_once,
    assert_nothing_is_left,
    await_end,
    processes,
)


def await_change(node: ProcessNode, timeout: float = 20.0) -> None:
    """Wait until something has happened below a run, at most for so many seconds."""

    def trace() -> list[tuple[int | None, str]]:
        return [(one.pk, str(one.process_state)) for one in [node, *processes(node)]]

    before, end = trace(), time.monotonic() + timeout
    while trace() == before and time.monotonic() < end:
        time.sleep(0.1)


@pytest.mark.timeout(900)
def test_a_worker_killed_twenty_times(
    two_workers: DaemonClient, cluster_builder: Callable[..., Any], slurm: Slurm
) -> None:
    moments = random.Random(6)
    layers = range(3, 15)
    node = submit(cluster_builder(slabs=copper_slabs(*layers), max_concurrent=3, fail='slow=1'))
    killed = 0
    while killed < 20 and not node.is_sealed:
        await_change(node)
        time.sleep(moments.uniform(0, 1))
        pid = moments.choice([int(pid) for pid in two_workers.get_worker_info()['info']])
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            killed += 1
    await_end(node, timeout=400)
    assert killed == 20
    assert_each_slab_once(node, [f'cu_{n}' for n in layers])
    assert_nothing_is_left(node, slurm, may_be_lost=True)


@pytest.mark.timeout(600)
def test_all_workers_killed_and_the_daemon_started_again(
    two_workers: DaemonClient, cluster_builder: Callable[..., Any], slurm: Slurm
) -> None:
    moments = random.Random(7)
    layers = range(3, 9)
    node = submit(cluster_builder(slabs=copper_slabs(*layers), max_concurrent=3, fail='slow=1'))
    for _ in range(3):
        await_change(node)
        time.sleep(moments.uniform(0, 2))
        assert not node.is_sealed
        kill_daemon(two_workers)
        two_workers.start_daemon(number_workers=2)
    await_end(node, timeout=400)
    assert_each_slab_once(node, [f'cu_{n}' for n in layers])
    assert_nothing_is_left(node, slurm, may_be_lost=True)
