"""``aiida-slabrelax preview``: of files without a profile, of nodes with that of the tests."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiida.orm import Float, Int, List, StructureData, WorkChainNode
from ase.build import bulk
from click.testing import Result

from aiida_slabrelax.calculations.generate_slabs import generate_slabs
from aiida_slabrelax.calculations.structures import to_pymatgen
from aiida_slabrelax.surfaces import (
    SlabOptions,
    Termination,
    describe_excluded,
    describe_termination,
    survey,
)
from sample_structures import copper_slabs, gallium_arsenide, nickel_oxide, silver_phosphate

Invoke = Callable[..., Result]
BIN = Path(sys.executable).parent
CUTTING = ('--thickness', 6, '--vacuum', 12)


@pytest.fixture(scope='module')
def crystals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with crystals as CIF files."""
    folder = tmp_path_factory.mktemp('crystals')
    for name, node in (('Ag3PO4', silver_phosphate()), ('GaAs', gallium_arsenide())):
        to_pymatgen(node).to(filename=str(folder / f'{name}.cif'))
    bulk('Cu', 'fcc', a=3.6).write(folder / 'Cu.cif')
    return folder


def terminations(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)['terminations']
    return found


#: The keys of quantities in JSON.
KEYS = {
    'broken_bonds': 'broken_bonds_per_angstrom2',
    'area': 'area_angstrom2',
    'thickness': 'thickness_angstrom',
    'vacuum': 'vacuum_angstrom',
    'requested_thickness': 'requested_thickness_angstrom',
    'layer_tolerance': 'layer_tolerance_angstrom',
}


def with_units(termination: Termination, kpoints_spacing: float) -> dict[str, Any]:
    """The data of a termination as in JSON."""
    content = describe_termination(termination, kpoints_spacing)
    for face in ('top', 'bottom'):
        content[face] = [{'layer': name, 'gap_angstrom': gap} for name, gap in content[face]]
    named = {KEYS.get(key, key): value for key, value in content.items()}
    return {'label': termination.label, **named}


def close(number: str) -> Any:
    return pytest.approx(float(number), abs=1e-9)


def assert_refused(result: Result, message: str) -> None:
    assert result.exit_code == 2
    assert result.stdout == ''
    assert result.stderr == f'Error: {message}\n'


def test_a_file_needs_no_profile_and_makes_no_files(crystals: Path, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ('AIIDA_PATH', 'PYTHONPATH')}
    words = ['preview', str(crystals / 'Ag3PO4.cif'), '--miller', '1', '0', '0', '--json']
    result = subprocess.run(
        [str(BIN / 'aiida-slabrelax'), *words],
        env={**environment, 'HOME': str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stderr == ''
    found = json.loads(result.stdout)['terminations']
    assert [(one['label'], one['formula'], one['n_atoms']) for one in found] == [
        ('slab_00', 'Ag13P4O16', 33),
        ('slab_01', 'Ag14P5O16', 35),
        ('slab_02', 'Ag13P4O20', 37),
        ('slab_03', 'Ag14P5O20', 39),
    ]
    assert list(tmp_path.iterdir()) == []


def test_aiida_is_not_even_imported_for_a_file(crystals: Path) -> None:
    program = (
        'import sys\n'
        'from aiida_slabrelax.cli import cli\n'
        'cli(sys.argv[1:], standalone_mode=False)\n'
        "assert not [name for name in sys.modules if name.split('.')[0] == 'aiida']\n"
    )
    words = ['preview', str(crystals / 'Cu.cif'), '--miller', '1', '0', '0']
    subprocess.run([sys.executable, '-c', program, *words], check=True, capture_output=True)


def test_json_is_the_data_of_the_terminations(invoke: Invoke, crystals: Path) -> None:
    result = invoke(
        'preview',
        crystals / 'GaAs.cif',
        '--max-index',
        1,
        *CUTTING,
        '--kpoints-spacing',
        0.04,
        '--json',
    )
    found = survey(to_pymatgen(gallium_arsenide()), None, SlabOptions(6.0, 12.0), 1)
    content = json.loads(result.stdout)
    assert list(content) == ['terminations', 'excluded']
    assert content['excluded'] == [describe_excluded(one) for one in found.excluded]
    for one, termination in zip(content['terminations'], found.terminations, strict=True):
        expected = with_units(termination, 0.04)
        assert list(one) == list(expected)
        assert one == json.loads(json.dumps(expected), parse_float=close)


def test_numbers_have_no_noise(invoke: Invoke, crystals: Path) -> None:
    text = invoke('preview', crystals / 'GaAs.cif', '--miller', 1, 0, 0, '--json').stdout
    assert max(len(number) for number in re.findall(r'\d+\.\d+', text)) <= 13


TABLE = """
GaAs, space group F-43m (216), 8 atoms in the cell
a, b, c = 5.650, 5.650, 5.650 Å; α, β, γ = 90.00, 90.00, 90.00°

label        plane    outermost layers    formula      atoms    area    thickness    vacuum  \
symmetric    stoichiometric,    polar    Tasker      broken bonds  lost neighbours    k-points
                      of the face                               (Å²)          (Å)       (Å)        \
       excess                                        (1/Å²)  of the face
-----------  -------  ------------------  ---------  -------  ------  -----------  --------  \
-----------  -----------------  -------  --------  --------------  -----------------  ----------
slab_100_00  (100)    As / Ga             Ga4As5           9   15.96        11.30      9.00  yes   \
       no, As +1          no       III                0.125  As-Ga 2            6×6×1
slab_100_01  (100)    Ga / As             Ga5As4           9   15.96        11.30      9.00  yes   \
       no, Ga +1          no       III                0.125  Ga-As 2            6×6×1

slab_100_00: a vacuum of 9.00 Å is thin: below 10 Å the two faces of a slab may feel each other
slab_100_01: a vacuum of 9.00 Å is thin: below 10 Å the two faces of a slab may feel each other

Tasker's types come from guessed charges Ga +3, As -3.

Excluded:
  (111): No symmetric slab (111) exists: no symmetry operation of the crystal turns the plane \
over. Give --no-symmetrize for the 2 unsymmetrized terminations.

Cost: 2 slabs, 18 atoms (at most 9 in one), 72 k-points before symmetry (at most 36).
"""


def test_the_table(invoke: Invoke, crystals: Path) -> None:
    planes = ('--miller', 1, 0, 0, '--miller', 1, 1, 1)
    sizes = ('--thickness', 10, '--vacuum', 9, '--kpoints-spacing', 0.05)
    result = invoke('preview', crystals / 'GaAs.cif', *planes, *sizes)
    assert result.exit_code == 0
    assert result.stdout == TABLE.removeprefix('\n')


def test_both_faces_of_an_asymmetric_slab_are_shown(invoke: Invoke, crystals: Path) -> None:
    words = ('--miller', 1, 1, 1, '--no-symmetrize')
    lines = invoke('preview', crystals / 'GaAs.cif', *words).stdout.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith('slab_00'))
    assert 'yes (guessed)' in lines[first]
    assert '  Ga / As  ' in lines[first]
    assert lines[first + 1].strip().startswith('As / Ga (below)')
    assert lines[first + 1].endswith('As-Ga 1 (below)')


def test_planes_of_a_primitive_cell_are_named_in_the_conventional_one(
    invoke: Invoke, crystals: Path
) -> None:
    words = ('--miller', 1, 1, 1, '--json')
    (slab,) = terminations(invoke('preview', crystals / 'Cu.cif', *words))
    assert sorted(map(abs, slab['conventional_miller_indices'])) == [1, 1, 1]
    (slab,) = terminations(invoke('preview', crystals / 'Cu.cif', '--miller', '1,1,0', '--json'))
    assert sorted(map(abs, slab['conventional_miller_indices'])) == [0, 0, 1]
    text = invoke('preview', crystals / 'Cu.cif', '--miller', 1, 1, 0).stdout
    assert 'Planes are those of the cell as given; in the conventional cell (110) is (' in text


def test_indices_of_the_conventional_cell_for_a_primitive_one(
    invoke: Invoke, crystals: Path
) -> None:
    words = ('--miller', 1, 0, 0, '--indices-of', 'conventional', '--json')
    result = invoke('preview', crystals / 'Cu.cif', *words)
    (slab,) = terminations(result)
    assert slab['conventional_miller_indices'] == [1, 0, 0]
    assert result.stderr.startswith(
        '--miller: Miller indices (1, 0, 0) of the conventional cell (Fm-3m; a, b, c = '
    )
    given = tuple(slab['miller_indices'])
    assert result.stderr.rstrip().endswith(f'are {given} of the cell as given.')


def test_four_indices_of_an_acute_cell(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / 'Ti.vasp'
    path.write_text(
        'Ti\n1\n2.95 0 0\n1.475 2.554775 0\n0 0 4.68\nTi\n2\nDirect\n'
        '0.33333333 0.33333333 0.25\n0.66666667 0.66666667 0.75\n'
    )
    refused = invoke('preview', path, '--miller', 1, 1, -2, 0)
    assert refused.exit_code == 2
    assert refused.stderr.startswith(
        'Error: Four indices (1, 1, -2, 0) need a hexagonal cell with a = b and γ = 120°; this one '
    )
    assert refused.stderr.endswith(
        'or give --indices-of conventional for four indices of the conventional cell.\n'
    )
    words = ('--miller', 1, 1, -2, 0, '--indices-of', 'conventional', '--json')
    (slab,) = terminations(invoke('preview', path, *words))
    assert slab['area_angstrom2'] == pytest.approx(2.95 * 3**0.5 * 4.68, rel=1e-3)


@pytest.mark.parametrize(
    ('plane', 'words', 'symmetric'),
    [
        ('1,0,0', (), [True, True]),
        ('1,0,0', ('--symmetrize',), [True, True]),
        ('1,0,0', ('--no-symmetrize',), [False]),
        ('1,0,0', ('--symmetrize-if-possible',), [True, True]),
        ('1,1,1', ('--no-symmetrize',), [False, False]),
        ('1,1,1', ('--symmetrize-if-possible',), [False, False]),
    ],
)
def test_symmetric_slabs_or_not(
    invoke: Invoke, crystals: Path, plane: str, words: tuple[str, ...], symmetric: list[bool]
) -> None:
    result = invoke('preview', crystals / 'GaAs.cif', '--miller', plane, *words, '--json')
    assert [termination['symmetric'] for termination in terminations(result)] == symmetric


def test_stoichiometric_slabs_only(invoke: Invoke, crystals: Path) -> None:
    words = ('--miller', 1, 0, 0, '--miller', 1, 1, 0, '--stoichiometric-only', '--json')
    result = invoke('preview', crystals / 'GaAs.cif', *words)
    assert [termination['label'] for termination in terminations(result)] == ['slab_110_00']
    assert {excluded['reason'] for excluded in json.loads(result.stdout)['excluded']} == {
        'no symmetric slab with these faces is stoichiometric'
    }


def test_the_generator_of_pymatgen(invoke: Invoke, crystals: Path) -> None:
    words = ('--miller', 1, 0, 0, '--thickness', 10, '--generator', 'pymatgen', '--json')
    found = terminations(invoke('preview', crystals / 'Ag3PO4.cif', *words))
    assert sorted(one['formula'] for one in found) == [
        'Ag10P3O12',
        'Ag10P3O16',
        'Ag11P4O12',
        'Ag11P4O16',
    ]
    assert any('less than the 10.00 Å asked for' in str(one['remarks']) for one in found)


@pytest.mark.parametrize('form', [(), ('--json',)])
def test_noise_is_reported(
    invoke: Invoke, crystals: Path, tmp_path: Path, form: tuple[str, ...]
) -> None:
    atoms = silver_phosphate().get_ase()
    atoms.rattle(0.01, seed=1)
    atoms.write(tmp_path / 'rattled.vasp')
    words = ('--miller', 1, 0, 0, '--no-symmetrize', *form)
    result = invoke('preview', tmp_path / 'rattled.vasp', *words)
    assert result.exit_code == 0
    assert result.stderr == (
        'Warning: the crystal has 1 symmetry operation within 0.01 Å, but 24 within 0.1 Å. If it '
        'was meant to have them all, symmetrize it first: now slabs can be too many or too few, or '
        'thicker than need be.\n'
    )
    if form:
        assert list(json.loads(result.stdout)) == ['terminations', 'excluded']
    assert invoke('preview', crystals / 'Ag3PO4.cif', *words).stderr == ''


@pytest.mark.parametrize('command', [('preview', '--json'), ('export', '--force', '--output')])
def test_indices_with_a_divisor_are_reduced_with_a_message(
    invoke: Invoke, crystals: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    name, *words = command
    words += [tmp_path] if name == 'export' else []
    result = invoke(name, crystals / 'Ag3PO4.cif', '--miller', 2, 0, 0, *words)
    assert result.exit_code == 0
    assert result.stderr == '--miller: Miller indices (2, 0, 0) are taken as (1, 0, 0).\n'


def test_a_plane_given_twice(invoke: Invoke, crystals: Path) -> None:
    planes = ('--miller', 1, 0, 0, '--miller', 2, 0, 0, '--miller', 0, 1, 0)
    lines = invoke('preview', crystals / 'GaAs.cif', *planes).stdout.splitlines()
    start = lines.index('Excluded:')
    assert lines[start + 1 : start + 3] == [
        '  (200): the same plane as (100)',
        '  (010): equivalent to (100)',
    ]


@pytest.mark.parametrize('form', [(), ('--json',)])
def test_no_symmetric_slab(invoke: Invoke, crystals: Path, form: tuple[str, ...]) -> None:
    assert_refused(
        invoke('preview', crystals / 'GaAs.cif', '--miller', 1, 1, 1, *form),
        'No symmetric slab (111) exists: no symmetry operation of the crystal turns the plane '
        'over. Give --no-symmetrize for the 2 unsymmetrized terminations.',
    )


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        ((), 'give either --miller (several times for several surfaces) or --max-index'),
        (
            ('--miller', 1, 0, 0, '--max-index', 1),
            'give either --miller (several times for several surfaces) or --max-index',
        ),
        (('--max-index', 9), '--max-index: max_index must be an integer from 1 to 6, not 9.'),
        (
            ('--miller', 0, 0, 0),
            '--miller: Miller indices [0, 0, 0] describe no plane: at least one must differ from '
            '0.',
        ),
        (
            ('--max-index', 1, '--thickness', 'nan'),
            '--thickness: The minimal slab thickness must be a finite number above 0, not nan.',
        ),
        (
            ('--max-index', 1, '--vacuum', -1),
            '--vacuum: The minimal vacuum thickness must be a finite number above 0, not -1.0.',
        ),
        (
            ('--max-index', 1, '--layers', 5, '--thickness', 10),
            '--layers: Give either the thickness of the slabs or their number of layers: both are '
            'there, 10.0 and 5.',
        ),
        (
            ('--max-index', 1, '--layers', 0),
            '--layers: layers must be an integer above 0, not 0.',
        ),
        (
            ('--max-index', 1, '--layer-tolerance', 0.001),
            '--layer-tolerance: layer_tolerance must be a finite number (Å) of at least 0.01, not '
            '0.001.',
        ),
        (
            ('--max-index', 1, '--max-atoms', 0),
            '--max-atoms: max_atoms must be an integer above 0, not 0.',
        ),
        (
            ('--max-index', 1, '--kpoints-spacing', 0),
            '--kpoints-spacing: The spacing of k-points must be a finite number above 0, not 0.0.',
        ),
        (
            ('--max-index', 1, '--plot', 'slabs.gif'),
            '--plot: slabs.gif must end in one of .png, .svg, .pdf',
        ),
    ],
)
def test_bad_options(
    invoke: Invoke, crystals: Path, words: tuple[object, ...], message: str
) -> None:
    assert_refused(invoke('preview', crystals / 'GaAs.cif', *words), message)


def test_layers_in_place_of_a_thickness(invoke: Invoke, crystals: Path) -> None:
    words = ('--miller', 1, 1, 0, '--layers', 5, '--json')
    (slab,) = terminations(invoke('preview', crystals / 'GaAs.cif', *words))
    assert (slab['n_layers'], slab['formula'], slab['requested_thickness_angstrom']) == (
        5,
        'Ga5As5',
        None,
    )
    assert slab['layer_tolerance_angstrom'] == 0.05


def test_no_slab_remains(invoke: Invoke, crystals: Path) -> None:
    words = ('--miller', 1, 1, 0, '--thickness', 10, '--max-atoms', 3)
    message = 'No slab is left. Ga7As7: 14 atoms; --max-atoms is 3'
    assert_refused(invoke('preview', crystals / 'GaAs.cif', *words), message)


@pytest.mark.parametrize('name', ['nothing.cif', 'wolf'])
def test_neither_a_file_nor_a_node(invoke: Invoke, name: str) -> None:
    message = f'{name}: there is neither such a file nor a node with this pk or uuid'
    assert_refused(invoke('preview', name, '--miller', 1, 0, 0), message)


def test_a_folder_in_place_of_a_file(invoke: Invoke, tmp_path: Path) -> None:
    message = f'{tmp_path} is a folder; name a file in it'
    assert_refused(invoke('preview', tmp_path, '--miller', 1, 0, 0), message)
    assert_refused(invoke('gamma', tmp_path), message)


def test_a_slab_in_place_of_a_crystal(invoke: Invoke, tmp_path: Path) -> None:
    copper_slabs(4)['cu_4'].get_ase().write(tmp_path / 'slab.cif')
    result = invoke('preview', tmp_path / 'slab.cif', '--miller', 1, 0, 0)
    assert result.exit_code == 2
    assert 'a slab or a molecule in a box' in result.stderr


@pytest.mark.parametrize('ending', ['png', 'svg', 'pdf'])
def test_a_picture(invoke: Invoke, crystals: Path, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f'slabs.{ending}'
    words = ('--miller', 1, 0, 0, '--plot', path)
    result = invoke('preview', crystals / 'Cu.cif', *words)
    assert result.stdout.splitlines()[-1] == f'Slabs and their faces: {path}'
    start = {'png': b'\x89PNG', 'svg': b'<?xml', 'pdf': b'%PDF'}[ending]
    assert path.read_bytes().startswith(start)


def test_json_is_alone_on_the_standard_output(
    invoke: Invoke, crystals: Path, tmp_path: Path
) -> None:
    words = ('--miller', 1, 0, 0, '--plot', tmp_path / 'slabs.png', '--json')
    result = invoke('preview', crystals / 'Cu.cif', *words)
    assert len(terminations(result)) == 1
    assert result.stderr == f'Slabs and their faces: {tmp_path / "slabs.png"}\n'


def test_a_crystal_by_its_pk_keeps_its_kinds(invoke: Invoke) -> None:
    node = nickel_oxide().store()
    (slab,) = terminations(invoke('preview', node.pk, '--miller', 1, 0, 0, *CUTTING, '--json'))
    assert slab['identity'] == '(Ni1)(Ni2)O2'


def test_a_crystal_by_its_uuid_must_be_cut(invoke: Invoke, copper: StructureData) -> None:
    message = 'give either --miller (several times for several surfaces) or --max-index'
    assert_refused(invoke('preview', copper.store().uuid), message)


def test_a_node_of_something_else(invoke: Invoke) -> None:
    node = Int(1).store()
    message = f'node {node.pk} is a Int, not a SlabRelaxWorkChain or StructureData'
    assert_refused(invoke('preview', node.pk, '--miller', 1, 0, 0), message)


@pytest.fixture
def run_with_terminations(instantiate: Callable[..., Any]) -> WorkChainNode:
    """A run of slabs that the calcfunction has cut: GaAs (100); (111) was excluded."""
    outputs = generate_slabs(
        bulk_structure=gallium_arsenide(),
        miller_indices=List([[1, 0, 0], [1, 1, 1]]),
        min_slab_thickness=Float(6.0),
        min_vacuum_thickness=Float(12.0),
        kpoints_spacing=Float(0.1),
    )
    run: WorkChainNode = instantiate(slabs=outputs['slabs']).node
    return run


def test_the_slabs_of_a_run(invoke: Invoke, run_with_terminations: WorkChainNode) -> None:
    result = invoke('preview', run_with_terminations.pk, '--json')
    found = survey(to_pymatgen(gallium_arsenide()), [[1, 0, 0], [1, 1, 1]], SlabOptions(6.0, 12.0))
    content = json.loads(result.stdout)
    assert content['excluded'] == [describe_excluded(one) for one in found.excluded]
    for one, termination in zip(content['terminations'], found.terminations, strict=True):
        expected = with_units(termination, 0.1)
        assert one == json.loads(json.dumps(expected), parse_float=close)


def test_the_slabs_of_a_run_with_other_k_points(
    invoke: Invoke, run_with_terminations: WorkChainNode
) -> None:
    words = ('--kpoints-spacing', 0.05, '--json')
    found = terminations(invoke('preview', run_with_terminations.pk, *words))
    assert [one['kpoints'] for one in found] == [[6, 6, 1], [6, 6, 1]]


def test_slabs_of_ones_own(invoke: Invoke, instantiate: Callable[..., Any], tmp_path: Path) -> None:
    run = instantiate(slabs=copper_slabs(3, 4)).node
    first, second = terminations(
        invoke('preview', run.pk, '--plot', tmp_path / 'slabs.png', '--json')
    )
    assert (tmp_path / 'slabs.png').exists()
    assert (first['label'], second['label']) == ('cu_3', 'cu_4')
    assert (first['formula'], first['n_atoms'], first['symmetric']) == ('Cu3', 3, True)
    assert (first['polar'], first['polar_source']) == ('no', 'symmetry')
    assert first['area_angstrom2'] == pytest.approx(3.6**2 / 2)
    assert first['thickness_angstrom'] == pytest.approx(3.6 * 1.02)
    assert first['thickness_angstrom'] + first['vacuum_angstrom'] == pytest.approx(12 + 3.6)
    assert [layer['layer'] for layer in first['top']] == ['Cu', 'Cu', 'Cu']
    assert first['kpoints'] == [8, 8, 1]
    unknown = {key for key, value in first.items() if value is None}
    assert unknown == {
        'miller_indices',
        'conventional_miller_indices',
        'identity',
        'shift',
        'requested_thickness_angstrom',
        'layer_tolerance_angstrom',
        'stoichiometric',
        'excess',
        'tasker',
        'tasker_reason',
        'broken_bonds_per_angstrom2',
        'lost_neighbours',
        'lower_part',
    }
    assert f'SlabRelaxWorkChain<{run.pk}>' in invoke('preview', run.pk).stdout


@pytest.mark.parametrize(
    'option',
    [
        ('--miller', 1, 0, 0),
        ('--thickness', 12),
        ('--layers', 5),
        ('--layer-tolerance', 0.2),
        ('--symmetrize',),
        ('--no-symmetrize',),
        ('--symmetrize-if-possible',),
    ],
)
def test_a_run_is_not_cut(
    invoke: Invoke, run_with_failure: WorkChainNode, option: tuple[object, ...]
) -> None:
    run = f'SlabRelaxWorkChain<{run_with_failure.pk}>'
    message = f'{option[0]}: {run} already has slabs: these options apply to a crystal only'
    assert_refused(invoke('preview', run_with_failure.pk, *option), message)


def test_a_run_without_slabs(invoke: Invoke) -> None:
    run = WorkChainNode(process_type='aiida.workflows:slabrelax.relax').store()
    assert_refused(invoke('preview', run.pk), f'SlabRelaxWorkChain<{run.pk}> has no slabs (yet)')
