"""Pause and play, through a real daemon."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient
from aiida.engine.processes.control import pause_processes, play_processes

from aiida_slabrelax.cli.tables.slabs import describe_run
from aiida_slabrelax.results.slabs import collect
from process_tree import await_that, relaxations
from sample_structures import copper_slabs


def test_pausing_lets_running_relaxations_end_and_begins_no_new_ones(
    started_daemon_client: DaemonClient, slab_relax_builder: Callable[..., Any]
) -> None:
    builder = slab_relax_builder(
        slabs=copper_slabs(3, 4, 5, 6),
        max_concurrent=2,
        environment={'VASP_STANDIN_MODEL': 'instant', 'VASP_STANDIN_FAIL': 'slow=5'},
    )
    node = submit(builder)
    await_that(lambda: len(relaxations(node)) == 2)
    assert 'paused' not in describe_run(collect(node))
    pause_processes([node], timeout=30)
    await_that(lambda: all(child.is_finished_ok for child in relaxations(node)))
    time.sleep(5)  # s; in less than one the next would have been submitted
    assert len(relaxations(node)) == 2
    assert 'paused), 2 of 4 slabs done' in describe_run(collect(node))
    play_processes([node], timeout=30)
    await_that(lambda: bool(node.is_sealed))
    assert (node.exit_status, node.exit_message) == (0, None)
    assert sorted(node.outputs.relaxed_slabs) == ['cu_3', 'cu_4', 'cu_5', 'cu_6']
    assert len(relaxations(node)) == 4
