"""``aiida-slabrelax export``: what is written can be read again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ase.io
import numpy as np
import pytest
from aiida.orm import Dict, StructureData, WorkChainNode
from ase import Atoms
from click.testing import Result
from pymatgen.core import Structure

from aiida_slabrelax.calculations.structures import to_pymatgen
from aiida_slabrelax.surfaces import SlabOptions, find_terminations, fixed_sites
from sample_structures import copper_slabs, nickel_oxide, silver_phosphate

Invoke = Callable[..., Result]
BIN = Path(sys.executable).parent
LABELS = ['slab_00', 'slab_01', 'slab_02', 'slab_03']


@pytest.fixture(scope='module')
def crystal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ag3PO4 as a POSCAR."""
    path = tmp_path_factory.mktemp('crystals') / 'Ag3PO4.vasp'
    to_pymatgen(silver_phosphate()).to(filename=str(path), fmt='poscar')
    return path


@pytest.fixture(scope='module')
def slabs() -> dict[str, Structure]:
    """Its (100) slabs."""
    options = SlabOptions(12.0, 15.0)
    found = find_terminations(to_pymatgen(silver_phosphate()), [1, 0, 0], options)
    return {one.label: one.structure for one in found}


@pytest.fixture
def export(invoke: Invoke, crystal: Path, tmp_path: Path) -> Invoke:
    """Return a function that exports the (100) slabs of the crystal into a folder ``out``."""

    def run(*words: object, source: object = crystal, cut: bool = True) -> Result:
        plane = ('--miller', 1, 0, 0) if cut else ()
        return invoke('export', source, *plane, '-o', tmp_path / 'out', *words)

    return run


@pytest.fixture
def run_with_relaxed_slab(
    instantiate: Callable[..., Any], end_relaxation: Callable[..., WorkChainNode]
) -> WorkChainNode:
    """A run of three slabs, of which one has relaxed, one has failed and one is waiting."""
    process = instantiate(slabs=copper_slabs(3, 4, 5))
    moved = copper_slabs(3)['cu_3'].get_ase()
    moved.positions[2, 2] += 0.25
    misc = Dict({'total_energies': {'energy_extrapolated': -3.5}})
    end_relaxation(process, 'cu_3', misc, StructureData(ase=moved))
    end_relaxation(process, 'cu_4', exit_status=401)
    run: WorkChainNode = process.node
    return run


def written(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / 'out').iterdir())


def assert_same(atoms: Atoms, slab: Structure) -> None:
    assert list(atoms.symbols) == [site.specie.symbol for site in slab]
    np.testing.assert_allclose(atoms.cell.array, slab.lattice.matrix, atol=1e-6)
    offsets = atoms.get_scaled_positions(wrap=False) - slab.frac_coords
    np.testing.assert_allclose(offsets - np.round(offsets), 0.0, atol=1e-7)


def assert_refused(result: Result, message: str) -> None:
    assert result.exit_code == 2
    assert result.stdout == ''
    assert result.stderr == f'Error: {message}\n'


@pytest.mark.parametrize(
    ('form', 'ending'),
    [('poscar', 'vasp'), ('cif', 'cif'), ('xsf', 'xsf'), ('extxyz', 'xyz'), ('gen', 'gen')],
)
def test_ase_reads_the_same_slabs(
    export: Invoke, slabs: dict[str, Structure], tmp_path: Path, form: str, ending: str
) -> None:
    assert export('--format', form).exit_code == 0
    assert written(tmp_path) == [f'{label}.{ending}' for label in LABELS]
    for label, slab in slabs.items():
        path = tmp_path / 'out' / f'{label}.{ending}'
        assert_same(ase.io.read(path), slab)


@pytest.mark.parametrize(
    ('form', 'ending'),
    [('POSCAR', 'vasp'), ('cif', 'cif'), ('xsf', 'xsf'), ('json', 'json'), ('yaml', 'yaml')],
)
def test_pymatgen_reads_the_same_slabs(
    export: Invoke, slabs: dict[str, Structure], tmp_path: Path, form: str, ending: str
) -> None:
    assert export('--format', form, '--only', 'slab_02').exit_code == 0
    read = Structure.from_file(tmp_path / 'out' / f'slab_02.{ending}')
    assert_same(read.to_ase_atoms(), slabs['slab_02'])


def test_what_is_said(export: Invoke, tmp_path: Path) -> None:
    folder = tmp_path / 'out'
    assert export('--only', 'slab_00', '--only', 'slab_03').stdout.splitlines() == [
        'Ag3PO4: 2 slabs, not relaxed, as poscar:',
        f'  slab_00  Ag13P4O16  {folder / "slab_00.vasp"}',
        f'  slab_03  Ag14P5O20  {folder / "slab_03.vasp"}',
    ]


def test_noise_is_reported(invoke: Invoke, tmp_path: Path) -> None:
    atoms = silver_phosphate().get_ase()
    atoms.rattle(0.01, seed=1)
    atoms.write(tmp_path / 'rattled.vasp')
    words = ('--miller', 1, 0, 0, '--no-symmetrize', '--output', tmp_path / 'slabs')
    result = invoke('export', tmp_path / 'rattled.vasp', *words)
    assert result.exit_code == 0, result.output
    assert result.stderr.startswith('Warning: the crystal has 1 symmetry operation')


def test_excluded_slabs_are_reported(export: Invoke) -> None:
    lines = export('--thickness', 10, '--max-atoms', 30).stdout.splitlines()
    assert lines[0] == 'Ag3PO4: 1 slab, not relaxed, as poscar:'
    assert sorted(lines[2:]) == [
        'Excluded: (100) Ag11P4O16: 31 atoms; --max-atoms is 30',
        'Excluded: (100) Ag13P4O16: 33 atoms; --max-atoms is 30',
        'Excluded: (100) Ag14P5O16: 35 atoms; --max-atoms is 30',
    ]


def test_all_in_one_file(export: Invoke, slabs: dict[str, Structure], tmp_path: Path) -> None:
    assert export('--format', 'extxyz', '--one-file').exit_code == 0
    assert written(tmp_path) == ['slabs.xyz']
    read = ase.io.read(tmp_path / 'out' / 'slabs.xyz', index=':')
    assert [atoms.info['label'] for atoms in read] == LABELS
    for atoms, slab in zip(read, slabs.values(), strict=True):
        assert_same(atoms, slab)


@pytest.mark.parametrize('form', ['poscar', 'json'])
def test_one_file_holds_one_structure_in_most_formats(
    export: Invoke, tmp_path: Path, form: str
) -> None:
    assert_refused(
        export('--format', form, '--one-file'),
        f'--one-file: a file of the format {form} holds one structure; of extxyz several',
    )


@pytest.mark.parametrize('form', ['words', 'espresso-out'])
def test_an_unknown_format(export: Invoke, tmp_path: Path, form: str) -> None:
    assert_refused(
        export('--format', form),
        f'--format: neither ASE nor pymatgen writes {form!r}; they write poscar, cif, xsf, extxyz, '
        'json, espresso-in, lammps-data, abinit-in, gen, cssr and others',
    )
    assert not (tmp_path / 'out').exists()


def test_a_format_that_lacks_something_leaves_nothing(export: Invoke, tmp_path: Path) -> None:
    result = export('--format', 'mustem')
    assert result.exit_code == 2
    assert result.stderr.startswith('Error: --format: slab_00 cannot be written as mustem: ')
    assert not (tmp_path / 'out').exists()


def test_nothing_is_replaced_unasked(export: Invoke, tmp_path: Path) -> None:
    path = tmp_path / 'out' / 'slab_01.vasp'
    path.parent.mkdir()
    path.write_text('mine')
    assert_refused(export(), f'there is already {path}; --force replaces existing files')
    assert written(tmp_path) == ['slab_01.vasp']
    assert path.read_text() == 'mine'
    assert export('--force').exit_code == 0
    assert path.read_text() != 'mine'


def test_a_file_in_place_of_the_folder(export: Invoke, tmp_path: Path) -> None:
    (tmp_path / 'out').write_text('')
    result = export()
    assert result.exit_code == 2
    assert "Invalid value for '-o' / '--output'" in result.stderr


def test_an_unknown_label(export: Invoke) -> None:
    assert_refused(
        export('--only', 'slab_07'),
        "--only: there is no slab 'slab_07'; there are slab_00, slab_01, slab_02, slab_03",
    )


def test_slabs_of_a_crystal_are_not_relaxed(export: Invoke) -> None:
    message = '--what: slabs that are cut from a crystal are not relaxed'
    assert_refused(export('--what', 'relaxed'), message)


def test_a_file_needs_no_profile(crystal: Path, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ('AIIDA_PATH', 'PYTHONPATH')}
    (tmp_path / 'home').mkdir()
    words = ['export', str(crystal), '--miller', '1', '0', '0', '-o', str(tmp_path / 'out')]
    subprocess.run(
        [str(BIN / 'aiida-slabrelax'), *words],
        env={**environment, 'HOME': str(tmp_path / 'home')},
        check=True,
        capture_output=True,
    )
    assert written(tmp_path) == [f'{label}.vasp' for label in LABELS]
    assert list((tmp_path / 'home').iterdir()) == []


def test_the_format_of_pymatgen_keeps_kinds(export: Invoke, tmp_path: Path) -> None:
    node = nickel_oxide().store()
    lost = 'The files tell elements apart, not the kinds Ni1, Ni2, O; those of the format json do.'
    assert lost in export(source=node.pk).stdout.splitlines()
    assert lost not in export('--format', 'json', source=node.pk).stdout
    slab = Structure.from_file(tmp_path / 'out' / 'slab_00.json')
    assert set(slab.site_properties['kind_name']) == {'Ni1', 'Ni2', 'O'}


def test_relaxed_slabs_and_the_names_of_others(
    export: Invoke, run_with_relaxed_slab: WorkChainNode, tmp_path: Path
) -> None:
    result = export(source=run_with_relaxed_slab.pk, cut=False)
    assert result.stdout.splitlines() == [
        f'SlabRelaxWorkChain<{run_with_relaxed_slab.pk}>: 1 slab, as relaxed, as poscar:',
        f'  cu_3  Cu3  {tmp_path / "out" / "cu_3.vasp"}',
        'Not relaxed, not written: cu_4 (failed), cu_5 (waiting)',
    ]
    before = copper_slabs(3)['cu_3'].get_ase()
    after = ase.io.read(tmp_path / 'out' / 'cu_3.vasp')
    np.testing.assert_allclose(
        after.positions - before.positions, [[0, 0, 0], [0, 0, 0], [0, 0, 0.25]], atol=1e-8
    )


def test_slabs_before_relaxation(
    export: Invoke, run_with_relaxed_slab: WorkChainNode, tmp_path: Path
) -> None:
    words = ('--what', 'initial', '--format', 'cif')
    assert export(*words, source=run_with_relaxed_slab.uuid, cut=False).exit_code == 0
    assert written(tmp_path) == ['cu_3.cif', 'cu_4.cif', 'cu_5.cif']
    for label, node in copper_slabs(3, 4, 5).items():
        assert_same(ase.io.read(tmp_path / 'out' / f'{label}.cif'), to_pymatgen(node))


def test_before_any_slab_has_relaxed(export: Invoke, run_with_failure: WorkChainNode) -> None:
    result = export(source=run_with_failure.pk, cut=False)
    assert result.stdout.startswith(
        f'SlabRelaxWorkChain<{run_with_failure.pk}>: 3 slabs, not relaxed, as poscar:\n'
    )
    assert_refused(
        export('--what', 'relaxed', '--only', 'slab_00', source=run_with_failure.pk, cut=False),
        'none of these slabs has relaxed: slab_00 (failed); --what initial writes them as they '
        'were',
    )


def test_the_slabs_of_a_run_are_not_cut_again(
    export: Invoke, run_with_failure: WorkChainNode
) -> None:
    assert_refused(
        export(source=run_with_failure.pk),
        f'--miller: SlabRelaxWorkChain<{run_with_failure.pk}> already has slabs: '
        'these options apply to a crystal only',
    )


def fixed(path: Path) -> list[bool]:
    """Return which atoms of a file ASE finds fixed."""
    atoms = ase.io.read(path)
    (constraint,) = atoms.constraints
    return [index in constraint.index for index in range(len(atoms))]


@pytest.mark.filterwarnings('ignore:FHI-aims IO is moving')
@pytest.mark.parametrize(
    ('form', 'ending'),
    [('poscar', 'vasp'), ('extxyz', 'xyz'), ('espresso-in', 'pwi'), ('aims', 'in'), ('traj',) * 2],
)
def test_fixed_layers(
    export: Invoke, slabs: dict[str, Structure], tmp_path: Path, form: str, ending: str
) -> None:
    words = ('--format', form, '--fix', 'layers=3', '--only', 'slab_01')
    result = export(*words)
    assert result.exit_code == 0, result.output
    rule = {'layers': 3}
    expected = fixed_sites(slabs['slab_01'], rule, symmetric=True)
    assert 0 < sum(expected) < len(expected)
    assert fixed(tmp_path / 'out' / f'slab_01.{ending}') == expected


def test_fixed_layers_for_pymatgen(
    export: Invoke, slabs: dict[str, Structure], tmp_path: Path
) -> None:
    assert export('--format', 'json', '--fix', 'thickness=4,side=bottom').exit_code == 0
    for label, slab in slabs.items():
        read = Structure.from_file(tmp_path / 'out' / f'{label}.json')
        rule = {'thickness': 4, 'side': 'bottom'}
        expected = [[not one] * 3 for one in fixed_sites(slab, rule, symmetric=True)]
        assert read.site_properties['selective_dynamics'] == expected


def test_fixed_layers_of_relaxed_slabs(
    export: Invoke, run_with_relaxed_slab: WorkChainNode, tmp_path: Path
) -> None:
    words = ('--fix', 'layers=1,side=bottom')
    assert export(*words, source=run_with_relaxed_slab.pk, cut=False).exit_code == 0
    assert fixed(tmp_path / 'out' / 'cu_3.vasp') == [True, False, False]


def test_relaxed_slabs_have_their_energy_their_forces_and_their_fixed_sites(
    export: Invoke,
    instantiate: Callable[..., Any],
    end_relaxation: Callable[..., WorkChainNode],
    tmp_path: Path,
) -> None:
    process = instantiate(slabs=copper_slabs(3))
    forces = [[0.0, 0.0, 0.125], [0.0, 0.0, 0.0], [0.0, 0.0, -0.125]]
    misc = Dict({'total_energies': {'energy_extrapolated': -3.5}, 'forces': forces})
    dynamics = Dict({'positions_dof': [[False] * 3, [True] * 3, [True] * 3]})
    slab = copper_slabs(3)['cu_3']
    end_relaxation(process, 'cu_3', misc, slab, inputs={'dynamics': dynamics})
    result = export('--format', 'extxyz', source=process.node.pk, cut=False)
    assert result.exit_code == 0, result.output
    written = ase.io.read(tmp_path / 'out' / 'cu_3.xyz')
    assert written.get_potential_energy() == -3.5
    assert written.get_forces(apply_constraint=False).tolist() == forces
    assert fixed(tmp_path / 'out' / 'cu_3.xyz') == [True, False, False]
    assert export('--format', 'json', source=process.node.pk, cut=False).exit_code == 0
    kept = Structure.from_file(tmp_path / 'out' / 'cu_3.json')
    assert kept.properties == {'energy': -3.5}
    assert kept.site_properties['forces'] == forces
    assert export(source=process.node.pk, cut=False).exit_code == 0
    assert fixed(tmp_path / 'out' / 'cu_3.vasp') == [True, False, False]


@pytest.mark.parametrize(
    ('rule', 'message'),
    [
        (
            'two',
            'layers=N or thickness=Å is needed, and perhaps side=bottom, top or middle after a '
            "comma; got 'two'",
        ),
        ('layers=0', 'The number of layers to fix must be an integer above 0, not 0.'),
        ('layers=2,side=left', 'The side to fix must be one of bottom, top, middle, not'),
        ('layers=90', 'slab_00: the slab has'),
    ],
)
def test_layers_that_cannot_be_fixed(
    export: Invoke, tmp_path: Path, rule: str, message: str
) -> None:
    result = export('--fix', rule)
    assert result.exit_code == 2
    assert result.stderr.startswith(f'Error: --fix: {message}')
    assert not (tmp_path / 'out').exists()


def test_a_format_without_fixed_atoms(export: Invoke) -> None:
    assert_refused(
        export('--format', 'cif', '--fix', 'layers=2'),
        '--fix: files of the format cif do not say which atoms are fixed; those of poscar, '
        'extxyz, espresso-in, aims, turbomole, traj, json, yaml do',
    )


def test_input_of_quantum_espresso(
    export: Invoke, slabs: dict[str, Structure], tmp_path: Path
) -> None:
    result = export('--format', 'espresso-in', '--only', 'slab_00')
    assert 'name pseudopotentials by the elements' in result.stdout
    assert_same(ase.io.read(tmp_path / 'out' / 'slab_00.pwi'), slabs['slab_00'])
    assert 'Ag.UPF' in (tmp_path / 'out' / 'slab_00.pwi').read_text()


@pytest.fixture
def lithium_hydride(tmp_path: Path) -> Path:
    """Rock salt of lithium with H and D in turn along z."""
    path = tmp_path / 'LiHD.vasp'
    rows = ['0 0 0', '.5 .5 0', '.5 0 .5', '0 .5 .5', '.5 .5 .5', '0 0 .5', '0 .5 0', '.5 0 0']
    lines = ['LiH', '1', '4.08 0 0', '0 4.08 0', '0 0 4.08', 'Li H D', '4 2 2', 'Direct', *rows]
    path.write_text('\n'.join(lines))
    return path


def test_masses_of_isotopes(export: Invoke, lithium_hydride: Path, tmp_path: Path) -> None:
    result = export('--format', 'extxyz', source=lithium_hydride)
    assert result.exit_code == 0, result.output
    atoms = ase.io.read(tmp_path / 'out' / 'slab_00.xyz')
    masses = atoms.get_masses()[[symbol == 'H' for symbol in atoms.symbols]]
    assert sorted(set(masses.round(3))) == [1.008, 2.014]


def test_formats_without_masses(export: Invoke, lithium_hydride: Path) -> None:
    told = (
        'The files do not hold the masses of D (2.014 u); those of the formats extxyz, traj, json, '
        'yaml do.'
    )
    for form in ('poscar', 'espresso-in'):
        assert told in export('--format', form, source=lithium_hydride).stdout.splitlines()
