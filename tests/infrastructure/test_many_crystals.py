"""Crystals in a group, with one window over all their relaxations, and a worker that dies."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

import pytest
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import Group, InstalledCode, QueryBuilder, WorkChainNode, load_group
from ase.build import bulk
from click.testing import CliRunner

from aiida_slabrelax.cli import cli
from aiida_slabrelax.engine.children import never_started
from aiida_slabrelax.results import collect_group
from infrastructure.slurm import Slurm
from process_tree import await_that, stand

LIMIT = 2
#: The surfaces of each crystal; of each there is one termination.
PLANES = {'Cu': '1 0 0; 1 1 0; 1 1 1', 'Ag': '1 0 0; 1 1 0; 1 1 1', 'Au': '1 0 0; 1 1 1'}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of the crystals."""
    rows = ['file;miller']
    for metal, planes in PLANES.items():
        bulk(metal, 'fcc', cubic=True).write(tmp_path / f'{metal}.vasp')
        rows.append(f'{metal}.vasp;"{planes}"')
    path = tmp_path / 'crystals.csv'
    path.write_text('\n'.join(rows))
    return path


def relaxations(label: str) -> list[WorkChainNode]:
    """Return the relaxations of all runs in a group."""
    query = QueryBuilder().append(Group, filters={'label': label}, tag='group')
    query.append(WorkChainNode, with_group='group', tag='run')
    query.append(WorkChainNode, with_incoming='run', project='*')
    return [node for node in query.all(flat=True) if not never_started(node)]


@pytest.mark.timeout(900)
def test_three_crystals_two_at_a_time_and_a_worker_that_dies(
    two_workers: DaemonClient,
    vasp_code: InstalledCode,
    potential_family: str,
    table: Path,
    tmp_path: Path,
) -> None:
    options = tmp_path / 'options.yaml'
    options.write_text(
        f'queue_name: {Slurm.partition}\n'
        'environment_variables: {VASP_STANDIN_MODEL: instant, VASP_STANDIN_FAIL: slow=1}\n'
    )
    command = ['launch', vasp_code.full_label, '--table', str(table), '--group', 'metals']
    command += ['--max-concurrent', str(LIMIT), '--protocol', 'fast', '--thickness', '4']
    command += ['--family', potential_family, '--options', str(options)]
    first = CliRunner().invoke(cli, command)
    assert first.exit_code == 0, first.output
    again = CliRunner().invoke(cli, command)
    assert again.exit_code == 0, again.output
    assert '0 of 3 crystals submitted, 3 in the group metals before' in again.stdout

    runs = list(load_group('metals').nodes)
    assert len(runs) == len(PLANES)
    await_that(lambda: sum(node.is_terminated for node in relaxations('metals')) >= 2, 300, 1)
    os.kill(int(next(iter(two_workers.get_worker_info()['info']))), signal.SIGKILL)
    await_that(lambda: all(run.is_sealed for run in runs), 600, 1)

    results = collect_group('metals')
    report = '\n'.join(map(stand, runs))
    assert results.counts == {'relaxed': 8}, report
    assert [run.exit_status for run in runs] == [0, 0, 0], report
    slabs = Counter((node.caller.label, node.label) for node in relaxations('metals'))
    assert set(slabs.values()) == {1}, report
    assert len(slabs) == 8, report
    # None was launched while two others were active, whatever run they belonged to.
    # A work chain that has ended is still written when its folders are cleaned.
    spans = [
        (node.ctime, max(calculation.mtime for calculation in node.called))
        for node in relaxations('metals')
    ]
    for start, _ in spans:
        assert sum(begin <= start < end for begin, end in spans) <= LIMIT, report
