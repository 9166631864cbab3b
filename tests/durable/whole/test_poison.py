"""Workflows that do harm to their worker, in a daemon: the others go on, and nothing hangs."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from aiida.cmdline.utils.common import get_workchain_report
from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient
from aiida.engine.processes.control import kill_processes
from aiida.orm import ProcessNode

from durable import poison
from durable.workers import await_despite_deaths
from process_tree import await_end, await_that


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


def test_kill_reaches_all_below(started_daemon_client: DaemonClient, tmp_path: Path) -> None:
    node = submit(poison.impatient, folder=str(tmp_path))

    def asleep() -> list[ProcessNode]:
        return [one for one in node.called_descendants if one.process_label == 'napping']

    await_despite_deaths(lambda: len(asleep()) == 5)
    for nap in asleep():
        await_wait(nap, 'a time')
    (tmp_path / 'enough').touch()
    await_end(node)
    assert node.exit_status == 0
    naps = [one for one in node.called_descendants if one.process_label in ('napping', 'two_naps')]
    await_that(lambda: all(nap.is_sealed for nap in naps))
    assert [nap.is_killed for nap in naps] == [True] * 7


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
    starts = {path.name: len(path.read_text().splitlines()) for path in tmp_path.iterdir()}
    assert starts['workflow'] <= 3
    assert starts['function'] <= 3
    (function,) = functions()
    assert itself.process_status.startswith('3 workers have died while dying ran: perhaps it ')
    assert function.process_status.startswith('3 interpreters have died while die ran, the last ')
    await_despite_deaths(lambda: is_killed(itself) and is_killed(below))
    await_that(lambda: all(node.is_sealed for node in (itself, below, *functions())))
    assert_goes_on()


def test_a_place_outlives_workers_but_not_its_workflow(
    started_daemon_client: DaemonClient, tmp_path: Path
) -> None:
    nodes = []
    for name in 'abc':
        nodes.append(submit(poison.in_turn, folder=str(tmp_path), name=name))
        if name == 'a':
            await_that((tmp_path / 'a is inside').exists)
        else:
            await_wait(nodes[-1], 'a place in poison')
    (pid,) = started_daemon_client.get_worker_info()['info']
    os.kill(int(pid), signal.SIGKILL)
    assert_goes_on()
    assert not (tmp_path / 'b is inside').exists()
    await_despite_deaths(lambda: is_killed(nodes[0]))
    await_despite_deaths((tmp_path / 'b is inside').exists)
    assert not (tmp_path / 'c is inside').exists()
    (tmp_path / 'b may go').touch()
    (tmp_path / 'c may go').touch()
    await_despite_deaths(lambda: all(node.is_sealed for node in nodes))
    assert [node.is_killed for node in nodes] == [True, False, False]
    assert [node.exit_status for node in nodes[1:]] == [0, 0]
