"""VASP's settings in the words of GPAW; GPAW itself is not needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.constraints import FixAtoms, FixScaled

from aiida_slabrelax.standin.engines.choice import Engine
from aiida_slabrelax.standin.engines.gpaw_settings import vacuum_axis
from aiida_slabrelax.standin.errors import InputError
from aiida_slabrelax.standin.inputs.reading import read_inputs
from vasp_job import Job

MESH = 'A mesh\n0\n{scheme}\n {mesh}\n {shift}\n'


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


def slab(vacuum: float = 5.0) -> Atoms:
    atoms = fcc111('Al', (1, 1, 3), a=4.05, vacuum=vacuum)
    atoms.set_tags(0)
    return atoms


def engine(job: Job, incar: str, atoms: Atoms | None = None, **mesh: str) -> Engine:
    """Return the engine for tags beside ENCUT."""
    job.write(bulk('Al', a=4.05) if atoms is None else atoms)
    job.path('INCAR').write_text(f'ENCUT = 300\n{incar}\n')
    job.path('KPOINTS').write_text(
        MESH.format(**{'scheme': 'Gamma', 'mesh': '2 2 1', 'shift': '0 0 0', **mesh})
    )
    found = read_inputs(job.folder, {'VASP_STANDIN_MODEL': 'gpaw'}).engine
    assert found is not None
    return found


def settings(job: Job, incar: str, atoms: Atoms | None = None, **mesh: str) -> dict[str, Any]:
    return dict(engine(job, incar, atoms, **mesh).settings)


def test_defaults_are_those_of_vasp(job: Job) -> None:
    assert settings(job, '') == {
        'mode': {'name': 'pw', 'ecut': 300.0},
        'xc': 'PBE',
        'kpts': {'size': [2, 2, 1], 'gamma': True},
        'occupations': {'name': 'methfessel-paxton', 'order': 1, 'width': 0.2},
        'convergence': {'energy': 1e-4},
        'maxiter': 60,
        'symmetry': {},
        'spinpol': False,
    }


@pytest.mark.parametrize(
    ('tag', 'name'),
    [
        ('GGA = PS', 'PBEsol'),
        ('GGA = rp', 'RPBE'),
        ('GGA = RE', 'revPBE'),
        ('GGA = CA', 'LDA'),
        ('GGA = --', 'PBE'),
        ('METAGGA = R2SCAN', 'MGGA_X_R2SCAN+MGGA_C_R2SCAN'),
        ('METAGGA = SCAN; GGA = PE', 'MGGA_X_SCAN+MGGA_C_SCAN'),
    ],
)
def test_functionals(job: Job, tag: str, name: str) -> None:
    assert settings(job, tag)['xc'] == name


def test_the_functional_of_the_potentials_is_the_default(job: Job) -> None:
    job.write(bulk('Al'), {'ENCUT': 300})
    job.path('POTCAR').write_text(job.text('POTCAR').replace('LEXCH  = PE', 'LEXCH  = CA'))
    found = read_inputs(job.folder, {'VASP_STANDIN_MODEL': 'gpaw'}).engine
    assert found is not None
    assert found.settings['xc'] == 'LDA'


@pytest.mark.parametrize(
    ('tags', 'occupations'),
    [
        ('ISMEAR = 0; SIGMA = 0.05', {'name': 'methfessel-paxton', 'order': 0, 'width': 0.05}),
        ('ISMEAR = 2', {'name': 'methfessel-paxton', 'order': 2, 'width': 0.2}),
        ('ISMEAR = -1; SIGMA = 0.1', {'name': 'fermi-dirac', 'width': 0.1}),
        ('ISMEAR = -5', {'name': 'improved-tetrahedron-method'}),
    ],
)
def test_occupations(job: Job, tags: str, occupations: dict[str, Any]) -> None:
    assert settings(job, tags)['occupations'] == occupations


def test_convergence_and_bands(job: Job) -> None:
    found = settings(job, 'EDIFF = 1E-6; NELM = 30; NELMIN = 4; NBANDS = 12')
    assert found['convergence'] == {'energy': 1e-6, 'minimum iterations': 4}
    assert (found['maxiter'], found['nbands']) == (30, 12)


def test_meshes(job: Job) -> None:
    assert settings(job, '', mesh='3 1 1')['kpts'] == {'size': [3, 1, 1], 'gamma': True}
    # Without Γ if a division is even, as in GPAW.
    found = settings(job, '', scheme='Monkhorst', mesh='2 2 1')['kpts']
    assert found == {'size': [2, 2, 1]}


@pytest.mark.parametrize(
    ('scheme', 'mesh', 'expected'),
    [
        ('Gamma', '3 1 1', [1 / 6, 1 / 2, 5 / 6]),
        ('Monkhorst', '3 1 1', [-1 / 6, 1 / 6, 1 / 2]),
        ('Monkhorst', '2 1 1', [0, 1 / 2]),
    ],
)
def test_shifted_meshes(job: Job, scheme: str, mesh: str, expected: list[float]) -> None:
    found = np.array(settings(job, '', scheme=scheme, mesh=mesh, shift='0.5 0 0')['kpts'])
    assert found[:, 0] == pytest.approx(expected)
    assert np.abs(found[:, 1:]).max() == 0


def test_spins(job: Job) -> None:
    magnetic = bulk('Fe', cubic=True)
    found = settings(job, 'ISPIN = 2; MAGMOM = 2*2.5', magnetic)
    assert (found['spinpol'], found['magmoms']) == (True, [2.5, 2.5])
    assert settings(job, 'ISPIN = 2', magnetic)['magmoms'] == [1.0, 1.0]
    assert 'magmoms' not in settings(job, 'ISPIN = 1; MAGMOM = 2*2.5', magnetic)


def test_fixed_ions_are_no_images_of_free_ones(job: Job) -> None:
    atoms = slab()
    assert settings(job, '', atoms)['symmetry'] == {}
    atoms.set_constraint(FixAtoms([0]))
    assert sorted(settings(job, '', atoms)['symmetry']['extra_ids']) == [0, 1, 1]
    atoms.set_constraint(FixScaled([0], [True, False, False]))
    assert settings(job, '', atoms)['symmetry'] == {'point_group': False}
    assert settings(job, 'ISYM = 0')['symmetry'] == {'point_group': False, 'time_reversal': True}
    assert settings(job, 'ISYM = -1')['symmetry'] == {
        'point_group': False,
        'time_reversal': False,
    }


def test_dipole_layer(job: Job) -> None:
    found = engine(job, 'LDIPOL = .TRUE.; IDIPOL = 3', slab())
    assert found.settings['poissonsolver'] == {'dipolelayer': True}
    assert found.vacuum_axis == 2
    assert 'poissonsolver' not in settings(job, '', slab())


def test_vacuum_levels_are_for_slabs(job: Job) -> None:
    assert engine(job, 'LVHAR = .TRUE.', slab()).vacuum_axis == 2
    assert engine(job, '', slab()).vacuum_axis is None
    assert engine(job, 'LVHAR = .TRUE.').vacuum_axis is None
    assert engine(job, 'LVHAR = .TRUE.', slab(), mesh='2 2 2').vacuum_axis is None


@pytest.mark.parametrize(
    ('tags', 'message'),
    [
        ('LDAU = .TRUE.', r'GPAW cannot give .*LDAU = .TRUE. \(DFT\+U\)'),
        ('LSORBIT = .TRUE.', 'LSORBIT'),
        ('IVDW = 12', 'IVDW = 12'),
        ('NUPDOWN = 4', 'NUPDOWN = 4'),
        ('GGA = BF', 'GGA = BF: GPAW has CA, PE, PS, RP, RE here'),
        ('METAGGA = MBJ', 'METAGGA = MBJ: GPAW has TPSS'),
        ('ISMEAR = -2', 'ISMEAR = -2'),
        ('ISPIN = 2; MAGMOM = 1 2', 'MAGMOM has 2 values for 3 ions'),
        ('IDIPOL = 3', 'GPAW needs LDIPOL = .TRUE. with IDIPOL = 1, 2 or 3'),
        ('LDIPOL = .TRUE.; IDIPOL = 4', 'GPAW needs LDIPOL'),
        ('LDIPOL = .TRUE.; IDIPOL = 1', 'IDIPOL = 1: GPAW needs this lattice vector along x'),
    ],
)
def test_refused(job: Job, tags: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        engine(job, tags, slab())


def test_a_slab_at_the_boundary_has_no_room_for_the_dipole_layer(job: Job) -> None:
    atoms = slab()
    atoms.positions[:, 2] -= atoms.positions[:, 2].min()
    with pytest.raises(InputError, match=r'an ion is 0.0 Å from the boundary of the cell'):
        engine(job, 'LDIPOL = .TRUE.; IDIPOL = 3', atoms)


def test_a_cut_off_is_needed(job: Job) -> None:
    job.write(bulk('Al'), {'ISMEAR': 1})
    with pytest.raises(InputError, match='ENCUT is missing'):
        read_inputs(job.folder, {'VASP_STANDIN_MODEL': 'gpaw'})


def test_points_of_different_weights_are_refused(job: Job) -> None:
    job.write(bulk('Al'), {'ENCUT': 300})
    job.path('KPOINTS').write_text('points\n2\nReciprocal\n0 0 0 1\n0.5 0 0 2\n')
    with pytest.raises(InputError, match='points of equal weight'):
        read_inputs(job.folder, {'VASP_STANDIN_MODEL': 'gpaw'})


def test_without_lvhar_no_vacuum_is_looked_for(job: Job) -> None:
    inputs = read_inputs(job.write(slab(), {'ENCUT': 300}).folder, {'VASP_STANDIN_MODEL': 'gpaw'})
    assert vacuum_axis(inputs.incar, inputs.kpoints, inputs.structure) is None
