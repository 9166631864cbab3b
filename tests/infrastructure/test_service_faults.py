"""Services that go away while a run needs them, and come back."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from aiida.cmdline.utils.common import get_workchain_report
from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient
from aiida.engine.processes.control import get_active_processes
from aiida.manage import get_manager
from aiida.orm import Bool, CalcJobNode, ProcessNode

from aiida_slabrelax.workflows import SlabRelaxWorkChain
from infrastructure.postgresql import PostgreSQL, Write, follows, links, sets, stores, stores_data
from infrastructure.rabbitmq import RabbitMQ
from infrastructure.slurm import Slurm
from infrastructure.ssh import SSH
from infrastructure.what_is_left import assert_nothing_is_left
from process_tree import (
    assert_each_slab_once,
    await_end,
    await_that,
    calculations,
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


def let_the_worker_notice() -> None:
    """Let the worker look at the database, so that it notices that it was cut off.

    One that has had nothing to do since would not end when it is told to, and be killed 30 s later.
    It gets a task for a process that there is not.
    """
    get_manager().get_process_controller().continue_process(0, nowait=True, no_reply=True)


def connect_again() -> None:
    """Connect this interpreter to the database again."""
    session = get_manager().get_profile_storage().get_session()
    session.rollback()
    session.get_bind().dispose()


def statuses(processes: Iterable[ProcessNode]) -> dict[str, tuple[int | None, ...]]:
    """Return the exit statuses of the processes of each slab, the oldest process first."""
    found: dict[str, tuple[int | None, ...]] = {}
    for process in sorted(processes, key=lambda node: node.pk or 0):
        found[process.label] = (*found.get(process.label, ()), process.exit_status)
    return found


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
    assert Counter(relaxation.label for relaxation in relaxations(node)) == dict.fromkeys(LABELS, 1)
    assert_nothing_is_left(node, slurm, may_be_lost=True)
    if not node.is_finished_ok:
        node = submit(SlabRelaxWorkChain.get_builder_retry(node))
        await_end(node)
    assert node.is_finished_ok, stand(node)
    assert sorted(node.outputs.relaxed_slabs) == LABELS
    assert sorted(node.outputs.slab_energies) == LABELS


@pytest.fixture
def cut_off(
    one_worker: DaemonClient, cluster_builder: Callable[..., Any], postgresql: PostgreSQL
) -> Callable[..., Any]:
    """Return a function that runs slabs, whose worker is cut off in the middle of a write.

    One slab comes after the other, the largest first: nobody else is in the middle of anything.
    """

    def repair() -> None:
        verdi('process', 'repair', '--force')
        connect_again()
        one_worker.start_daemon(number_workers=1)

    # What an earlier test has lost a repair sends too: now, and not in the middle of this one.
    if lost := get_active_processes():
        one_worker.stop_daemon()
        repair()
        await_that(lambda: all(process.is_terminated for process in lost))

    def start(
        write: Write, by: Callable[[], None], layers: tuple[int, ...], clean: bool = True
    ) -> Any:
        builder = cluster_builder(slabs=copper_slabs(*layers), max_concurrent=1)
        builder.vasp.clean_workdir = Bool(clean)
        with postgresql.trap(write) as amid:
            node = submit(builder)
            amid(by)
            let_the_worker_notice()
            one_worker.stop_daemon()
        repair()
        await_end(node)
        return node

    return start


@dataclass(frozen=True)
class Cut:
    """Where PostgreSQL is restarted, and what AiiDA makes of the slab that was under way.

    :ivar write: what was in the middle of being written.
    :ivar relaxations: the exit statuses of its VaspWorkChains, the oldest first; ``None`` if it has
        excepted.
    :ivar calculations: the same of its calculations.
    :ivar jobs: how many jobs were submitted for it.
    :ivar report: what the report of the run must say of it.
    :ivar clean: whether a VaspWorkChain removes the folders of its calculations in the end, also of
        one that still goes on.
    """

    write: Write
    relaxations: tuple[int | None, ...] = (0,)
    calculations: tuple[int | None, ...] = (0,)
    jobs: int = 1
    report: str = ''
    clean: bool = True


#: Inputs of a relaxation, which the run stores before it submits any: the calcfunction
#: `make_own_inputs` makes them, in a step of the run; and of a calculation.
KPOINTS = stores_data('data.core.array.kpoints.KpointsData.', 'mesh')
INCAR = stores_data('data.core.dict.Dict.', 'ibrion')

CUTS = {
    # The run launches a VaspWorkChain.
    'relaxation_is_stored': Cut(stores('VaspWorkChain')),
    'relaxation_has_no_checkpoint': Cut(
        sets('VaspWorkChain', 'checkpoints'), relaxations=(None, 0)
    ),
    'run_has_not_noted_it': Cut(
        sets('SlabRelaxWorkChain', 'process_state', 'waiting'), report='launched before'
    ),
    # The VaspWorkChain launches a calculation.
    'calculation_has_no_checkpoint': Cut(
        sets('VaspCalculation', 'checkpoints'), calculations=(None, 0)
    ),
    'relaxation_has_not_noted_it': Cut(
        sets('VaspWorkChain', 'process_state', 'waiting'), calculations=(0, 0), jobs=2, clean=False
    ),
    # The calculation.
    'uploaded': Cut(sets('VaspCalculation', 'state', 'unstashing')),
    'remote_folder': Cut(
        links('VaspCalculation', 'remote_folder'), relaxations=(11,), report='recovered'
    ),
    'number_of_the_job': Cut(sets('VaspCalculation', 'job_id'), jobs=2),
    'retrieved': Cut(links('VaspCalculation', 'retrieved')),
    'parsed': Cut(links('VaspCalculation', 'misc')),
    'calculation_has_ended': Cut(follows('VaspCalculation', 'process_state', 'finished')),
    # The VaspWorkChain ends.
    'outputs_of_the_relaxation': Cut(
        links('VaspWorkChain', 'misc'), relaxations=(11,), report='recovered'
    ),
    # The run ends.
    'energies': Cut(links('gather_energies', 'energies%')),
    'outputs_of_the_run': Cut(links('SlabRelaxWorkChain', 'slab_energies%')),
}


@pytest.mark.parametrize('name', CUTS)
def test_postgresql_is_restarted(
    cut_off: Callable[..., Any], postgresql: PostgreSQL, slurm: Slurm, name: str
) -> None:
    """The workers do not connect again by themselves: the daemon is restarted, and repaired.

    A process goes on from its last checkpoint, and what it finds there depends on the last write
    before the cut. These are the writes after which aiida-core does something else than after the
    one before; those between them (reports, time stamps, states that nobody reads) change nothing.
    """
    cut = CUTS[name]
    before = slurm.submitted()
    node = cut_off(cut.write, by=postgresql.restart, layers=(4,), clean=cut.clean)
    assert_each_slab_once(node, ['cu_4'], workers_died=True)
    await_that(lambda: all(calculation.is_terminated for calculation in calculations(node)), 60)
    assert_nothing_is_left(node, slurm)
    assert statuses(relaxations(node)) == {'cu_4': cut.relaxations}
    assert statuses(calculations(node)) == {'cu_4': cut.calculations}
    assert slurm.submitted() - before == cut.jobs
    assert cut.report in get_workchain_report(node, 'REPORT')


def test_connections_are_cut_while_inputs_of_a_relaxation_are_stored(
    cut_off: Callable[..., Any], postgresql: PostgreSQL, slurm: Slurm
) -> None:
    """The worker connects again at once, and could write that the run has excepted: it does not."""
    node = cut_off(KPOINTS, by=postgresql.cut_connections, layers=(3, 4))
    assert_each_slab_once(node, ['cu_3', 'cu_4'])
    assert_nothing_is_left(node, slurm)


def test_connections_are_cut_while_inputs_of_a_calculation_are_stored(
    cut_off: Callable[..., Any], postgresql: PostgreSQL, slurm: Slurm
) -> None:
    """The VaspWorkChain excepts, and a retry gets the slab."""
    node = cut_off(INCAR, by=postgresql.cut_connections, layers=(3, 4))
    assert node.exit_status == 402, stand(node)
    assert sorted(node.outputs.relaxed_slabs) == ['cu_3']
    assert statuses(relaxations(node)) == {'cu_3': (0,), 'cu_4': (None,)}
    assert_nothing_is_left(node, slurm)
    again = submit(SlabRelaxWorkChain.get_builder_retry(node))
    await_end(again)
    assert again.is_finished_ok, stand(again)
    assert sorted(again.outputs.relaxed_slabs) == ['cu_3', 'cu_4']


def test_the_ssh_server_is_away_for_a_minute(
    run: Callable[..., Any], ssh: SSH, slurm: Slurm
) -> None:
    """AiiDA gives up after a number of tries and pauses the jobs, which go on when told to."""

    def paused() -> list[CalcJobNode]:
        return [
            process
            for process in node.called_descendants
            if isinstance(process, CalcJobNode) and process.paused
        ]

    node = run(slurm)
    ssh.stop()
    time.sleep(60)
    ssh.start()
    held = paused()
    assert held, stand(node)
    verdi('process', 'play', *(str(process.pk) for process in held))
    await_end(node)
    assert_each_slab_once(node, LABELS)
    assert_nothing_is_left(node, slurm)
