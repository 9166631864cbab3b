"""The model of the electrostatic potential: its work functions, and the files that hold it."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc111
from pymatgen.io.vasp.outputs import Locpot, Outcar

from aiida_slabrelax.standin.inputs.incar import read_incar
from aiida_slabrelax.standin.inputs.poscar import read_poscar
from aiida_slabrelax.standin.potential import Potential, model_potential, work_function
from vasp_job import Job

CORRECTED = {'LVHAR': '.TRUE.', 'LDIPOL': '.TRUE.', 'IDIPOL': 3}


def polar() -> Atoms:
    """A slab with As at its upper face and Ga at its lower one, 15 Å of vacuum."""
    heights = np.array([0.0, 0.8, 3.2, 4.0, 6.4, 7.2])
    positions = [[0.0, 0.0, height] for height in heights]
    return Atoms('GaAsGaAsGaAs', positions=positions, cell=[4.0, 4.0, 22.2], pbc=True)


def potential(job: Job, atoms: Atoms, incar: dict[str, object]) -> Potential:
    job.write(atoms, incar)
    return model_potential(read_poscar(job.text('POSCAR')), read_incar(job.text('INCAR')))


def test_the_work_function_follows_the_electronegativity() -> None:
    assert work_function(['Al']) == pytest.approx(2.27 * 1.61 + 0.34)
    assert work_function(['Ga', 'As']) == pytest.approx(2.27 * (1.81 + 2.18) / 2 + 0.34)


def test_two_faces_have_two_flat_vacua_with_the_correction(job: Job) -> None:
    found = potential(job, polar(), CORRECTED)
    assert found.upper - found.fermi == pytest.approx(2.27 * 2.18 + 0.34, abs=1e-4)
    assert found.lower - found.fermi == pytest.approx(2.27 * 1.81 + 0.34, abs=1e-4)
    assert sum(found.planar) == pytest.approx(0, abs=1e-9)


def test_without_the_correction_there_is_a_field_in_the_vacuum(job: Job) -> None:
    found = np.array(potential(job, polar(), {}).planar)
    middle = slice(round(12.5 / 0.1), round(17.0 / 0.1))
    fields = np.diff(found[middle])
    assert fields == pytest.approx(fields[0], abs=1e-4)
    assert abs(fields[0]) > 1e-3


def test_the_step_is_opposite_to_dipol(job: Job) -> None:
    incar = {**CORRECTED, 'DIPOL': '0.5 0.5 0.05'}  # the step at 0.55 × 22.2 Å = 12.2 Å
    found = np.array(potential(job, polar(), incar).planar)
    steps = np.abs(np.diff(found))
    vacuum = slice(round(10.0 / 0.1), round(20.0 / 0.1))
    assert (np.argmax(steps[vacuum]) + vacuum.start + 0.5) * 0.1 == pytest.approx(12.2, abs=0.3)


def test_files_are_those_of_vasp(job: Job) -> None:
    atoms = fcc111('Al', (1, 1, 6), a=4.05, vacuum=8.0)
    atoms.set_tags(0)
    assert job.write(atoms, CORRECTED).run(MODEL='instant') == 0
    locpot = Locpot.from_file(job.path('LOCPOT'))
    planar = locpot.get_average_along_axis(2)
    outcar = Outcar(job.path('OUTCAR'))
    outcar.read_vacuum_potentials()
    assert planar.mean() == pytest.approx(0, abs=1e-6)
    assert planar.max() - outcar.efermi == pytest.approx(3.9947, abs=1e-3)
    assert outcar.data['vacuum_potential_upper'] == pytest.approx(planar.max(), abs=6e-4)
    assert outcar.data['vacuum_potential_lower'] == pytest.approx(planar.max(), abs=6e-4)
    assert len(locpot.structure) == 6
    assert len(job.text('LOCPOT').splitlines()[18].split()) == 5


@pytest.mark.parametrize(
    ('incar', 'locpot', 'levels'),
    [
        ({}, False, False),
        ({'IDIPOL': 3}, False, False),
        ({'LVTOT': 'T'}, True, False),
        ({'LVHAR': 'T', 'IDIPOL': 3}, True, True),
    ],
)
def test_what_is_written_when(
    job: Job, copper_slab: Atoms, incar: dict[str, object], locpot: bool, levels: bool
) -> None:
    assert job.write(copper_slab, incar).run(MODEL='instant') == 0
    assert job.path('LOCPOT').exists() is locpot
    assert ('vacuum level on the upper side' in job.text('OUTCAR')) is levels
    assert job.text('OUTCAR').count(' E-fermi : ') == 1
