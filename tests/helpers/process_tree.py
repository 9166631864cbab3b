"""What the tests through a daemon look at and wait for."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress

import psutil
from aiida.cmdline.utils.common import get_workchain_report
from aiida.engine.daemon.client import DaemonClient
from aiida.manage import get_manager
from aiida.orm import CalcJobNode, ProcessNode, WorkChainNode

from aiida_slabrelax.engine.children import never_started


def relaxations(run: WorkChainNode) -> list[WorkChainNode]:
    """Return the work chains that a run has called."""
    return [child for child in run.called if isinstance(child, WorkChainNode)]


def calculations(run: ProcessNode) -> list[CalcJobNode]:
    """Return the calculations below a run."""
    return [process for process in run.called_descendants if isinstance(process, CalcJobNode)]


def await_that(
    condition: Callable[[], bool], timeout: float = 120.0, interval: float = 0.2
) -> None:
    """Wait until a condition holds, looking at intervals (s); an error after so many seconds."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, f'not within {timeout} s'
        time.sleep(interval)


def stand(node: ProcessNode) -> str:
    """Say where a run and the processes below it stand."""
    lines = [
        f'{process.pk} {process.process_label} {process.label} {process.process_state} '
        f'{process.exit_status} {process.process_status or ""}'
        for process in [node, *node.called_descendants]
    ]
    return '\n'.join([*lines, get_workchain_report(node, 'REPORT')])


def await_end(node: ProcessNode, timeout: float = 240.0) -> None:
    """Wait until a run has ended; an error that says where it stands after so many seconds."""
    try:
        await_that(lambda: bool(node.is_sealed), timeout)
    except AssertionError as error:
        raise AssertionError(f'{error}\n{stand(node)}') from error


def await_change(node: ProcessNode, timeout: float = 30.0) -> None:
    """Wait until something has happened below a run, at most for so many seconds."""

    def trace() -> list[tuple[int | None, str]]:
        return [
            (process.pk, str(process.process_state)) for process in [node, *node.called_descendants]
        ]

    before, end = trace(), time.monotonic() + timeout
    while trace() == before and time.monotonic() < end:
        time.sleep(0.05)


def assert_each_slab_once(
    node: WorkChainNode, labels: Iterable[str], workers_died: bool = False
) -> None:
    """Check that a run has ended well and every slab of it was relaxed, none of them twice.

    :param workers_died: a relaxation that never started, because its worker died while it was made,
        does not count. A BaseRestartWorkChain whose worker died at its very end finds its outputs
        attached, does not attach them again, and misses them: it ends with 11, and all is there.
    """
    assert (node.exit_status, node.exit_message) == (0, None), stand(node)
    children = relaxations(node)
    if workers_died:
        children = [child for child in children if not never_started(child)]
    assert [child.pk for child in children if not child.is_terminated] == []
    statuses = {child.exit_status for child in children}
    assert statuses <= ({0, 11} if workers_died else {0}), stand(node)
    assert Counter(child.label for child in children) == dict.fromkeys(labels, 1), stand(node)
    assert sorted(node.outputs.relaxed_slabs) == sorted(labels)
    assert sorted(node.outputs.slab_energies) == sorted(labels)


def stop_daemon(daemon: DaemonClient) -> None:
    """Stop the daemon, if it runs, and wait until it has gone.

    While it is still starting it refuses. It says that it has stopped just before it removes the
    file with its pid: who then takes it for running asks it once more, and waits in vain for an
    answer.
    """
    if daemon.is_daemon_running:
        await_that(lambda: bool(daemon.stop_daemon(wait=True)['status'] == 'ok'), 30)
        await_that(lambda: not daemon.is_daemon_running, 30)


def leave_broker() -> None:
    """Leave the broker; the next command connects anew.

    Whenever somebody leaves, the broker of aiida-core looks for workers that have died with tasks.
    It can look too early, before its socket knows of the end of a worker (5 times in 300 on an idle
    machine), and then does not look again until somebody leaves.
    """
    communicator = get_manager().get_communicator()  # who has left before must join first
    # A client that is closed while it still starts waits for itself for ever: an answer shows that
    # it has started.
    with suppress(Exception):
        communicator.rpc_send('nobody', None).result(timeout=10)
    get_manager().reset_broker()
    get_manager().reset_runner()


def kill_daemon(daemon: DaemonClient) -> None:
    """Kill the daemon and its workers, so that none can put its things in order.

    The broker of a test profile is not part of its daemon: it goes on, and has to learn that they
    have died.
    """
    pid = daemon.get_daemon_pid()
    assert pid is not None
    supervisor = psutil.Process(pid)
    supervisor.suspend()  # lest it start a worker that is not among those
    family = [supervisor, *supervisor.children(recursive=True)]
    for process in family:
        with suppress(psutil.NoSuchProcess):  # a command of the worker that has ended meanwhile
            process.kill()
    psutil.wait_procs(family, timeout=30)
    leave_broker()


def kill_daemon_again_and_again(
    daemon: DaemonClient, node: ProcessNode, seed: int, times: int = 6
) -> None:
    """Kill a daemon at random moments after changes below a process, and start it again."""
    moments = random.Random(seed)
    for _ in range(times):
        await_change(node)
        time.sleep(moments.uniform(0, 1.5))
        kill_daemon(daemon)
        daemon.start_daemon()
