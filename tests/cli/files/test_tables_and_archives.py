"""``aiida-slabrelax export``: the table, and all of a run."""

from __future__ import annotations

import csv
import json
import resource
from collections.abc import Callable
from pathlib import Path

import pytest
from aiida.manage import Profile
from aiida.orm import CalcFunctionNode, Int, QueryBuilder, StructureData, WorkChainNode
from aiida.storage.sqlite_zip.backend import SqliteZipBackend
from aiida_vasp.data.potcar import PotcarFileData
from click.testing import Result

Invoke = Callable[..., Result]


@pytest.fixture(scope='module')
def ended(ended_for_all: WorkChainNode) -> WorkChainNode:
    """A run that all tests only read."""
    return ended_for_all


def assert_refused(result: Result, message: str) -> None:
    assert (result.exit_code, result.stderr) == (2, f'Error: {message}\n')


def test_the_table_of_a_run(invoke: Invoke, ended: WorkChainNode, tmp_path: Path) -> None:
    path = tmp_path / 'new' / f'slabs_{ended.pk}.csv'
    result = invoke('export', ended.pk, '--what', 'table', '-o', tmp_path / 'new')
    assert result.stdout == f'SlabRelaxWorkChain<{ended.pk}>: table, {path}\n'
    (row,) = csv.DictReader(path.read_text('utf-8').splitlines())
    assert row['label'] == 'cu_3'
    assert float(row['energy_ev']) == -3.5
    assert float(row['thickness_angstrom']) == pytest.approx(3.6 * 1.02)
    assert {'area_angstrom2', 'max_force_ev_per_angstrom'} <= row.keys()


def test_the_table_of_surface_energies(
    invoke: Invoke, phosphate_energies: Callable[[], CalcFunctionNode], tmp_path: Path
) -> None:
    node = phosphate_energies()
    words = ('--what', 'table', '--format', 'JSON', '-o', tmp_path)
    assert invoke('export', node.uuid, *words).exit_code == 0
    written = json.loads((tmp_path / f'slabs_{node.pk}.json').read_text('utf-8'))
    assert (written['process'], written['uuid']) == (node.process_label, node.uuid)
    output = node.outputs.surface_energies.get_dict()
    for row in written['rows']:
        energy = output[row['label']]
        assert row['plane'] == '(100)'
        assert row['surface_energy_j_per_m2'] == pytest.approx(energy['constant']['J/m²'])
        assert row['surface_energy_ev_per_angstrom2'] == pytest.approx(energy['constant']['eV/Å²'])
        for element, slope in energy['slopes'].items():
            assert row[f'slope_{element}_per_angstrom2'] == pytest.approx(slope['1/Å²'])


def test_all_of_a_run(invoke: Invoke, ended: WorkChainNode, tmp_path: Path) -> None:
    result = invoke('export', ended.pk, '--what', 'archive', '-o', tmp_path)
    assert result.exit_code == 0
    path = tmp_path / f'run_{ended.pk}.aiida'
    assert result.stdout == f'SlabRelaxWorkChain<{ended.pk}>: archive, {path}\n'
    profile: Profile = SqliteZipBackend.create_profile(path)
    archive = SqliteZipBackend(profile)
    uuids = {uuid for (uuid,) in QueryBuilder(archive).append(WorkChainNode, project='uuid').all()}
    assert uuids == {ended.uuid, ended.called[0].uuid}
    structures = QueryBuilder(archive).append(StructureData, project='uuid').all()
    assert [ended.outputs.relaxed_slabs.cu_3.uuid] in structures
    assert QueryBuilder(archive).append(PotcarFileData).count() == 0  # VASP's licence
    archive.close()


@pytest.mark.parametrize('what', ['archive', 'table'])
def test_a_full_disk_leaves_the_old_file(
    invoke: Invoke, ended: WorkChainNode, tmp_path: Path, what: str
) -> None:
    words = ('export', ended.pk, '--what', what, '-o', tmp_path, '--force')
    assert invoke(*words).exit_code == 0
    (path,) = tmp_path.iterdir()
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))  # of every file
    try:
        result = invoke(*words)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert result.exit_code == 1
    assert result.stderr.startswith('Error: --output: ')
    assert result.stderr.count('\n') == 1
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before


def test_only_what_has_ended_goes_into_an_archive(
    invoke: Invoke, run_with_failure: WorkChainNode, tmp_path: Path
) -> None:
    result = invoke('export', run_with_failure.pk, '--what', 'archive', '-o', tmp_path)
    assert_refused(
        result,
        f'SlabRelaxWorkChain<{run_with_failure.pk}> is active; an archive needs a terminated '
        'process',
    )
    assert list(tmp_path.iterdir()) == []


def test_what_is_refused(invoke: Invoke, ended: WorkChainNode, tmp_path: Path) -> None:
    number = Int(1).store()
    table = ('--what', 'table', '-o', tmp_path)
    for words, message in (
        ((number.pk, *table), f'node {number.pk} is a Int, not a process'),
        ((ended.pk, *table, '--format', 'cif'), '--format: the table is written as csv or json'),
        ((ended.pk, *table, '--miller', 1, 0, 0), '--miller: --what table is of a run'),
        (
            (ended.pk, *table, '--only', 'cu_3'),
            '--only, --one-file and --fix: --what table has no slabs',
        ),
    ):
        assert_refused(invoke('export', *words), message)
    assert list(tmp_path.iterdir()) == []
    path = tmp_path / f'slabs_{ended.pk}.csv'
    path.write_text('mine')
    message = f'there is already {path}; --force replaces existing files'
    assert_refused(invoke('export', ended.pk, *table), message)
    assert path.read_text() == 'mine'
    assert invoke('export', ended.pk, *table, '--force').exit_code == 0
    assert path.read_text('utf-8').startswith('label,')
