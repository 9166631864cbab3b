"""Run a workflow while its worker is killed at chosen fault points, and compare what came out."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aiida.cmdline.utils.common import get_workchain_report
from aiida.common import LinkType
from aiida.orm import Node, ProcessNode, RemoteData

from aiida_slabrelax.engine.children import NEVER_STARTED
from aiida_slabrelax.engine.links import CALLS
from durable.workers import Workers
from process_tree import leave_broker


@dataclass(frozen=True)
class Outcome:
    """What became of a run."""

    node: ProcessNode
    #: The fault points in the order in which the workers reached them: their names, and what was
    #: stored then (:func:`durable.stored_state.stored_state`).
    points: list[str]
    #: The points of the plan at which no worker was killed.
    missed: list[str]
    kills: int
    #: From the submission to the acknowledgment of the last task.
    seconds: float

    @property
    def reached(self) -> list[str]:
        """The names of the fault points in the order in which the workers reached them."""
        return [point.split(':', 1)[0] for point in self.points]


class Ended(NamedTuple):
    """A process below a run that has ended; equal for two runs that did the same."""

    #: The labels of the calls that lead to it, joined by slashes.
    path: str
    process_label: str
    state: str
    exit_status: int | None
    outputs: tuple[tuple[str, str], ...]


def run_with_kills(
    workers: Workers,
    submit: Callable[[], ProcessNode],
    kill_at: Sequence[int | str],
    timeout: float = 60.0,
    poll_interval: int | None = None,
) -> Outcome:
    """Submit a process, kill its worker at fault points, and wait until all has come to rest.

    :param kill_at: the counts of the fault points, beginning with 1 and going on after a kill; or
        whole points, at each of which the first worker that reaches it is killed.
    :param timeout: in seconds; an error says where the processes stand then.
    :param poll_interval: see :meth:`durable.workers.Workers.start`.
    """
    reached, plan = workers.faults / 'reached', workers.faults / 'kill_at'
    plan.unlink(missing_ok=True)
    workers.start(poll_interval=poll_interval)
    _await_rest(workers)
    reached.unlink(missing_ok=True)
    plan.write_text('\n'.join(map(str, kill_at)))
    before, begin = len(workers.deaths), time.monotonic()
    node = submit()
    last, size = time.monotonic(), 0
    while workers.tasks or not node.is_sealed:
        deaths = workers.deaths[before:]
        if any(death.status != -signal.SIGKILL for death in deaths):
            raise AssertionError(f'a worker has ended by itself\n{workers.log.read_text()}')
        if time.monotonic() > begin + timeout:
            where = f'not at rest after {timeout} s and {len(deaths)} kills'
            left = ', '.join(task.name for task in workers.tasks)
            log = workers.log.read_text()[-3000:]
            raise AssertionError(f'{where}\n{stand(node)}\ntasks: {left}\n{log}')
        now_reached = reached.stat().st_size if reached.exists() else 0
        if now_reached != size:
            last, size = time.monotonic(), now_reached
        elif deaths and time.monotonic() > last + 5:
            leave_broker()
            last = time.monotonic()
        time.sleep(0.05)
    names = reached.read_text().splitlines() if reached.exists() else []
    return Outcome(
        node=node,
        points=[name.split(' ', 1)[1] for name in names],
        missed=[point for point in plan.read_text().splitlines() if not point.isdigit()],
        kills=len(workers.deaths) - before,
        seconds=time.monotonic() - begin,
    )


def _await_rest(workers: Workers) -> None:
    """Wait until the worker has done what an earlier run has left, a message sent twice for one."""
    end = time.monotonic() + 30
    while workers.tasks:
        assert time.monotonic() < end, f'tasks of an earlier run are left: {workers.tasks}'
        time.sleep(0.05)


def count_fault_points(workers: Workers, submit: Callable[[], ProcessNode]) -> int:
    """Return the number of fault points that a run without kills reaches."""
    return len(run_with_kills(workers, submit, kill_at=()).reached)


def descendants(node: ProcessNode, path: str = '') -> Iterator[tuple[str, ProcessNode]]:
    """All processes below one, each with the labels of the calls that lead to it."""
    for link in node.base.links.get_outgoing(link_type=CALLS).all():
        here = f'{path}{link.link_label}'
        yield here, link.node
        yield from descendants(link.node, f'{here}/')


def family(node: ProcessNode) -> Counter[Ended]:
    """Count the processes below a run that have ended, by what can be compared between runs.

    Those that never started, because the worker died while it made them, do not count.
    """
    return Counter(
        Ended(
            path=path,
            process_label=process.process_label,
            state=str(process.process_state.value),
            exit_status=process.exit_status,
            outputs=outputs(process),
        )
        for path, process in descendants(node)
        if process.is_terminated and process.process_status != NEVER_STARTED
    )


def orphans(node: ProcessNode) -> list[ProcessNode]:
    """The processes below a run that have not ended."""
    return [process for _, process in descendants(node) if not process.is_terminated]


def outputs(node: ProcessNode) -> tuple[tuple[str, str], ...]:
    """The labels of the outputs and their values as text."""
    links = node.base.links.get_outgoing(link_type=(LinkType.CREATE, LinkType.RETURN)).all()
    return tuple(sorted((link.link_label, _value(link.node)) for link in links))


def _value(node: Node) -> str:
    if isinstance(node, RemoteData):
        return 'a folder whose name is new in each run'
    return json.dumps([node.base.attributes.all, node.base.repository.hash()], sort_keys=True)


def stand(node: ProcessNode) -> str:
    """Say where a run and the processes below it stand."""
    lines = [
        f'{path or "run"}: {process.process_label} {process.pk} {process.process_state}'
        f' {process.exit_status} {process.process_status or ""}'
        for path, process in [('', node), *descendants(node)]
    ]
    return '\n'.join([*lines, get_workchain_report(node, 'REPORT')])
