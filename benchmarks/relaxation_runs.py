"""N relaxations through a daemon, done in different ways, and what they cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import psutil

#: Gives everything up after so many seconds for each slab.
PATIENCE = 60.0

#: Options of the benchmarks.
in_workdir = click.option(
    '--workdir',
    type=click.Path(path_type=Path, file_okay=False, resolve_path=True),
    required=True,
    help='A folder for an AiiDA of its own.',
)
with_json = click.option(
    '--json', 'as_json', type=click.Path(path_type=Path), help='Write the figures here.'
)

INCAR = {'encut': 400, 'ediff': 1e-5, 'ibrion': 1, 'isif': 2, 'nsw': 60, 'ediffg': -0.05}


@dataclass(frozen=True)
class Cost:
    """What a run has cost.

    :ivar worker: CPU time of the workers and the commands that they ran, s.
    :ivar client: CPU time of the submission, s.
    :ivar wall: from the submission to the end of the last process, s.
    :ivar memory: by how much the workers grew at most, MB.
    :ivar nodes: new nodes in the database.
    """

    worker: float
    client: float
    wall: float
    memory: float
    nodes: int


class Bench:
    """The inputs of all ways: slabs of copper, the stand-in for VASP, synthetic potentials."""

    def __init__(self, folder: Path) -> None:
        from aiida_slabrelax.cli.sandbox import environment

        environment.set_up_potentials(['Cu'])
        computer = environment.set_up_computer(folder)
        computer.set_minimum_job_poll_interval(1)  # that of the demo is 0: without a pause
        self.code = environment.set_up_code(computer)

    def slabs(self, number: int) -> dict[str, Any]:
        """Return so many slabs, stored: four layers, each a little more stretched than the last."""
        from aiida.orm import StructureData
        from ase.build import fcc100

        slabs = {}
        for i in range(number):
            atoms = fcc100('Cu', (1, 1, 4), a=3.6, vacuum=6.0, periodic=True)
            atoms.set_tags(0)
            atoms.positions[:, 2] *= 1.01 + 1e-4 * i
            slabs[f'slab_{i:03d}'] = StructureData(ase=atoms).store()
        return slabs

    def inputs(self) -> dict[str, Any]:
        """Return the inputs of a VaspWorkChain but for the structure, as plain values."""
        return {
            'code': self.code,
            'kpoints_spacing': 0.2,
            'parameters': {'incar': INCAR},
            'potential_family': 'synthetic',
            'potential_mapping': {'Cu': 'Cu'},
            'calc': {
                'metadata': {
                    'options': {
                        'resources': {'num_machines': 1, 'num_mpiprocs_per_machine': 1},
                        'withmpi': False,
                        'environment_variables': {
                            'VASP_STANDIN_MODEL': 'instant',
                            'OMP_NUM_THREADS': '1',
                        },
                    }
                }
            },
        }


def submit_bare(bench: Bench, slabs: dict[str, Any]) -> list[Any]:
    """Submit a VaspWorkChain for each slab: the least that the job can cost."""
    from aiida.engine import submit
    from aiida.plugins import WorkflowFactory

    relaxation = WorkflowFactory('vasp.v2.vasp')
    return [submit(relaxation, structure=slab, **bench.inputs()) for slab in slabs.values()]


def submit_slabrelax(
    bench: Bench, slabs: dict[str, Any], max_concurrent: int | None = None
) -> list[Any]:
    """Submit one SlabRelaxWorkChain for all slabs."""
    from aiida.engine import submit

    from aiida_slabrelax.workflows import SlabRelaxWorkChain

    limit = {} if max_concurrent is None else {'max_concurrent': max_concurrent}
    return [submit(SlabRelaxWorkChain, slabs=slabs, vasp=bench.inputs(), **limit)]


@contextmanager
def fresh_workers(number: int) -> Iterator[list[psutil.Process]]:
    """Run the daemon with so many workers that have done nothing yet."""
    from aiida.engine.daemon.client import get_daemon_client
    from aiida.manage import get_manager

    client = get_daemon_client()
    client.start_daemon(number_workers=number, timeout=60)
    try:
        workers = [psutil.Process(int(pid)) for pid in client.get_worker_info()['info']]
        while any(worker.cpu_percent(1.0) > 10 for worker in workers):
            pass  # it still imports
        yield workers
    finally:
        get_manager().reset_broker()
        get_manager().reset_runner()
        client.stop_daemon(wait=True, timeout=60)


def measure(
    submit: Callable[[Bench, dict[str, Any]], list[Any]],
    bench: Bench,
    number: int,
    workers: int = 1,
) -> Cost:
    """Run a way once with fresh workers and return what it has cost.

    A small run before has the workers import what they need: those of a daemon live for weeks.

    :raises RuntimeError: if a run has not succeeded.
    """
    from aiida.orm import Node, QueryBuilder

    slabs, first = bench.slabs(number), bench.slabs(2 * workers)
    with fresh_workers(workers) as processes:
        _await_end(submit(bench, first), PATIENCE * 10)
        before = QueryBuilder().append(Node).count()
        idle = [(_cpu_time(process), process.memory_info().rss) for process in processes]
        begin, client = time.monotonic(), time.process_time()
        nodes = submit(bench, slabs)
        client = time.process_time() - client
        _await_end(nodes, PATIENCE * (10 + number))
        wall = time.monotonic() - begin
        pairs = list(zip(processes, idle, strict=True))
        return Cost(
            worker=sum(_cpu_time(process) - cpu for process, (cpu, _) in pairs),
            client=client,
            wall=wall,
            memory=sum(process.memory_info().rss - rss for process, (_, rss) in pairs) / 1e6,
            nodes=QueryBuilder().append(Node).count() - before,
        )


def _await_end(nodes: list[Any], patience: float) -> None:
    end = time.monotonic() + patience
    while not all(node.is_sealed for node in nodes):
        if time.monotonic() > end:
            raise RuntimeError(f'{nodes} not finished')
        time.sleep(0.5)
    if bad := [node for node in nodes if not node.is_finished_ok]:
        raise RuntimeError(f'{bad[0]} {bad[0].exit_status} {bad[0].exit_message}')


def _cpu_time(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)
