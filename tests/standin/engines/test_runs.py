"""Runs of the stand-in with calculators of ASE from elsewhere."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import read
from ase.optimize import BFGS

from aiida_slabrelax.parsers.files.outcar import read_outcar
from aiida_slabrelax.parsers.program import engine_in_outcar, engine_in_vasprun, program_in_vasprun
from ase_calculators import WithoutStress, lennard_jones
from vasp_job import Job

RELAX = {'IBRION': 1, 'NSW': 60, 'EDIFFG': -0.001}
ENGINE = {'CALCULATOR': 'ase_calculators:lennard_jones', 'ARGUMENTS': '{"epsilon": 0.4}'}
NAME = 'ase_calculators:lennard_jones {"epsilon": 0.4}'


@pytest.fixture
def slab(tmp_path: Path, copper_slab: Atoms) -> Job:
    return Job(tmp_path).write(copper_slab, RELAX)


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return ' '.join(capsys.readouterr().out.replace('|', ' ').split())


def test_relaxation_is_that_of_ase(slab: Job) -> None:
    assert slab.run(**ENGINE) == 0
    expected = read(slab.path('POSCAR'))
    expected.calc = lennard_jones(0.4)
    BFGS(expected, logfile=None).run(fmax=0.001)
    root = ElementTree.parse(slab.path('vasprun.xml')).getroot()
    energy = root.findall("calculation/energy/i[@name='e_0_energy']")[-1].text
    assert float(energy or 0) == pytest.approx(expected.get_potential_energy(), abs=1e-8)
    assert read(slab.path('CONTCAR')).positions == pytest.approx(expected.positions, abs=1e-6)
    assert len(root.findall('calculation')) > 5


def test_the_output_names_the_engine_and_not_vasp(
    slab: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    assert slab.run(**ENGINE) == 0
    assert f'model: {NAME}' in printed(capsys)
    vasprun, outcar = slab.text('vasprun.xml'), slab.text('OUTCAR')
    assert program_in_vasprun(vasprun) == 'vasp-standin'
    assert engine_in_vasprun(vasprun) == engine_in_outcar(outcar) == NAME


def test_own_models_are_no_engines(slab: Job) -> None:
    assert slab.run(MODEL='emt') == 0
    assert engine_in_vasprun(slab.text('vasprun.xml')) is None
    assert engine_in_outcar(slab.text('OUTCAR')) is None


def test_without_stress_there_is_none_in_the_output(slab: Job) -> None:
    assert slab.run(CALCULATOR='ase_calculators:WithoutStress') == 0
    assert 'stress' not in slab.text('vasprun.xml')
    assert 'FORCE on cell' not in slab.text('OUTCAR')
    last = read_outcar(slab.text('OUTCAR'), 4).steps[-1]
    assert last.stress is None
    atoms = read(slab.path('CONTCAR'))
    atoms.calc = WithoutStress()
    assert last.forces == pytest.approx(atoms.get_forces(), abs=1e-5)


@pytest.mark.parametrize(
    ('variables', 'message'),
    [
        ({'CALCULATOR': 'ase_calculators:OnlyHelium'}, "OnlyHelium: KeyError: 'Cu'"),
        ({'CALCULATOR': 'ase_calculators:RefusesCopper'}, 'refuses the crystal: Model do not know'),
        ({**ENGINE, 'MODEL': 'emt'}, 'VASP_STANDIN_CALCULATOR: the model emt takes none'),
        ({'MODEL': 'ase'}, 'VASP_STANDIN_CALCULATOR: the model ase needs module:function'),
    ],
)
def test_refused(
    slab: Job, capsys: pytest.CaptureFixture[str], variables: dict[str, str], message: str
) -> None:
    assert slab.run(**variables) == 1
    assert message in printed(capsys)


def test_physics_is_refused(slab: Job, capsys: pytest.CaptureFixture[str]) -> None:
    slab.path('INCAR').write_text('ISPIN = 2; GGA = PS\n')
    assert slab.run(**ENGINE) == 1
    assert 'GGA = PS (the functional), ISPIN = 2 (spin)' in printed(capsys)
    assert not slab.path('vasprun.xml').exists()


def test_cell_without_stress_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = Job(tmp_path).write(bulk('Cu'), {**RELAX, 'ISIF': 3})
    assert job.run(CALCULATOR='ase_calculators:WithoutStress') == 1
    assert 'gives no stress, which ISIF > 2 needs' in printed(capsys)
