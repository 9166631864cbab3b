"""``aiida-slabrelax energies`` and ``converge`` as dry runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from aiida.orm import InstalledCode, Node, QueryBuilder
from click.testing import Result

DryRun = Callable[..., Result]
LAST = [
    'The run would cut the slabs from the relaxed crystal, whose cell is not known yet.',
    'All inputs are valid; nothing was submitted.',
]


@pytest.fixture
def dry_run(
    invoke: Callable[..., Result],
    vasp_code: InstalledCode,
    potential_family: str,
    copper_file: Path,
) -> DryRun:
    """Return a function: a command with the surface (100) of Cu, never to run."""

    def run(command: str, *options: object) -> Result:
        words = ('--miller', 1, 0, 0, '--code', vasp_code.full_label, '--protocol', 'fast')
        before = QueryBuilder().append(Node).count()
        result = invoke(
            command, copper_file, *words, '--family', potential_family, '--dry-run', *options
        )
        assert QueryBuilder().append(Node).count() == before
        return result

    return run


def rows(result: Result) -> dict[str, list[str]]:
    """Return the rows of the table of calculations by their first column."""
    _, _, table = result.stdout.partition('own tags\n')
    lines = table.splitlines()
    begin = next(index for index, line in enumerate(lines) if line.startswith('----')) + 1
    words = (line.split() for line in lines[begin : lines.index('', begin)])
    return {label: rest for label, *rest in words}


def test_the_slabs_are_those_of_launch(
    dry_run: DryRun, invoke: Callable[..., Result], copper_file: Path
) -> None:
    result = dry_run('energies')
    assert result.exit_code == 0, result.output
    previewed = invoke('preview', copper_file, '--miller', 1, 0, 0, '--protocol', 'fast')
    assert result.stdout.startswith(previewed.stdout)
    assert result.stdout.splitlines()[-2:] == LAST


def test_all_calculations_are_shown(dry_run: DryRun, copper_file: Path) -> None:
    words = ('--unrelaxed', '--oriented-bulk', '--reference', f'Cu={copper_file}')
    result = dry_run('energies', *words)
    assert result.exit_code == 0, result.output
    found = rows(result)
    assert list(found) == [
        'slab_00',
        'bulk',
        'bulk_in_its_last_cell',
        'reference_Cu',
        'reference_Cu_in_its_last_cell',
        'bulk_in_the_cell_of_slab_00',
        'slab_00_unrelaxed',
    ]
    assert found['bulk'][-3:] == ['ISIF', '=', '3']
    assert found['slab_00'][-1] == '–'
    assert ' '.join(found['slab_00_unrelaxed'][4:]) == 'IBRION = -1; NSW = 0'


def test_several_thicknesses(dry_run: DryRun) -> None:
    result = dry_run('converge', '--thickness', 6, 12)
    assert result.exit_code == 0, result.output
    assert list(rows(result)) == ['slab_00_5', 'slab_00_8', 'bulk', 'bulk_in_its_last_cell']


def test_the_inputs_are_written(dry_run: DryRun, tmp_path: Path) -> None:
    folder = tmp_path / 'inputs'
    result = dry_run('energies', '--write-inputs', folder)
    assert result.exit_code == 0, result.output
    written = {path.name: sorted(file.name for file in path.iterdir()) for path in folder.iterdir()}
    files = ['INCAR', 'KPOINTS', 'POSCAR', 'POTCAR.spec', 'submit.sh']
    assert written == {'bulk': files, 'bulk_in_its_last_cell': files, 'slab_00': files}
    assert 'ISIF = 3' in (folder / 'bulk' / 'INCAR').read_text().splitlines()
    again = dry_run('energies', '--write-inputs', folder)
    assert again.stderr.startswith(f'Error: there is already {folder}/slab_00/INCAR')


@pytest.mark.parametrize(
    ('command', 'words', 'message'),
    [
        ('energies', ('--thickness', -1), 'The minimal slab thickness must be a finite number'),
        ('energies', ('--reference', 'Cu={file}', '--vacuum', 'x'), '--vacuum'),
        ('converge', ('--thickness', 8), '`thicknesses`: a line needs at least two, got [8.0]'),
    ],
)
def test_bad_input_is_refused(
    dry_run: DryRun, copper_file: Path, command: str, words: tuple[object, ...], message: str
) -> None:
    given = [str(word).format(file=copper_file) for word in words]
    result = dry_run(command, *given)
    assert result.exit_code != 0
    assert message in result.stderr
