"""Real electrons in vasprun.xml and OUTCAR, as their readers see them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.io import read
from parsevasp.outcar import Outcar as ParsevaspOutcar
from parsevasp.vasprun import Xml
from pymatgen.electronic_structure.core import Spin
from pymatgen.io.vasp.outputs import Outcar, Vasprun

from aiida_slabrelax.parsers.files.outcar import read_outcar
from aiida_slabrelax.standin.electrons import (
    ElectronicIteration,
    Electrons,
    Energies,
    Sampling,
)
from aiida_slabrelax.standin.inputs.reading import read_inputs
from aiida_slabrelax.standin.output.files import Output
from aiida_slabrelax.standin.relax import IonicStep
from vasp_job import Job

ENERGIES = Energies(-16.25, -16.05, -16.15)
#: Two spins, two k-points, three bands.
BANDS = [[[-5.0, 1.0, 4.0], [-4.0, 2.0, 5.0]], [[-4.5, 1.5, 4.5], [-3.5, 2.5, 5.5]]]
FILLED = [[[1.0, 1.0, 0.0], [1.0, 0.5, 0.0]], [[1.0, 0.5, 0.0], [1.0, 0.0, 0.0]]]
#: By shell: s, p, d.
MOMENTS = [[0.02, -0.01, 2.95], [0.01, 0.0, -2.5]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The output of two ionic steps with electrons."""
    atoms = Atoms('Fe2', [[0, 0, 2], [1.4, 1.4, 4]], cell=[2.8, 2.8, 10], pbc=True)
    job = Job(tmp_path).write(
        atoms, {'ISPIN': 2, 'LORBIT': 11, 'NSW': 5, 'IBRION': 1, 'ENCUT': 300.0}
    )
    inputs = read_inputs(job.folder, {'VASP_STANDIN_MODEL': 'instant'})
    sampling = Sampling([[0.0, 0.0, 0.0], [0.5, 0.0, 0.0]], [0.25, 0.75], 3, 16.0)
    points = inputs.kpoints._replace(points=sampling.points, weights=sampling.weights)
    inputs = inputs._replace(kpoints=points, sampling=sampling)
    iterations = [
        ElectronicIteration(1, -16.0, -16.0, Energies(-16.0, -15.8, -15.9), 0.6),
        ElectronicIteration(2, -16.25, -0.25, ENERGIES, 0.5),
    ]
    electrons = Electrons(ENERGIES, iterations, 1.75, BANDS, FILLED, 0.5, MOMENTS, (4.5, 4.25))
    step = IonicStep(
        inputs.structure.lattice,
        inputs.structure.positions,
        ENERGIES.extrapolated,
        [[0.0, 0.0, 0.1], [0.0, 0.0, -0.1]],
        [[0.0] * 3] * 3,
        converged=False,
        electrons=electrons,
    )
    output = Output(job.folder, inputs)
    for number in (1, 2):
        output.iterations(number, iterations)
        output.step(number, step, last=number == 2)
    output.end(step)
    return job.folder


def test_vasprun_as_pymatgen_reads_it(folder: Path) -> None:
    run = Vasprun(str(folder / 'vasprun.xml'), parse_potcar_file=False)
    assert (run.efermi, run.is_spin, run.final_energy) == (1.75, True, -16.15)
    assert run.actual_kpoints_weights == [0.25, 0.75]
    for index, spin in enumerate((Spin.up, Spin.down)):
        expected = np.stack([BANDS[index], FILLED[index]], axis=-1)
        assert run.eigenvalues[spin] == pytest.approx(expected)
    last = run.ionic_steps[-1]
    assert [last[name] for name in ('e_fr_energy', 'e_wo_entrp', 'e_0_energy')] == list(ENERGIES)
    # The density of states holds all bands of each spin.
    assert run.tdos.densities[Spin.up].max() > 0
    step = run.tdos.energies[1] - run.tdos.energies[0]
    assert run.tdos.densities[Spin.up].sum() * step == pytest.approx(3, abs=0.05)


def test_bands_are_in_the_last_step_only(folder: Path) -> None:
    # aiida-vasp's reader refuses bands in several steps.
    xml = Xml(file_path=str(folder / 'vasprun.xml'))
    assert xml.get_eigenvalues()['up'] == pytest.approx(np.array(BANDS[0]).T)
    assert xml.get_fermi_level() == 1.75


def test_outcar_as_its_readers_see_it(folder: Path) -> None:
    path = folder / 'OUTCAR'
    assert read_outcar(path.read_text(), 2).steps[-1].energies == {
        'energy_free': -16.25,
        'energy_no_entropy': -16.05,
        'energy_extrapolated': -16.15,
    }
    found = ParsevaspOutcar(file_path=str(path)).get_magnetization()
    assert found['full_cell'] == [0.5]
    moments = found['sphere']['x']['site_moment']
    assert moments[1] == {'s': 0.02, 'p': -0.01, 'd': 2.95, 'tot': 2.96}
    assert moments[2]['tot'] == -2.49
    outcar = Outcar(str(path))
    assert [site['tot'] for site in outcar.magnetization] == [2.96, -2.49]
    assert (outcar.total_mag, outcar.efermi) == (0.5, 1.75)
    atoms = read(path)
    assert atoms.get_potential_energy() == -16.15
    assert atoms.get_potential_energy(force_consistent=True) == -16.25
    assert 'vacuum level on the upper side and lower side of the slab' in path.read_text()


def test_oszicar_has_both_energies_and_the_moment(folder: Path) -> None:
    last = (folder / 'OSZICAR').read_text().splitlines()[-1]
    assert last.split() == (
        [
            '2',
            'F=',
            '-.16250000E+02',
            'E0=',
            '-.16150000E+02',
            'd',
            'E',
            '=0.000000E+00',
            'mag=',
            '0.5000',
        ]
    )
