import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.filters import FrechetCellFilter
from ase.io import read
from ase.optimize import BFGS, FIRE, BFGSLineSearch
from ase.units import GPa
from tblite.ase import TBLite

from aiida_slabrelax.standin.errors import InputError, ModelError
from aiida_slabrelax.standin.inputs.incar import read_incar
from aiida_slabrelax.standin.inputs.poscar import Structure, read_poscar
from aiida_slabrelax.standin.relax import IonicStep, ionic_steps
from emt_metals import SURFACES, lattice_constant
from vasp_job import Job

OPTIMISERS = {1: BFGS, 2: BFGSLineSearch, 3: FIRE}


def relax(job: Job, atoms: Atoms, incar: str, model: str = 'emt') -> list[IonicStep]:
    structure = read_poscar(job.write(atoms).text('POSCAR'))
    return list(ionic_steps(structure, read_incar(incar), model))


def assert_equal(step: IonicStep, atoms: Atoms) -> None:
    """Assert that a step has the energy, positions, forces and stress of ASE."""
    assert step.energy == pytest.approx(atoms.get_potential_energy(), abs=1e-8)
    assert np.array(step.lattice) == pytest.approx(atoms.cell[:], abs=1e-6)
    assert np.array(step.positions) @ step.lattice == pytest.approx(atoms.positions, abs=1e-6)
    forces = atoms.get_forces(apply_constraint=False)
    assert np.array(step.forces) == pytest.approx(forces, abs=1e-6)
    assert -np.array(step.stress) / 10 * GPa == pytest.approx(
        atoms.get_stress(voigt=False), abs=1e-8
    )


@pytest.mark.parametrize('ibrion', OPTIMISERS)
def test_ions_relax_as_in_ase(job: Job, copper_slab: Atoms, ibrion: int) -> None:
    steps = relax(job, copper_slab, f'IBRION = {ibrion}; NSW = 200; EDIFFG = -0.01')
    expected = read(job.path('POSCAR'))
    expected.calc = EMT()
    OPTIMISERS[ibrion](expected, logfile=None).run(fmax=0.01)
    assert steps[-1].converged
    assert len(steps) > 3
    assert_equal(steps[-1], expected)


@pytest.mark.parametrize(
    ('isif', 'options'),
    [(3, {}), (4, {'constant_volume': True}), (8, {'hydrostatic_strain': True})],
)
def test_cell_relaxes_as_in_ase(job: Job, isif: int, options: dict[str, bool]) -> None:
    atoms = bulk('Cu', a=3.7) * (2, 1, 1)
    atoms.set_cell(atoms.cell @ np.diag([1.03, 1, 1]), scale_atoms=True)
    atoms.rattle(0.03, seed=2)
    steps = relax(job, atoms, f'IBRION = 1; NSW = 10; EDIFFG = -0.01; ISIF = {isif}')
    expected = read(job.path('POSCAR'))
    expected.calc = EMT()
    BFGS(FrechetCellFilter(expected, **options), logfile=None).run(fmax=0.01, steps=9)
    assert len(steps) > 5
    assert_equal(steps[-1], expected)
    volume = [abs(np.linalg.det(step.lattice)) for step in (steps[0], steps[-1])]
    assert (volume[0] == pytest.approx(volume[1])) == (isif == 4)


@pytest.mark.parametrize('metal', ['Al', 'Ni', 'Cu', 'Pd', 'Ag', 'Pt', 'Au'])
def test_metals_and_their_slabs_relax_as_in_ase(job: Job, metal: str) -> None:
    a = lattice_constant(metal)
    incar = 'IBRION = 1; NSW = 60; EDIFFG = -1E-4; ISIF = '
    steps = relax(job, bulk(metal, 'fcc', cubic=True), f'{incar}3')
    assert steps[-1].converged
    assert np.diag(steps[-1].lattice) == pytest.approx([a] * 3, abs=1e-4)
    for make_slab in SURFACES.values():
        slab = make_slab(metal, (1, 1, 4), a=a, vacuum=6.0, periodic=True)
        slab.set_tags(0)
        steps = relax(job, slab, f'{incar}2')
        expected = read(job.path('POSCAR'))
        expected.calc = EMT()
        BFGS(expected, logfile=None).run(fmax=1e-4)
        assert len(steps) > 3
        assert_equal(steps[-1], expected)


def test_molecular_crystal_relaxes_with_gfn1_as_in_ase(job: Job) -> None:
    atoms = Atoms('COO', [[0, 0, 0], [1.25, 0, 0], [-1.1, 0.1, 0]], cell=[5, 4, 4], pbc=True)
    steps = relax(job, atoms, 'IBRION = 1; NSW = 5; EDIFFG = -0.01', model='gfn1')
    expected = read(job.path('POSCAR'))
    expected.calc = TBLite(method='GFN1-xTB', verbosity=0)
    BFGS(expected, logfile=None).run(fmax=0.01, steps=4)
    assert len(steps) == 5
    assert_equal(steps[-1], expected)


def test_single_point(job: Job, copper_slab: Atoms) -> None:
    for incar in ('', 'IBRION = -1; NSW = 5', 'IBRION = 2; NSW = 0'):
        (step,) = relax(job, copper_slab, incar)
        expected = read(job.path('POSCAR'))
        expected.calc = EMT()
        assert_equal(step, expected)


def test_number_of_steps_is_limited(job: Job, copper_slab: Atoms) -> None:
    steps = relax(job, copper_slab, 'IBRION = 1; NSW = 3; EDIFFG = -0.0001')
    assert len(steps) == 3
    assert not any(step.converged for step in steps)


def test_change_of_energy_as_criterion(job: Job, copper_slab: Atoms) -> None:
    steps = relax(job, copper_slab, 'IBRION = 1; NSW = 100; EDIFFG = 0.01')
    changes = np.abs(np.diff([step.energy for step in steps]))
    assert steps[-1].converged
    assert changes[-1] < 0.01
    assert (changes[:-1] >= 0.01).all()


def test_no_criterion_takes_all_steps(job: Job, copper_slab: Atoms) -> None:
    assert len(relax(job, copper_slab, 'IBRION = 1; NSW = 30; EDIFFG = 0')) == 30


def test_relaxed_structure_converges_at_once(job: Job) -> None:
    steps = relax(job, bulk('Cu', a=3.6), 'IBRION = 2; NSW = 10; EDIFFG = -0.01')
    assert [step.converged for step in steps] == [True]


def hexagonal(flags: str) -> Structure:
    """Return a Cu (111) slab whose uppermost atom is off its place and has the given flags."""
    atoms = fcc111('Cu', (1, 1, 3), a=3.6, vacuum=6.0)
    positions = atoms.get_scaled_positions()
    positions[-1] += [0.04, 0.03, 0.01]
    rows = ''.join(
        f'{x:.16f} {y:.16f} {z:.16f} {row}\n'
        for (x, y, z), row in zip(positions, ['F F F', 'F F F', flags], strict=True)
    )
    lattice = ''.join('{:.16f} {:.16f} {:.16f}\n'.format(*vector) for vector in atoms.cell)
    return read_poscar(f'c\n1.0\n{lattice}Cu\n3\nSelective dynamics\nDirect\n{rows}')


@pytest.mark.parametrize('flags', ['T T T', 'T F F', 'F T F', 'F F T', 'T F T', 'T T F', 'F F F'])
def test_ions_move_along_their_free_lattice_vectors_only(flags: str) -> None:
    structure = hexagonal(flags)
    incar = read_incar('IBRION = 1; NSW = 100; EDIFFG = -0.001')
    steps = list(ionic_steps(structure, incar, 'emt'))
    move = np.array(steps[-1].positions) - structure.positions
    free = np.array([flag == 'T' for flag in flags.split()])
    assert move[:2] == pytest.approx(np.zeros((2, 3)), abs=1e-12)
    assert move[2][~free] == pytest.approx(0, abs=1e-12)
    assert (np.abs(move[2][free]) > 1e-3).all()
    # At the minimum no force is left along the free lattice vectors.
    lattice = np.array(steps[-1].lattice)[free]
    along = lattice @ steps[-1].forces[2] / np.linalg.norm(lattice, axis=1)
    assert steps[-1].converged
    assert np.abs(along).max(initial=0) < 0.001
    # As in VASP, the forces on fixed ions are written all the same.
    assert np.abs(steps[-1].forces[0]).max() > 0.01


def test_fixed_ions_keep_their_fractions_when_the_cell_relaxes(job: Job) -> None:
    atoms = bulk('Cu', a=3.7, cubic=True)
    atoms.rattle(0.05, seed=3)
    atoms.set_constraint(FixAtoms([0, 2]))
    steps = relax(job, atoms, 'IBRION = 1; NSW = 10; EDIFFG = -0.01; ISIF = 3')
    move = np.array(steps[-1].positions) - steps[0].positions
    assert steps[-1].lattice != steps[0].lattice
    assert move[[0, 2]] == pytest.approx(np.zeros((2, 3)), abs=1e-10)
    assert np.abs(move[[1, 3]]).max() > 1e-3


def test_partly_fixed_ions_in_a_relaxing_cell_are_refused() -> None:
    with pytest.raises(InputError, match='some lattice vectors only'):
        ionic_steps(hexagonal('T F F'), read_incar('IBRION = 1; NSW = 5; ISIF = 3'), 'emt')


def test_instant_model_has_no_forces(job: Job) -> None:
    atoms = Atoms('NaCl', [[0, 0, 0], [2.5, 0, 0]], cell=[5, 5, 5])
    (step,) = relax(job, atoms, 'IBRION = 2; NSW = 10', model='instant')
    assert step.energy == pytest.approx(-(2 + (11 + 17) / 20))
    assert step.forces == [[0, 0, 0], [0, 0, 0]]
    assert step.converged


@pytest.mark.parametrize(
    ('symbol', 'distance', 'message'),
    [('P', 2.0, 'EMT: No EMT-potential for P'), ('Cu', 0.0, 'not a finite number')],
)
@pytest.mark.filterwarnings('ignore::RuntimeWarning:ase')
def test_model_that_fails(symbol: str, distance: float, message: str) -> None:
    structure = read_poscar(
        f'c\n5.0\n1 0 0\n0 1 0\n0 0 1\n{symbol}\n2\nCart\n0 0 0\n{distance / 5} 0 0\n'
    )
    with pytest.raises(ModelError, match=message):
        list(ionic_steps(structure, read_incar(''), 'emt'))
