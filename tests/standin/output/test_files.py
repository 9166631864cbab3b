"""What other programs read in the output files."""

from __future__ import annotations

import warnings

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.constraints import FixAtoms
from pymatgen.io.vasp import Oszicar, Outcar, Poscar, Vasprun
from pymatgen.io.vasp.inputs import UnknownPotcarWarning

from aiida_slabrelax.parsers.timing import read_timing
from vasp_job import Job

RELAX = {'IBRION': 1, 'NSW': 60, 'EDIFFG': -0.02, 'LWAVE': '.FALSE.', 'MAGMOM': '4*0.6'}


@pytest.fixture
def relaxed(job: Job, copper_slab: Atoms) -> Job:
    """A finished relaxation of the slab with two fixed atoms."""
    copper_slab.set_constraint(FixAtoms([0, 1]))
    job.write(copper_slab, RELAX)
    assert job.run() == 0
    return job


def vasprun(job: Job) -> Vasprun:
    """Read vasprun.xml with pymatgen's default arguments."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', UnknownPotcarWarning)
        return Vasprun(job.path('vasprun.xml'))


def test_pymatgen_reads_vasprun(relaxed: Job) -> None:
    run = vasprun(relaxed)
    outcar = Outcar(relaxed.path('OUTCAR'))
    assert run.converged
    assert 1 < run.nionic_steps < 60
    assert run.final_energy == pytest.approx(outcar.final_energy, abs=1e-9)
    assert run.final_structure.formula == 'Cu4'
    assert run.final_structure.charge == 0
    assert run.potcar_symbols == ['PAW_PBE Cu 01Jan2000']
    assert run.incar['MAGMOM'] == [0.6] * 4
    assert run.incar['LWAVE'] is False
    assert run.parameters['NELECT'] == 44
    assert (run.kpoints.style.name, run.kpoints.kpts) == ('Gamma', [(2, 2, 1)])
    assert sum(run.actual_kpoints_weights) == pytest.approx(1)
    flags = run.final_structure.site_properties['selective_dynamics']
    assert [list(row) for row in flags] == [[False] * 3] * 2 + [[True] * 3] * 2


def test_pymatgen_reads_outcar_and_oszicar(relaxed: Job) -> None:
    run = vasprun(relaxed)
    outcar = Outcar(relaxed.path('OUTCAR'))
    oszicar = Oszicar(relaxed.path('OSZICAR'))
    assert outcar.final_energy == pytest.approx(run.final_energy, abs=1e-9)
    assert outcar.run_stats['Elapsed time (sec)'] >= 0
    assert float(oszicar.final_energy) == pytest.approx(run.final_energy, abs=1e-6)
    assert len(oszicar.ionic_steps) == run.nionic_steps
    iterations = [len(step['electronic_steps']) for step in run.ionic_steps]
    assert [len(step) for step in oszicar.electronic_steps] == iterations


@pytest.mark.parametrize(('threads', 'cores'), [('1', 1), ('8', 8), ('', 1), ('auto', 1)])
def test_outcar_names_the_cores(
    job: Job, copper_slab: Atoms, monkeypatch: pytest.MonkeyPatch, threads: str, cores: int
) -> None:
    monkeypatch.setenv('OMP_NUM_THREADS', threads)
    job.write(copper_slab, {'IBRION': -1, 'NSW': 0})
    assert job.run() == 0
    timing = read_timing(job.text('OUTCAR'))
    assert (timing.cores, timing.seconds is not None) == (cores, True)


def test_ase_reads_vasprun_and_outcar_alike(relaxed: Job) -> None:
    one = ase.io.read(relaxed.path('vasprun.xml'), index=':')
    other = ase.io.read(relaxed.path('OUTCAR'), index=':')
    assert len(one) == len(other) == vasprun(relaxed).nionic_steps
    for a, b in zip(one, other, strict=True):
        assert a.get_potential_energy() == pytest.approx(b.get_potential_energy(), abs=1e-9)
        assert a.positions == pytest.approx(b.positions, abs=1e-6)
        forces = [atoms.get_forces(apply_constraint=False) for atoms in (a, b)]
        assert forces[0] == pytest.approx(forces[1], abs=1e-6)
        assert a.get_stress() == pytest.approx(b.get_stress(), abs=1e-6)
    assert one[-1].constraints[0].index.tolist() == [0, 1]


def test_contcar_is_the_final_structure(relaxed: Job) -> None:
    contcar = Poscar.from_file(relaxed.path('CONTCAR'), check_for_potcar=False)
    final = vasprun(relaxed).final_structure
    assert contcar.comment == 'slab_00'
    assert contcar.structure.cart_coords == pytest.approx(final.cart_coords, abs=1e-9)
    assert np.array(contcar.selective_dynamics).tolist() == [[False] * 3] * 2 + [[True] * 3] * 2


def test_continuing_from_contcar_changes_nothing(relaxed: Job) -> None:
    before = vasprun(relaxed).final_energy
    relaxed.path('CONTCAR').rename(relaxed.path('POSCAR'))
    assert relaxed.run() == 0
    run = vasprun(relaxed)
    assert (run.nionic_steps, run.final_energy) == (1, pytest.approx(before, abs=1e-8))


def test_output_says_that_it_is_not_vasp(relaxed: Job, capsys: pytest.CaptureFixture[str]) -> None:
    assert relaxed.run() == 0
    stdout = capsys.readouterr().out
    assert stdout.startswith(' vasp.6.5.1')
    for text in (stdout, relaxed.text('OUTCAR'), relaxed.text('vasprun.xml')):
        assert 'NOT VASP' in text[:600]


def test_blocks_of_one_element_keep_their_order(job: Job) -> None:
    atoms = bulk('NiO', 'rocksalt', a=4.17, cubic=True)[[0, 1, 2, 4, 3, 5, 6, 7]]
    job.write(atoms, comment='kinds')
    poscar = job.text('POSCAR').splitlines()
    assert poscar[5].split() == ['Ni', 'O', 'Ni', 'O', 'Ni', 'O']
    poscar[5] = 'Ni1 O Ni2 O Ni1 O'
    job.path('POSCAR').write_text('\n'.join(poscar))
    assert job.run(MODEL='instant') == 0
    run = vasprun(job)
    assert run.atomic_symbols == atoms.get_chemical_symbols()
    scaled = atoms.get_scaled_positions(wrap=False)
    assert run.final_structure.frac_coords == pytest.approx(scaled, abs=1e-9)
    assert job.text('CONTCAR').splitlines()[5].split() == ['Ni', 'O', 'Ni', 'O', 'Ni', 'O']


def test_special_characters_are_escaped(job: Job, copper_slab: Atoms) -> None:
    job.write(copper_slab, {'SYSTEM': 'a < b & "c" > d é'})
    assert job.run(MODEL='instant') == 0
    assert vasprun(job).parameters['SYSTEM'] == 'a < b & "c" > d é'


def test_stress_has_the_sign_of_vasp(job: Job) -> None:
    job.write(bulk('Cu', a=3.4))
    assert job.run() == 0
    stress = np.array(vasprun(job).ionic_steps[-1]['stress'])
    assert np.diag(stress).min() > 100  # kB: the compressed crystal wants to expand
    atoms = ase.io.read(job.path('vasprun.xml'))
    assert atoms.get_stress()[:3].max() < 0
