"""What is left after the daemon was killed, through a real daemon."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient

from process_tree import assert_each_slab_once, await_change, await_end, kill_daemon
from sample_structures import copper_slabs

LABELS = [f'cu_{n}' for n in range(3, 11)]


@pytest.mark.timeout(1200)
def test_a_daemon_killed_ten_times(
    stopped_daemon_client: DaemonClient, slab_relax_builder: Callable[..., Any]
) -> None:
    daemon = stopped_daemon_client
    moments = random.Random(4)
    builder = slab_relax_builder(
        slabs=copper_slabs(*range(3, 11)),
        max_concurrent=3,
        environment={'VASP_STANDIN_MODEL': 'instant', 'VASP_STANDIN_FAIL': 'slow=2'},
    )
    daemon.start_daemon()
    node = submit(builder)
    for _ in range(10):
        await_change(node)
        time.sleep(moments.uniform(0, 2))
        assert not node.is_sealed
        kill_daemon(daemon)
        daemon.start_daemon()
    await_end(node)
    assert_each_slab_once(node, LABELS, workers_died=True)
