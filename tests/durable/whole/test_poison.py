"""Workflows that do harm to their worker, in a daemon: the others go on, and nothing hangs."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiida.cmdline.utils.common import get_workchain_report
from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient
from aiida.engine.processes.control import kill_processes
from aiida.orm import ProcessNode

from durable import poison
from durable.workers import await_despite_deaths
from process_tree import await_that


def await_wait(node: ProcessNode, what: str) -> None:
    await_despite_deaths(lambda: (node.process_status or '').startswith(f'Waiting for {what}'))


def is_killed(node: ProcessNode) -> bool:
    kill_processes([node], timeout=5)
    return bool(node.is_killed)


def assert_goes_on() -> None:
    """Check that a worker still works."""
    node = submit(poison.bystander)
    await_despite_deaths(lambda: bool(node.is_sealed), 240)
    assert (node.exit_status, node.outputs.x.value) == (0, 8.0)


def test_a_workflow_that_catches_everything_is_killed(
    started_daemon_client: DaemonClient,
) -> None:
    node = submit(poison.stubborn)
    await_wait(node, 'a time')
    await_despite_deaths(lambda: is_killed(node))
    await_that(lambda: bool(node.is_sealed))
    report = get_workchain_report(node, 'REPORT')
    assert 'stubborn catches what ends it (by a bare except' in report
    assert f'{Path(poison.__file__)}:' in report
    assert_goes_on()


@pytest.mark.timeout(1200)
def test_what_kills_its_worker_pauses(started_daemon_client: DaemonClient, tmp_path: Path) -> None:
    """A bystander goes on meanwhile, and so does one that only wanted to leave."""
    folder = str(tmp_path)
    below, itself = submit(poison.dying_below, folder=folder), submit(poison.dying, folder=folder)
    leaving, bystander = submit(poison.leaving, folder=folder), submit(poison.bystander)

    def functions() -> list[ProcessNode]:
        return [child for child in below.called if child.process_label == 'die']

    await_despite_deaths(lambda: bool(functions()) and functions()[0].paused and itself.paused, 600)
    await_despite_deaths(lambda: bool(bystander.is_sealed and leaving.is_sealed), 120)
    assert (bystander.exit_status, bystander.outputs.x.value) == (0, 8.0)
    assert leaving.is_excepted
    assert "RuntimeError: leaving has raised SystemExit('wrong input')" in leaving.exception
    starts = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert starts['workflow'] <= 3
    assert starts['function'] <= 3
    for node in (itself, *functions()):
        assert f'workers have died while {node.process_label} ran' in node.process_status
    await_despite_deaths(lambda: is_killed(itself) and is_killed(below))
    await_that(lambda: all(node.is_sealed for node in (itself, below, *functions())))
    assert_goes_on()
