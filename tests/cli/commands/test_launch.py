"""``aiida-slabrelax launch``: bad input on the profile of the tests, a run on that of the demo."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from aiida.orm import InstalledCode, Int, Node, QueryBuilder, StructureData
from ase.build import bulk, fcc100
from ase.io import read
from click.testing import Result

from demo import Demo
from sample_structures import gallium_arsenide

Launch = Callable[..., Result]


@pytest.fixture
def launch(
    invoke: Callable[..., Result],
    vasp_code: InstalledCode,
    potential_family: str,
    copper_file: Path,
) -> Launch:
    """Return a function that launches Cu (100), or with any argument replaced, never to run."""

    def run(
        *options: object,
        code: object = vasp_code.full_label,
        structure: object = copper_file,
        miller: tuple[object, ...] = (1, 0, 0),
        family: str = potential_family,
    ) -> Result:
        return invoke(
            'launch',
            code,
            structure,
            '--miller',
            *miller,
            '--family',
            family,
            '--dry-run',
            *options,
        )

    return run


def test_indices_of_the_conventional_cell(launch: Launch, tmp_path: Path) -> None:
    path = tmp_path / 'primitive.vasp'
    bulk('Cu', 'fcc', a=3.6).write(path)
    words = ('--protocol', 'fast', '--indices-of', 'conventional')
    result = launch(*words, structure=path)
    assert result.exit_code == 0, result.output
    assert first_slab(result) == ['slab_00', '(011)', 'Cu', 'Cu6', '6', '6.48', '9.00']
    assert 'of the conventional cell (Fm-3m; a, b, c = 3.600, 3.600, 3.600 Å) are' in result.stdout


def first_slab(result: Result) -> list[str]:
    """Return label, plane, layer, formula, atoms, area and thickness of the first slab."""
    line = next(line for line in result.stdout.splitlines() if line.startswith('slab_'))
    return line.split()[:7]


def n_nodes() -> int:
    return QueryBuilder().append(Node).count()


def test_a_dry_run_shows_the_slabs_and_stores_nothing(launch: Launch) -> None:
    before = n_nodes()
    result = launch('--protocol', 'fast')
    assert result.exit_code == 0, result.output
    assert first_slab(result) == ['slab_00', '(100)', 'Cu', 'Cu6', '6', '6.48', '9.00']
    assert n_nodes() == before


def test_preview_shows_the_same_slabs(
    launch: Launch, invoke: Callable[..., Result], copper_file: Path
) -> None:
    previewed = invoke('preview', copper_file, '--miller', 1, 0, 0)
    assert previewed.exit_code == 0, previewed.output
    assert launch().stdout.startswith(previewed.stdout)


@pytest.mark.parametrize('protocol', ['fast', 'stringent'])
def test_preview_shows_the_slabs_of_a_protocol(
    launch: Launch, invoke: Callable[..., Result], copper_file: Path, protocol: str
) -> None:
    words = ('--protocol', protocol)
    previewed = invoke('preview', copper_file, '--miller', 1, 0, 0, *words)
    assert launch(*words).stdout.startswith(previewed.stdout)


def test_what_vasp_would_get(launch: Launch, tmp_path: Path) -> None:
    text = (
        'fix: {layers: 1}\n'
        'vasp: {ldau_mapping: {mapping: {Cu: [d, 4.0]}}, parameters: {incar: {ivdw: 12}}}'
    )
    words = ('--protocol', 'fast', '--overrides', write(tmp_path, 'overrides.yaml', text))
    lines = launch(*words, '--num-machines', 2).stdout.splitlines()
    start = lines.index(next(line for line in lines if line.startswith('The first calculation')))
    assert lines[start + 1 : start + 6] == [
        '  functional: PBEsol',
        '  Hubbard U: Cu d: U - J = 4 eV',
        '  dispersion: DFT-D3(BJ)',
        '  spin: polarised',
        '  cut-off: 450 eV',
    ]
    text = ' '.join(lines[start:])
    assert 'ENCUT = 450;' in text
    assert 'potentials: Cu PAW_PBE Cu' in text
    assert 'num_machines = 2' in text
    row = next(line for line in lines[start:] if line.startswith('slab_00'))
    assert row.split() == ['slab_00', '7×7×1', '66', '1.0', '2', '–']


def test_the_inputs_are_written(launch: Launch, tmp_path: Path) -> None:
    folder, before = tmp_path / 'inputs', n_nodes()
    result = launch('--protocol', 'fast', '--write-inputs', folder)
    assert result.exit_code == 0, result.output
    assert f'Inputs: {folder / "slab_00"}' in result.stdout
    written = sorted(path.name for path in (folder / 'slab_00').iterdir())
    assert written == ['INCAR', 'KPOINTS', 'POSCAR', 'POTCAR.spec', 'submit.sh']
    assert (folder / 'slab_00' / 'POTCAR.spec').read_text() == 'Cu\n'
    assert read(folder / 'slab_00' / 'POSCAR').get_chemical_formula() == 'Cu6'
    assert n_nodes() == before


def test_inputs_are_not_replaced_unasked(launch: Launch, tmp_path: Path) -> None:
    folder = tmp_path / 'inputs'
    (folder / 'slab_00').mkdir(parents=True)
    incar = write(folder / 'slab_00', 'INCAR', 'mine')
    words = ('--protocol', 'fast', '--write-inputs', folder)
    assert_refused(launch(*words), f'there is already {incar}; --force replaces existing files')
    assert incar.read_text() == 'mine'
    assert launch(*words, '--force').exit_code == 0
    assert 'ENCUT = 450' in incar.read_text()


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('vaps: {}', "there is no input 'vaps'; the nearest is 'vasp'"),
        ('max_concurent: 3', "there is no input 'max_concurent'; the nearest is 'max_concurrent'"),
        ('vasp: {parametrs: {}}', "`vasp` has no port 'parametrs'; the nearest is 'parameters'"),
        (
            'vasp: {parameters: {incar: {ecnut: 400}}}',
            '`parameters`: aiida-vasp does not list ECNUT; the nearest is ENCUT; if your VASP '
            "knows more than it does, add to `settings`: {'unsupported_parameters': "
            "{'ecnut': ''}}",
        ),
    ],
)
def test_names_in_overrides_that_nothing_reads(
    launch: Launch, tmp_path: Path, text: str, message: str
) -> None:
    file = write(tmp_path, 'overrides.yaml', text)
    assert_refused(launch('--overrides', file), f'{file}: {message}')


def test_negative_indices(launch: Launch) -> None:
    assert launch(miller=(1, -1, 0)).exit_code == 0


def test_a_structure_by_its_pk(launch: Launch, copper: StructureData) -> None:
    assert launch(structure=copper.store().pk).exit_code == 0


def test_the_thickness_replaces_that_of_the_protocol(launch: Launch) -> None:
    thick = launch('--protocol', 'fast', '--thickness', 16).stdout
    assert 'Cu10 ' in thick


def test_layers_replace_the_thickness_of_the_protocol(launch: Launch) -> None:
    assert 'Cu5 ' in launch('--protocol', 'fast', '--layers', 5).stdout


def test_no_symmetric_slab_in_the_words_of_options(launch: Launch, tmp_path: Path) -> None:
    path = tmp_path / 'GaAs.cif'
    gallium_arsenide().get_ase().write(path)
    text = 'vasp: {potential_mapping: {Ga: Ga, As: As}}'
    words = ('--overrides', write(tmp_path, 'overrides.yaml', text))
    message = (
        'No symmetric slab (111) exists: no symmetry operation of the crystal turns the plane '
        'over. Give --no-symmetrize for the 2 unsymmetrized terminations.'
    )
    assert_refused(launch(*words, structure=path, miller=(1, 1, 1)), message)
    result = launch(*words, '--miller', 1, 0, 0, structure=path, miller=(1, 1, 1))
    assert f'  (111): {message}' in result.stdout.splitlines()


def test_what_has_too_many_atoms_in_the_words_of_options(launch: Launch) -> None:
    result = launch('--protocol', 'fast', '--max-atoms', 5)
    assert_refused(result, 'No slab is left. Cu6: 6 atoms; --max-atoms is 5')


def test_a_dry_run_tells_of_noise(launch: Launch, tmp_path: Path) -> None:
    atoms = bulk('Cu', 'fcc', a=3.6, cubic=True)
    atoms.rattle(0.01, seed=1)
    atoms.write(tmp_path / 'rattled.vasp')
    words = ('--symmetrize-if-possible',)
    *_, warning, _, end = launch(*words, structure=tmp_path / 'rattled.vasp').stdout.splitlines()
    assert warning.startswith('Warning: the crystal has ')
    assert 'symmetrize it first' in warning
    assert end == 'All inputs are valid; nothing was stored.'


def test_a_dry_run_tells_of_indices_with_a_divisor(launch: Launch) -> None:
    lines = launch(miller=(2, 0, 0)).stdout.splitlines()
    assert 'Miller indices (2, 0, 0) are taken as (1, 0, 0).' in lines


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ({'code': 'nobody@nowhere'}, "there is no code 'nobody@nowhere'"),
        ({'code': '999999'}, "there is no code '999999'"),
        ({'structure': 'nothing.cif'}, 'nothing.cif: there is neither such a file nor a node'),
        ({'structure': '999999'}, '999999: there is neither such a file nor a node'),
        ({'miller': (0, 0, 0)}, 'Miller indices [0, 0, 0] describe no plane'),
        ({'miller': (1, 0)}, 'Miller indices must be three (hkl) or four (hkil) integers'),
        ({'miller': (1, 0.5, 0)}, '--miller: three (hkl) or four (hkil) integers are needed'),
        ({'family': 'nothing'}, 'nothing'),
    ],
)
def test_bad_arguments(launch: Launch, arguments: dict[str, object], message: str) -> None:
    assert_refused(launch(**arguments), message)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (('--protocol', 'quick'), "there is no protocol 'quick'; choose from fast, balanced"),
        (('--thickness', 'nan'), 'slab thickness must be a finite number above 0, not nan'),
        (('--thickness', '-3'), 'slab thickness must be a finite number above 0, not -3.0'),
        (('--layers', '5', '--thickness', '9'), 'or `layers`: both are given'),
        (('--layer-tolerance', '0'), 'layer_tolerance must be a finite number'),
        (('--vacuum', '0'), 'vacuum thickness must be a finite number above 0, not 0.0'),
        (('--overrides', 'nothing.yaml'), 'nothing.yaml cannot be read'),
        (('--options', 'nothing.yaml'), 'nothing.yaml cannot be read'),
    ],
)
def test_bad_options(launch: Launch, options: tuple[str, ...], message: str) -> None:
    assert_refused(launch(*options), message)


@pytest.mark.parametrize(
    ('overrides', 'message'),
    [
        ('vasp: {parameters: {incar: {isif: 3}}}', 'ISIF = 3 changes the cell'),
        ('unknown: 1', 'unknown'),
    ],
)
def test_bad_overrides(launch: Launch, tmp_path: Path, overrides: str, message: str) -> None:
    path = write(tmp_path, 'overrides.yaml', overrides)
    assert_refused(launch('--overrides', path), message)


def test_a_node_that_is_no_structure(launch: Launch) -> None:
    node = Int(1).store()
    assert_refused(launch(structure=node.pk), f'node {node.pk} is a Int, not a StructureData')


def test_a_slab_instead_of_a_crystal(launch: Launch, tmp_path: Path) -> None:
    slab = fcc100('Cu', (1, 1, 4), a=3.6, vacuum=8.0, periodic=True)
    slab.write(tmp_path / 'slab.cif')
    assert_refused(launch(structure=tmp_path / 'slab.cif'), 'a slab or a molecule in a box')


@pytest.mark.parametrize(
    ('inputs', 'message'),
    [
        ('slab_overrides: {slab_07: {max_iterations: 2}}', 'No slab matches these keys'),
        (
            'fix: {layers: 99, side: bottom}',
            '`fix` does not suit every slab: slab_00: the slab has',
        ),
    ],
)
def test_inputs_that_do_not_suit_the_slabs(
    launch: Launch, tmp_path: Path, inputs: str, message: str
) -> None:
    path = write(tmp_path, 'overrides.yaml', inputs)
    assert_refused(launch('--overrides', path), message)


def test_no_slab_of_this_kind(launch: Launch, tmp_path: Path) -> None:
    path = write(tmp_path, 'overrides.yaml', 'max_atoms: 3')
    assert_refused(launch('--overrides', path), 'Cu8: 8 atoms; --max-atoms is 3')


def assert_refused(result: Result, message: str) -> None:
    """One line that says why, a status that is not 0, and no traceback."""
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.startswith('Error: ')
    assert message in result.stderr
    assert result.stderr.count('\n') == 1


def test_without_a_daemon_nothing_is_submitted(demo: Demo) -> None:
    result = demo.in_profile('aiida-slabrelax', *launch_arguments(demo))
    assert result.returncode == 2
    assert result.stderr == 'Error: the daemon is not running: `verdi daemon start` starts it\n'


def test_launch_waits_and_shows_the_table(demo: Demo) -> None:
    assert demo.in_profile('verdi', 'daemon', 'start', '--timeout', '60').returncode == 0
    try:
        result = demo.in_profile('aiida-slabrelax', *launch_arguments(demo), '--wait')
    finally:
        demo.in_profile('verdi', 'daemon', 'stop', '--timeout', '60')
    assert result.returncode == 0, result.stdout + result.stderr
    submitted = re.match(r'Submitted SlabRelaxWorkChain<(\d+)>', result.stdout)
    assert submitted is not None
    row = r'^slab_00 +relaxed +\(100\) +Cu +yes +yes +no +– +0\.617 +Cu6 +6 '
    assert re.search(row, result.stdout, re.MULTILINE)
    assert f'SlabRelaxWorkChain<{submitted[1]}> (a test) finished [0]' in result.stdout
    assert '1/1 slabs' not in result.stderr  # a bar is for a terminal


def launch_arguments(demo: Demo) -> list[str]:
    """A run of a few seconds with the code and the potentials of the demo."""
    arguments = ['launch', 'vasp-standin@localhost', str(demo.copper_file), '--miller', '1', '0']
    return [*arguments, '0', '--protocol', 'fast', '--family', 'synthetic', '--label', 'a test']
