"""A plain function that survives a kill of the daemon."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import Int, Str

from aiida_slabrelax.durable import replay
from aiida_slabrelax.engine.children import NEVER_STARTED
from durable.programs import watched
from process_tree import await_end, await_that, kill_daemon


def test_a_daemon_killed_in_the_middle(started_daemon_client: DaemonClient, tmp_path: Path) -> None:
    node = submit(watched, folder=Str(str(tmp_path)), n=Int(9))
    await_that(lambda: len(node.called) > 3)
    assert not node.is_sealed
    kill_daemon(started_daemon_client)
    started_daemon_client.start_daemon()
    await_end(node)
    assert node.is_finished_ok, node.exit_message
    assert node.outputs.x.value == 72.0
    assert len((tmp_path / 'workers').read_text().splitlines()) == 2
    started = [child for child in node.called if child.process_status != NEVER_STARTED]
    calls = Counter(child.process_label for child in started)
    assert calls == {'double': 9, 'store_outputs': 1}
    replay(node)
