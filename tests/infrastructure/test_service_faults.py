"""Services that go away while a run needs them, and come back."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient
from aiida.manage import get_manager
from aiida.orm import CalcJobNode

from aiida_slabrelax.workflows import SlabRelaxWorkChain
from infrastructure.postgresql import PostgreSQL
from infrastructure.rabbitmq import RabbitMQ
from infrastructure.slurm import Slurm
from infrastructure.ssh import SSH
from infrastructure.what_is_left import assert_nothing_is_left
from process_tree import (
    assert_each_slab_once,
    await_end,
    await_that,
    relaxations,
    stand,
)
from sample_structures import copper_slabs

LABELS = [f'cu_{n}' for n in range(3, 7)]


@pytest.fixture
def run(two_workers: DaemonClient, cluster_builder: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that submits four slabs and waits until jobs of some of them run."""

    def start(slurm: Slurm, seconds: int = 5) -> Any:
        node = submit(cluster_builder(slabs=copper_slabs(3, 4, 5, 6), fail=f'slow={seconds}'))
        await_that(lambda: 'RUNNING' in slurm.jobs().values())
        return node

    return start


def verdi(*arguments: str) -> str:
    """Run a command of AiiDA, which must succeed."""
    done = subprocess.run(['verdi', *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_rabbitmq_is_restarted_while_the_daemon_is_stopped(
    run: Callable[..., Any], rabbitmq: RabbitMQ, slurm: Slurm
) -> None:
    node = run(slurm)
    verdi('daemon', 'stop')
    rabbitmq.stop()
    time.sleep(5)
    rabbitmq.start()
    verdi('daemon', 'start', '2')
    await_end(node)
    assert_each_slab_once(node, LABELS)
    assert_nothing_is_left(node, slurm)


def test_rabbitmq_is_away_for_half_a_minute(
    run: Callable[..., Any], rabbitmq: RabbitMQ, slurm: Slurm
) -> None:
    """The run ends by itself and has each slab once; what its relaxations lost, a retry gets.

    RabbitMQ gives every task to another worker while the first one goes on (aiida-core #4595). Ours
    let go of it; a VaspWorkChain and its calculation may fail by it, or leave a calculation that
    was never sent.
    """
    node = run(slurm, seconds=20)
    rabbitmq.stop()
    time.sleep(30)
    rabbitmq.start()
    await_end(node)
    assert node.is_finished, stand(node)
    assert Counter(one.label for one in relaxations(node)) == dict.fromkeys(LABELS, 1)
    assert_nothing_is_left(node, slurm, may_be_lost=True)
    if not node.is_finished_ok:
        node = submit(SlabRelaxWorkChain.get_builder_retry(node))
        await_end(node)
    assert node.is_finished_ok, stand(node)
    assert sorted(node.outputs.relaxed_slabs) == LABELS
    assert sorted(node.outputs.slab_energies) == LABELS


def test_postgresql_is_restarted(
    run: Callable[..., Any], postgresql: PostgreSQL, slurm: Slurm
) -> None:
    """The workers do not connect again by themselves: the daemon is restarted, and repaired.

    A VaspWorkChain that was cut off while it launched its calculation launches another one; the
    first one may end after the run, and must.
    """
    node = run(slurm)
    postgresql.restart()
    time.sleep(5)
    session = get_manager().get_profile_storage().get_session()
    session.rollback()
    session.get_bind().dispose()
    verdi('daemon', 'stop')
    verdi('process', 'repair', '--force')
    verdi('daemon', 'start', '2')
    await_end(node)
    assert_each_slab_once(node, LABELS)
    await_that(lambda: all(one.is_terminated for one in node.called_descendants), 60)
    assert_nothing_is_left(node, slurm)


def test_the_ssh_server_is_away_for_a_minute(
    run: Callable[..., Any], ssh: SSH, slurm: Slurm
) -> None:
    """AiiDA gives up after a number of tries and pauses the jobs, which go on when told to."""

    def paused() -> list[CalcJobNode]:
        return [
            one for one in node.called_descendants if isinstance(one, CalcJobNode) and one.paused
        ]

    node = run(slurm)
    ssh.stop()
    time.sleep(60)
    ssh.start()
    held = paused()
    assert held, stand(node)
    verdi('process', 'play', *(str(one.pk) for one in held))
    await_end(node)
    assert_each_slab_once(node, LABELS)
    assert_nothing_is_left(node, slurm)
