"""Many crystals in a group: PostgreSQL, RabbitMQ, two workers, one of which is killed on the way.

``launch --group`` submits crystals with twenty surfaces each, whose relaxations share a window. The
stand-in for VASP answers at once. In the end every slab must be there, none twice, in one table.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
import psutil
from tabulate import tabulate

from aiida_slabrelax.cli import cli
from aiida_slabrelax.cli.sandbox import environment
from production_profile import production_profile
from relaxation_runs import Bench, fresh_workers, in_workdir, with_json

MAX_GROWTH = 1.1
"""CPU time of the workers for a slab, from the smallest number to the largest."""

#: The surfaces of each crystal; a face-centred cubic one has one termination of each.
PLANES = (
    *('1 0 0', '1 1 0', '1 1 1', '2 1 0', '2 1 1', '2 2 1', '3 1 0', '3 1 1', '3 2 0', '3 2 1'),
    *('3 2 2', '3 3 1', '3 3 2', '4 1 0', '4 1 1', '4 2 1', '4 3 0', '4 3 1', '4 3 2', '4 3 3'),
)

OPTIONS = """
withmpi: false
resources: {num_machines: 1, num_mpiprocs_per_machine: 1}
environment_variables: {VASP_STANDIN_MODEL: instant, OMP_NUM_THREADS: '1'}
"""


@dataclass
class Workers:
    """The workers of the daemon, those that have died too.

    :ivar cpu: the CPU time of each in s, with that of the commands that it ran, by pid.
    :ivar memory: the largest memory of each in MB, by pid.
    """

    cpu: dict[int, float] = field(default_factory=dict)
    memory: dict[int, float] = field(default_factory=dict)

    def look(self) -> None:
        """Note what all workers have needed so far."""
        from aiida.engine.daemon.client import get_daemon_client

        for pid in get_daemon_client().get_worker_info(timeout=60)['info']:
            try:
                process = psutil.Process(int(pid))
                times, memory = process.cpu_times(), process.memory_info().rss / 1e6
            except psutil.NoSuchProcess:
                continue
            self.cpu[int(pid)] = float(
                times.user + times.system + times.children_user + times.children_system
            )
            self.memory[int(pid)] = max(memory, self.memory.get(int(pid), 0.0))


@dataclass(frozen=True)
class Figures:
    """What the slabs of a group have cost.

    :ivar worker: CPU time of the workers and the commands that they ran, s.
    :ivar client: CPU time of ``launch``, s.
    :ivar wall: from the beginning of ``launch`` to the end of the last run, s.
    :ivar memory: the largest memory of a worker, MB.
    :ivar most: the largest number of relaxations at the same time.
    :ivar killed: how many workers were killed.
    :ivar table: CPU time of ``show --group``, s.
    """

    slabs: int
    crystals: int
    worker: float
    client: float
    wall: float
    memory: float
    most: int
    killed: int
    table: float


def write_table(folder: Path, number: int, stretch: float) -> Path:
    """Write crystals and a table of them, with so many slabs together; return the table."""
    from ase.build import bulk

    folder.mkdir(parents=True)
    rows = ['file\tmiller']
    for start in range(0, number, len(PLANES)):  # the last one has the rest
        name = f'Cu_{start // len(PLANES):03d}.vasp'
        bulk('Cu', 'fcc', a=3.6 + stretch + 1e-4 * start, cubic=True).write(folder / name)
        rows.append(f'{name}\t{"; ".join(PLANES[: number - start])}')
    table = folder / 'crystals.tsv'
    table.write_text('\n'.join(rows) + '\n')
    return table


def run(*arguments: object) -> None:
    """Run a command in this process, on the profile that is loaded."""
    cli.main([str(argument) for argument in arguments], standalone_mode=False)


def launch(bench: Bench, table: Path, label: str, limit: int) -> None:
    """Launch all crystals of a table."""
    options = table.with_name('options.yaml')
    options.write_text(OPTIONS)
    words = ('--thickness', 4, '--vacuum', 12, '--protocol', 'fast', '--family', 'synthetic')
    more = ('--options', options, '--group', label, '--max-concurrent', limit)
    run('launch', bench.code.full_label, '--table', table, *words, *more)


def states(label: str) -> Counter[str]:
    """Return how many relaxations of a group are in each state."""
    from aiida.orm import Group, QueryBuilder, WorkChainNode

    query = QueryBuilder().append(Group, filters={'label': label}, tag='group')
    query.append(WorkChainNode, with_group='group', tag='run')
    query.append(WorkChainNode, with_incoming='run', project='attributes.process_state')
    return Counter(query.all(flat=True))


def await_group(label: str, number: int, workers: Workers, kill_at: int | None) -> int:
    """Wait for the end of all runs; kill a worker when so many slabs are done."""
    from aiida.orm import load_group

    killed, end = 0, time.monotonic() + 60.0 * (10 + number)
    group = load_group(label)
    while not all(node.is_sealed for node in group.nodes):
        if time.monotonic() > end:
            raise RuntimeError(f'not finished: {states(label)}')
        time.sleep(5)
        workers.look()
        done = states(label)['finished']
        click.echo(f'\r{done} of {number} done', nl=False, err=True)
        if kill_at is not None and not killed and done >= kill_at:
            victim = max(workers.cpu, key=lambda pid: (psutil.pid_exists(pid), workers.cpu[pid]))
            click.echo(f'\nkilled the worker {victim}', err=True)
            os.kill(victim, signal.SIGKILL)
            killed = 1
    return killed


def most_at_once(label: str) -> int:
    """Return the largest number of relaxations of a group at the same time.

    Each from its beginning to the end of its calculation: a work chain that has ended is still
    written when its folders are cleaned.
    """
    from aiida.orm import CalcJobNode, Group, QueryBuilder, WorkChainNode

    query = QueryBuilder().append(Group, filters={'label': label}, tag='group')
    query.append(WorkChainNode, with_group='group', tag='run')
    query.append(WorkChainNode, with_incoming='run', project='ctime', tag='relaxation')
    query.append(CalcJobNode, with_incoming='relaxation', project='mtime')
    events = [event for begin, end in query.all() for event in ((begin, 1), (end, -1))]
    most = now = 0
    for _, step in sorted(events):
        now += step
        most = max(most, now)
    return most


def launched(label: str) -> Counter[tuple[int, str]]:
    """Return how often each slab of each run was relaxed."""
    from aiida.orm import Group, QueryBuilder, WorkChainNode

    from aiida_slabrelax.engine.children import never_started

    query = QueryBuilder().append(Group, filters={'label': label}, tag='group')
    query.append(WorkChainNode, with_group='group', tag='run', project='id')
    query.append(WorkChainNode, with_incoming='run', project='*')
    return Counter((run, node.label) for run, node in query.all() if not never_started(node))


def check(label: str, number: int) -> float:
    """Check that every slab is there once, and return what the table costs in CPU time, s.

    :raises RuntimeError: if that is not so.
    """
    from aiida_slabrelax.results import collect_group

    begin = time.process_time()
    results = collect_group(label)
    cost = time.process_time() - begin
    rows = Counter((name, slab.label) for name, slab in results.rows())
    if len(rows) != number or set(rows.values()) != {1} or results.counts['relaxed'] != number:
        raise RuntimeError(f'{results.summary}; twice: {[row for row in rows if rows[row] > 1]}')
    for crystal in results.crystals:
        if crystal.last.exit_status != 0:
            raise RuntimeError(f'{crystal.name}: {crystal.last.exit_message}')
    if twice := [slab for slab, count in launched(label).items() if count > 1]:
        raise RuntimeError(f'relaxed twice: {twice}')
    click.echo(results.summary, err=True)
    return cost


def measure(bench: Bench, folder: Path, number: int, limit: int, kill_at: int | None) -> Figures:
    """Launch so many slabs with two fresh workers, and return what they have cost."""
    label, workers = f'many-{number}', Workers()
    with fresh_workers(2):
        # The workers of a daemon live for weeks: they have imported what they need.
        first = write_table(folder / f'{label}-first', 4, 0.1 + 1e-3 * number)
        launch(bench, first, f'{label}-first', 4)
        await_group(f'{label}-first', 4, workers, None)
        workers.look()
        idle = sum(workers.cpu.values())
        begin, client = time.monotonic(), time.process_time()
        table = write_table(folder / label, number, 0.0)
        launch(bench, table, label, limit)
        client = time.process_time() - client
        killed = await_group(label, number, workers, kill_at)
        wall = time.monotonic() - begin
        workers.look()
        if (most := most_at_once(label)) > limit:
            raise RuntimeError(f'{most} relaxations at the same time')
        return Figures(
            slabs=number,
            crystals=-(-number // len(PLANES)),
            worker=sum(workers.cpu.values()) - idle,
            client=client,
            wall=wall,
            memory=max(workers.memory.values()),
            most=most,
            killed=killed,
            table=check(label, number),
        )


def rows_of(found: list[Figures]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the table."""
    for one in found:
        yield {
            'slabs': one.slabs,
            'crystals': one.crystals,
            'worker (s/slab)': one.worker / one.slabs,
            'launch (s/slab)': one.client / one.slabs,
            'wall (s/slab)': one.wall / one.slabs,
            'memory (MB)': one.memory,
            'at once': one.most,
            'killed': one.killed,
            'table (s)': one.table,
        }


@click.command()
@click.option('--slabs', multiple=True, type=int, default=(16, 64, 128, 250, 1000))
@click.option('--max-concurrent', default=32, show_default=True)
@click.option('--kill', default=1000, show_default=True, help='Kill a worker in runs of so many.')
@in_workdir
@with_json
def main(
    slabs: tuple[int, ...], max_concurrent: int, kill: int, workdir: Path, as_json: Path | None
) -> None:
    """Print the cost of a slab; exit with 1 if it grows beyond the limit with their number."""
    with environment.isolated(workdir), production_profile(workdir):
        bench, found = Bench(workdir), []
        # That of AiiDA: it costs the same in each second, and on a busy machine a slab takes many.
        bench.code.computer.set_minimum_job_poll_interval(10)
        for number in slabs:
            kill_at = number * 2 // 5 if number >= kill else None
            found.append(measure(bench, workdir, number, max_concurrent, kill_at))
            click.echo(json.dumps(asdict(found[-1])), err=True)
            if as_json is not None:
                as_json.write_text(json.dumps([asdict(one) for one in found], indent=1))
    click.echo(tabulate(list(rows_of(found)), headers='keys', floatfmt='.2f'))
    growth = (found[-1].worker / found[-1].slabs) / (found[0].worker / found[0].slabs)
    click.echo(f'CPU time a slab grows {growth:.2f} times from {slabs[0]} to {slabs[-1]} slabs.')
    sys.exit(1 if growth > MAX_GROWTH else 0)


if __name__ == '__main__':
    main()
