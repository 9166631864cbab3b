"""``launch --prerelax`` without a run: what both stages would get, and bad input."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from aiida.orm import InstalledCode, Node, QueryBuilder
from ase.io import read
from click.testing import Result

Launch = Callable[..., Result]


@pytest.fixture
def launch(
    invoke: Callable[..., Result],
    vasp_code: InstalledCode,
    potential_family: str,
    copper_file: Path,
    tmp_path: Path,
) -> Launch:
    """Return a function that launches Cu (100) with overrides, never to run."""

    def run(overrides: str, *options: object) -> Result:
        file = tmp_path / 'overrides.yaml'
        file.write_text(overrides)
        words = ('--miller', 1, 0, 0, '--protocol', 'fast', '--family', potential_family)
        code = vasp_code.full_label
        return invoke(
            'launch', code, copper_file, *words, '--overrides', file, '--dry-run', *options
        )

    return run


@pytest.fixture
def engine(vasp_code: InstalledCode) -> InstalledCode:
    """Another code, for pre-relaxations."""
    return InstalledCode(
        label='engine',
        computer=vasp_code.computer,
        filepath_executable='/opt/potentials/bin/vasp-standin',
        default_calc_job_plugin='vasp.vasp',
        with_mpi=False,
    ).store()


def test_a_dry_run_shows_both_stages(launch: Launch, engine: InstalledCode, tmp_path: Path) -> None:
    text = (
        'fix: {layers: 1}\n'
        'vasp: {parameters: {incar: {ediff: 1.0e-7}}}\n'
        'prerelax: {kpoints_spacing: 0.2, parameters: {incar: {ENCUT: 300}}}\n'
    )
    before = QueryBuilder().append(Node).count()
    folder = tmp_path / 'inputs'
    result = launch(text, '--prerelax', engine.pk, '--write-inputs', folder)
    assert result.exit_code == 0, result.output
    assert QueryBuilder().append(Node).count() == before
    first, second = result.stdout.split('The first calculation of each ')[1:]
    assert first.startswith(f'pre-relaxation, {engine.full_label}:\n')
    assert second.startswith('slab, vasp-standin@')
    assert 'ENCUT = 300' in first
    assert 'ENCUT = 450' in second
    rows = [
        next(line for line in stage.splitlines() if line.startswith('slab_00')).split()
        for stage in (first, second)
    ]
    assert [row[1] for row in rows] == ['2×2×1', '7×7×1']
    assert [row[4] for row in rows] == ['2', '2']  # the fixed sites
    # What is chosen for VASP is the beginning.
    incar = (folder / 'slab_00_prerelax' / 'INCAR').read_text()
    assert 'EDIFF = 1e-07' in incar
    assert read(folder / 'slab_00_prerelax' / 'POSCAR').get_chemical_formula() == 'Cu6'
    assert '/opt/potentials/bin/vasp-standin' in (
        (folder / 'slab_00_prerelax' / 'submit.sh').read_text()
    )


def test_a_screening_compares_with_the_bulk(
    launch: Launch, engine: InstalledCode, tmp_path: Path
) -> None:
    folder = tmp_path / 'inputs'
    words = ('--prerelax', engine.pk, '--screen', 0.3, '--write-inputs', folder)
    result = launch('', *words, '--miller', 1, 1, 1)
    assert result.exit_code == 0, result.output
    first, second = result.stdout.split('The first calculation of each ')[1:]
    assert [line.split()[0] for line in first.splitlines() if 'slab_' in line or '__' in line] == [
        'slab_100_00',
        'slab_111_00',
        'screen__bulk',
    ]
    assert 'screen__bulk  ' not in second  # the path of its inputs is
    assert read(folder / 'screen__bulk' / 'POSCAR').get_chemical_formula() == 'Cu4'
    assert 'ISIF = 2' in (folder / 'screen__bulk' / 'INCAR').read_text()
    # A single slab is the lowest: there is nothing to compare.
    assert 'screen__bulk' not in launch('', '--prerelax', engine.pk, '--screen', 0.3).stdout


def test_its_job_has_options_of_its_own(
    launch: Launch, engine: InstalledCode, tmp_path: Path
) -> None:
    text = 'prerelax: {calc: {metadata: {options: {max_wallclock_seconds: 60}}}}\n'
    words = ('--prerelax', engine.pk, '--max-wallclock-seconds', 3600, '--work-functions')
    first, second = launch(text, *words).stdout.split('The first calculation of each ')[1:]
    assert 'wall time (s) 60, without MPI' in first
    assert 'wall time (s) 3600' in second


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('{parameters: {incar: {isif: 3}}}', 'ISIF = 3 changes the cell'),
        ('{parameters: {incar: {nsw: 0}}}', 'a relaxation needs NSW > 1, got 0'),
        ('{parametrs: {}}', "`prerelax` has no port 'parametrs'; the nearest is 'parameters'"),
        ('{parameters: {incar: {ecnut: 3}}}', 'aiida-vasp does not list ECNUT'),
        ('{structure: 3}', 'structure'),
        (
            '{dynamics: {positions_dof: [[true, true, true]]}}',
            '`dynamics`: the fixed sites of a pre-relaxation are those of the relaxation',
        ),
    ],
)
def test_bad_overrides(launch: Launch, engine: InstalledCode, text: str, message: str) -> None:
    result = launch(f'prerelax: {text}', '--prerelax', engine.pk)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_overrides_without_a_code(launch: Launch) -> None:
    result = launch('prerelax: {parameters: {incar: {encut: 300}}}')
    assert result.exit_code == 2
    assert 'prerelax needs a code' in result.stderr


def test_a_code_that_is_not_there(launch: Launch) -> None:
    result = launch('{}', '--prerelax', 'nothing@nowhere')
    assert result.exit_code == 2
    assert 'nothing@nowhere' in result.stderr
