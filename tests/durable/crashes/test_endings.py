"""What is left of a function when its worker or its process is ended from outside."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiida.cmdline.utils.common import get_workchain_report
from aiida.engine import submit
from aiida.engine.processes.control import kill_processes
from aiida.orm import Int, ProcessNode, Str

from aiida_slabrelax.durable import replay
from aiida_slabrelax.engine.children import NEVER_STARTED
from durable import endings, harm
from durable.crash import descendants
from durable.workers import Workers, await_despite_deaths
from process_tree import await_that


def launch(workers: Workers, workflow: Any, folder: Path, **inputs: Any) -> ProcessNode:
    """Submit a workflow and wait until it sleeps."""
    (workers.faults / 'kill_at').unlink(missing_ok=True)
    workers.start()
    node: ProcessNode = submit(workflow, folder=Str(str(folder)), **inputs)
    await_that(lambda: sleeps(node), 30)
    return node


def sleeps(node: ProcessNode) -> bool:
    return (node.process_status or '').startswith('Waiting for a time')


def kill_worker(workers: Workers) -> None:
    pid = workers.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def marks(folder: Path) -> dict[str, int]:
    return {path.name: path.read_text().count('x') for path in folder.iterdir()}


END: dict[str, Callable[[Workers], None]] = {'SIGTERM': Workers.stop, 'SIGKILL': kill_worker}


@pytest.mark.parametrize('workflow', [endings.cleaning, endings.cleaning_directly])
@pytest.mark.parametrize('end', END)
def test_the_end_of_a_worker_gives_no_commands(
    workers: Workers, tmp_path: Path, workflow: Any, end: str
) -> None:
    node = launch(workers, workflow, tmp_path)
    END[end](workers)
    workers.start()
    await_despite_deaths(lambda: is_killed(node), 30)
    assert list(descendants(node)) == []
    assert marks(tmp_path) == {'finally': 1, 'refused': 1}  # by the kill, not by the worker's end
    await_despite_deaths(lambda: workers.tasks == [], 10)


def is_killed(node: ProcessNode) -> bool:
    kill_processes([node], timeout=2)
    return bool(node.is_killed)


@pytest.mark.parametrize('workflow', [endings.cleaning, endings.cleaning_directly])
def test_a_kill_runs_finally_clauses_without_commands(
    workers: Workers, tmp_path: Path, workflow: Any
) -> None:
    node = launch(workers, workflow, tmp_path)
    kill_processes([node], timeout=10)
    await_that(lambda: bool(node.is_sealed), 10)
    assert node.is_killed
    assert marks(tmp_path) == {'finally': 1, 'refused': 1}
    assert list(descendants(node)) == []


def test_reports_and_side_effects_are_not_repeated(workers: Workers, tmp_path: Path) -> None:
    node = launch(workers, endings.telling, tmp_path)
    first = workers.pid
    kill_worker(workers)
    await_despite_deaths(lambda: bool(node.is_sealed), 30)
    assert marks(tmp_path) == {'asked': 1, 'run': 2}
    assert node.outputs.pid.value == first
    assert node.outputs.same.value is False
    report = get_workchain_report(node, 'REPORT')
    assert (report.count(']: before'), report.count(']: after')) == (1, 1)
    replay(node)


def test_new_beginnings_outlive_kills(workers: Workers, tmp_path: Path) -> None:
    """Only the present round is run through again."""
    node = launch(workers, endings.rounds, tmp_path, n=Int(0))
    await_despite_deaths(lambda: (tmp_path / 'round_1').exists() and sleeps(node), 30)
    kill_worker(workers)
    await_despite_deaths(lambda: bool(node.is_sealed), 60)
    assert node.exit_status == 0
    assert node.outputs.x.value == 4.0
    done = marks(tmp_path)
    assert (done['round_0'], done['round_2']) == (1, 1)
    assert done['round_1'] in (1, 2)
    ended = [process for _, process in descendants(node) if process.process_status != NEVER_STARTED]
    labels = Counter(str(process.process_label) for process in ended)
    assert labels == {'double': 3, 'store_outputs': 1}
    replay(node)


def test_what_loses_or_takes_too_long_is_killed(workers: Workers) -> None:
    (workers.faults / 'kill_at').unlink(missing_ok=True)
    workers.start()
    node = submit(endings.impatient)
    await_that(lambda: bool(node.is_sealed), 60)
    assert node.exit_status == 0
    naps = [child for _, child in descendants(node) if child.process_label == 'napping']
    assert len(naps) == 2
    await_that(lambda: all(nap.is_killed and nap.is_sealed for nap in naps), 30)
    assert node.outputs.value.value == 2.0
    assert node.outputs.said.value == (
        f'<call of napping<{max(nap.pk for nap in naps)}>> has not ended within 0.5 s'
    )
    await_that(lambda: workers.tasks == [], 10)
    replay(node)


def test_what_is_ended_need_not_be_in_a_worker_yet(workers: Workers) -> None:
    """After a restart the workflow is at its end before its children are taken up."""
    (workers.faults / 'kill_at').write_text('before the journal is filed')
    workers.start(is_real=True)
    node = submit(harm.ends_all_below, seconds=5.0)
    await_despite_deaths(lambda: bool(node.is_sealed), 60)
    assert (workers.faults / 'kill_at').read_text() == ''
    assert node.exit_status == 0
    below = [child for _, child in descendants(node)]
    await_despite_deaths(lambda: all(child.is_sealed for child in below), 30)
    assert [child.is_killed for child in below] == [True] * 4
    replay(node)
