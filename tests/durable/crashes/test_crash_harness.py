"""The harness of the crash tests, proved with a classic work chain."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter

import psutil
import pytest
from aiida.engine import submit
from aiida.orm import WorkChainNode

from durable.classic import SumWorkChain
from durable.crash import count_fault_points, family, orphans, run_with_kills
from durable.workers import Workers
from process_tree import await_that

POINTS = Counter(
    {
        'parent submits': 1,
        'parent submitted': 1,
        'child begins': 2,
        'child ends': 2,
        'parent collects': 1,
        'parent ends': 1,
    }
)


def run() -> WorkChainNode:
    node: WorkChainNode = submit(SumWorkChain)
    return node


def values(node: WorkChainNode) -> Counter[tuple[str, str, int | None, tuple[int, ...]]]:
    """The family of a run, with the numbers that its members handed back."""
    return Counter(
        {
            (
                member.path,
                member.process_label,
                member.exit_status,
                tuple(json.loads(value)[0]['value'] for _, value in member.outputs),
            ): count
            for member, count in family(node).items()
        }
    )


def test_a_run_without_kills(workers: Workers) -> None:
    outcome = run_with_kills(workers, run, kill_at=())
    assert outcome.kills == 0
    assert Counter(outcome.reached) == POINTS
    assert outcome.node.exit_status == 0
    assert values(outcome.node) == {
        ('child_3', 'DoubleWorkChain', 0, (6,)): 1,
        ('child_3/CALL', 'double', 0, (6,)): 1,
        ('child_4', 'DoubleWorkChain', 0, (8,)): 1,
        ('child_4/CALL', 'double', 0, (8,)): 1,
        ('CALL', 'add', 0, (14,)): 1,
    }
    assert orphans(outcome.node) == []


def test_two_runs_have_equal_families(workers: Workers) -> None:
    first, second = (run_with_kills(workers, run, kill_at=()).node for _ in range(2))
    assert first.uuid != second.uuid
    assert family(first) == family(second)


def test_the_points_of_a_run_are_counted(workers: Workers) -> None:
    assert count_fault_points(workers, run) == POINTS.total()


@pytest.mark.parametrize('count', range(1, POINTS.total() + 1))
def test_a_kill_at_each_point(workers: Workers, count: int) -> None:
    outcome = run_with_kills(workers, run, kill_at=(count,))
    assert outcome.kills == 1
    assert len(outcome.reached) > POINTS.total()
    assert outcome.node.exit_status == 0
    assert outcome.node.outputs.total.value == 14


def test_several_kills(workers: Workers) -> None:
    outcome = run_with_kills(workers, run, kill_at=(1, 2, 3, 5))
    assert outcome.kills == 4
    assert outcome.reached[:5] == ['parent submits'] * 4 + ['parent submitted']
    assert outcome.node.outputs.total.value == 14


def test_children_are_announced_without_polling(workers: Workers) -> None:
    outcome = run_with_kills(workers, run, kill_at=(3,), timeout=50, poll_interval=60)
    assert outcome.kills == 1
    assert outcome.node.outputs.total.value == 14


def test_a_child_submitted_twice_is_seen(workers: Workers) -> None:
    outcome = run_with_kills(workers, run, kill_at=(2,))
    assert outcome.reached[1] == 'parent submitted'
    twice = [*family(outcome.node).elements(), *orphans(outcome.node)]
    assert Counter(member.process_label for member in twice)['DoubleWorkChain'] == 4


def test_an_error_says_where_a_run_stands(workers: Workers) -> None:
    with pytest.raises(AssertionError, match=r'not at rest after 0 s and 0 kills\nrun: SumWork'):
        run_with_kills(workers, run, kill_at=(), timeout=0)


def test_tasks_of_a_failed_test_are_forgotten(workers: Workers) -> None:
    workers.stop()
    run()
    await_that(lambda: len(workers.tasks) == 1, timeout=10)
    workers.reset()
    assert workers.tasks == []
    assert Counter(run_with_kills(workers, run, kill_at=()).reached) == POINTS


def test_what_an_earlier_run_has_left_is_done_first(workers: Workers) -> None:
    workers.stop()
    run()
    await_that(lambda: len(workers.tasks) == 1, timeout=10)
    assert Counter(run_with_kills(workers, run, kill_at=()).reached) == POINTS


def test_a_worker_that_is_stopped_is_not_replaced(workers: Workers) -> None:
    pid = workers.start()
    assert psutil.pid_exists(pid)
    before = workers.deaths
    workers.stop()
    assert workers.pid is None
    assert not psutil.pid_exists(pid)
    assert workers.deaths == before


def test_a_worker_that_is_killed_is_replaced(workers: Workers) -> None:
    pid = workers.start()
    os.kill(pid, signal.SIGKILL)
    await_that(lambda: workers.pid not in (None, pid), timeout=10)
    assert (workers.deaths[-1].pid, workers.deaths[-1].status) == (pid, -signal.SIGKILL)


def test_a_worker_dies_with_its_fork_server(workers: Workers) -> None:
    workers.stop()
    server = subprocess.Popen(
        [sys.executable, '-m', 'durable.fork_server', workers.daemon.profile.name],
        env=workers.daemon.get_env(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        assert server.stdin is not None
        assert server.stdout is not None
        assert json.loads(server.stdout.readline()) == {'pid': None, 'deaths': []}
        server.stdin.write(
            '{"command": "start", "respawn": true, "poll_interval": null, "is_real": false}\n'
        )
        server.stdin.flush()
        worker = psutil.Process(json.loads(server.stdout.readline())['pid'])
        server.kill()
        worker.wait(timeout=10)
    assert not worker.is_running()
