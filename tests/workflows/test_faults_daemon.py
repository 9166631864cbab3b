"""What is left after the daemon was killed, through a real daemon."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from aiida.cmdline.utils.common import get_workchain_report
from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import ProcessNode, WorkChainNode
from process_tree import await_that, kill_daemon, relaxations
from sample_structures import copper_slabs

LABELS = [f'cu_{n}' for n in range(3, 11)]


def processes(node: WorkChainNode) -> list[ProcessNode]:
    """All processes below a run."""
    called = [child for child in node.called if isinstance(child, ProcessNode)]
    return [*called, *(below for child in called for below in processes(child))]


def trace(node: WorkChainNode) -> list[tuple[int | None, str]]:
    """What is there of a run: each process and its state."""
    return [(process.pk, str(process.process_state)) for process in [node, *processes(node)]]


def await_change(node: WorkChainNode, timeout: float) -> None:
    """Wait until the daemon has done something for a run, at most for so many seconds."""
    before, end = trace(node), time.monotonic() + timeout
    while trace(node) == before and time.monotonic() < end:
        time.sleep(0.05)


def await_end(node: WorkChainNode, timeout: float) -> None:
    """Wait until a run has ended; an error that says where it stands after so many seconds."""
    try:
        await_that(lambda: bool(node.is_sealed), timeout)
    except AssertionError as error:
        stands = '\n'.join(
            f'{process.pk} {process.process_label} {process.process_state} {process.process_status}'
            for process in [node, *processes(node)]
        )
        raise AssertionError(
            f'{error}\n{stands}\n{get_workchain_report(node, "REPORT")}'
        ) from error


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
        await_change(node, timeout=30)
        time.sleep(moments.uniform(0, 2))
        assert not node.is_sealed
        kill_daemon(daemon)
        daemon.start_daemon()
    await_end(node, timeout=240)
    assert (node.exit_status, node.exit_message) == (0, None)
    children = relaxations(node)
    # A BaseRestartWorkChain whose worker died at its very end finds its outputs attached, does not
    # attach them again, and misses them: it ends with 11, and all is there.
    assert {child.exit_status for child in children if child.is_finished} <= {0, 11}
    ended = Counter(child.label for child in children if child.is_finished)
    assert ended == dict.fromkeys(LABELS, 1)
    assert sorted(node.outputs.relaxed_slabs) == sorted(LABELS)
    # What a VaspWorkChain launched twice may still be on its way, but nothing of ours is.
    assert [child.pk for child in children if not child.is_terminated] == []
