"""Runs that end well, runs that fail on demand, and input that is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from ase import Atoms

from aiida_slabrelax.standin.run import CRASHED
from vasp_job import Job

RELAX = {'IBRION': 1, 'NSW': 30, 'EDIFFG': -0.02, 'NELM': 40}


@pytest.fixture
def slab(job: Job, copper_slab: Atoms) -> Job:
    """The input files of a relaxation that needs more than five and less than 30 steps."""
    return job.write(copper_slab, RELAX)


def iterations(job: Job) -> list[int]:
    """Return the numbers of electronic iterations of the ionic steps in vasprun.xml."""
    root = ElementTree.parse(job.path('vasprun.xml')).getroot()
    return [len(step.findall('scstep')) for step in root.findall('calculation')]


def test_success(slab: Job) -> None:
    assert slab.run() == 0
    counts = iterations(slab)
    assert 5 < len(counts) < 30
    assert max(counts) < 40
    assert 'reached required accuracy' in slab.text('OUTCAR')
    assert 'General timing' in slab.text('OUTCAR')
    files = {path.name for path in slab.folder.iterdir()}
    inputs = {'INCAR', 'POSCAR', 'POTCAR', 'KPOINTS'}
    assert files - inputs == {'vasprun.xml', 'OUTCAR', 'CONTCAR', 'OSZICAR'}


def test_electronic(slab: Job) -> None:
    assert slab.run(FAIL='electronic') == 0
    assert set(iterations(slab)) == {40}


def test_ionic(slab: Job) -> None:
    assert slab.run(FAIL='ionic') == 0
    assert len(iterations(slab)) == 30
    assert 'reached required accuracy' not in slab.text('OUTCAR')
    assert 'General timing' in slab.text('OUTCAR')


def test_ionic_failure_can_be_continued_to_convergence(slab: Job) -> None:
    assert slab.run(FAIL='ionic#1', STATE=slab.path('state')) == 0
    slab.path('CONTCAR').rename(slab.path('POSCAR'))
    assert slab.run(FAIL='ionic#1', STATE=slab.path('state')) == 0
    assert 1 <= len(iterations(slab)) < 30
    assert 'reached required accuracy' in slab.text('OUTCAR')


def test_ionic_failure_of_a_relaxed_structure(slab: Job) -> None:
    assert slab.run(FAIL='ionic', MODEL='instant') == 0
    assert len(iterations(slab)) == 30


def test_crash(slab: Job, capsys: pytest.CaptureFixture[str]) -> None:
    assert slab.run(FAIL='crash') == CRASHED
    assert 'segmentation fault' in capsys.readouterr().out
    assert not slab.path('vasprun.xml').exists()


@pytest.mark.parametrize(('rule', 'steps'), [('killed', 1), ('killed=4', 3)])
def test_killed(slab: Job, rule: str, steps: int) -> None:
    process = slab.spawn(FAIL=rule)
    assert process.returncode == -signal.SIGKILL
    vasprun = slab.text('vasprun.xml')
    assert vasprun.count('<calculation>') == steps + 1
    assert vasprun.count('</calculation>') == steps
    assert '</modeling>' not in vasprun
    assert 'General timing' not in slab.text('OUTCAR')
    assert f'\n   {steps} F=' in slab.text('OSZICAR')
    assert slab.text('CONTCAR') != slab.text('POSCAR')


def test_killed_at_the_end_if_the_relaxation_is_shorter(slab: Job) -> None:
    process = slab.spawn(FAIL='killed=5', MODEL='instant')
    assert process.returncode == -signal.SIGKILL
    assert slab.text('vasprun.xml').endswith('</calculation>\n')


def test_no_vasprun(slab: Job) -> None:
    assert slab.run(FAIL='no-vasprun') == 0
    assert not slab.path('vasprun.xml').exists()
    assert 'General timing' in slab.text('OUTCAR')


def test_slow(slab: Job) -> None:
    start = time.perf_counter()
    assert slab.run(FAIL='slow=0.3', MODEL='instant') == 0
    assert time.perf_counter() - start > 0.3
    assert iterations(slab)


def test_failure_for_another_slab_only(slab: Job) -> None:
    assert slab.run(FAIL='crash@slab_01;crash@Ag*', MODEL='instant') == 0
    assert slab.run(FAIL='crash@slab_0?', MODEL='instant') == CRASHED
    assert slab.run(FAIL='crash@Cu4', MODEL='instant') == CRASHED


def test_rule_that_cannot_be_understood(slab: Job, capsys: pytest.CaptureFixture[str]) -> None:
    assert slab.run(FAIL='explode') == 1
    assert 'VASP_STANDIN_FAIL' in capsys.readouterr().out
    assert not slab.path('vasprun.xml').exists()


def replace(name: str, old: str, new: str) -> Callable[[Job], object]:
    def change(job: Job) -> None:
        text = job.text(name)
        assert old in text
        job.path(name).write_text(text.replace(old, new))

    return change


def two_at_one_place(job: Job) -> None:
    lines = job.text('POSCAR').splitlines()
    job.path('POSCAR').write_text('\n'.join([*lines[:-1], lines[-2]]))


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        *[
            (lambda job, name=name: job.path(name).unlink(), f'No {name} found')
            for name in ('INCAR', 'POSCAR', 'POTCAR', 'KPOINTS')
        ],
        (replace('INCAR', 'NSW = 30', 'NSW = lots'), "Error reading item 'NSW'"),
        (replace('POSCAR', '\n Cu', '\n Ag'), 'POSCAR and POTCAR are incompatible'),
        (replace('POSCAR', '\n Cu', '\n Qq'), "'Qq' is not the name of an element"),
        (replace('POTCAR', 'TITEL', 'TITLE'), 'TITEL is missing'),
        (
            lambda job: job.path('POTCAR').write_text(2 * job.text('POTCAR')),
            'number of potentials on File POTCAR (2) incompatible with number of species (1)',
        ),
        (replace('KPOINTS', '2 2 1', '2 0 1'), 'Error reading KPOINTS file'),
        (two_at_one_place, 'Two ions are 0.000 Å apart'),
    ],
)
def test_refused(
    slab: Job,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[Job], object],
    message: str,
) -> None:
    change(slab)
    assert slab.run() == 1
    stdout = ' '.join(capsys.readouterr().out.replace('|', ' ').split())
    assert message in stdout
    assert 'I REFUSE TO CONTINUE WITH THIS SICK JOB' in stdout
    assert not slab.path('vasprun.xml').exists()


def test_potcar_in_another_order_is_refused(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    job.write(Atoms('CuAg', [[0, 0, 0], [2.5, 0, 0]], cell=[5, 5, 5]))
    datasets = job.text('POTCAR').split('End of Dataset\n')[:2]
    job.path('POTCAR').write_text(''.join(f'{text}End of Dataset\n' for text in datasets[::-1]))
    assert job.run() == 1
    stdout = ' '.join(capsys.readouterr().out.replace('|', ' ').split())
    assert 'POSCAR and POTCAR are incompatible: Cu Ag and Ag Cu.' in stdout


@pytest.mark.parametrize(('model', 'message'), [('dft', 'is none of'), ('emt', 'does not know Fe')])
def test_model_refused(
    job: Job, capsys: pytest.CaptureFixture[str], model: str, message: str
) -> None:
    job.write(Atoms('Fe', cell=[3, 3, 3]))
    assert job.run(MODEL=model) == 1
    assert message in capsys.readouterr().out


def test_near_ions_are_warned_of(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    job.write(Atoms('Cu2', [[0, 0, 0], [0.4, 0, 0]], cell=[5, 5, 5]))
    assert job.run() == 0
    assert 'distance between some ions is very small (0.400 Å)' in capsys.readouterr().out
    assert 'distance between some ions is very small' in job.text('OUTCAR')


def test_spacing_in_place_of_kpoints(job: Job) -> None:
    job.write(Atoms('Cu', cell=[2.5, 2.5, 10]), {'KSPACING': 0.7})
    job.path('KPOINTS').unlink()
    assert job.run(MODEL='instant') == 0
    root = ElementTree.parse(job.path('vasprun.xml')).getroot()
    divisions = root.findtext("kpoints/generation/v[@name='divisions']")
    assert (divisions or '').split() == ['4', '4', '1']


def test_format_without_names_takes_them_from_potcar(job: Job) -> None:
    job.write(Atoms('CuAg', [[0, 0, 0], [2.5, 0, 0]], cell=[5, 5, 5]))
    lines = job.text('POSCAR').splitlines()
    job.path('POSCAR').write_text('\n'.join(lines[:5] + lines[6:]))
    assert job.run() == 0
    assert job.text('CONTCAR').splitlines()[5].split() == ['Cu', 'Ag']


def test_instant_model_needs_the_standard_library_only(slab: Job) -> None:
    program = (
        'import sys; from aiida_slabrelax.standin.__main__ import main; code = main([]);'
        "heavy = {'numpy', 'ase', 'scipy', 'aiida', 'pymatgen', 'argparse', 'dataclasses'};"
        'sys.exit(code or len(heavy & set(sys.modules)))'
    )
    process = subprocess.run(
        [sys.executable, '-c', program],
        cwd=slab.folder,
        env={**os.environ, 'VASP_STANDIN_MODEL': 'instant'},
        check=False,
    )
    assert process.returncode == 0
    assert slab.path('vasprun.xml').exists()


def test_command_relaxes_in_the_working_directory(slab: Job) -> None:
    process = slab.spawn()
    assert (process.returncode, process.stderr) == (0, '')
    assert 'reached required accuracy' in process.stdout
    assert 'reached required accuracy' in slab.text('OUTCAR')


def test_a_refused_run_leaves_the_output_of_an_earlier_one(slab: Job) -> None:
    assert slab.run(MODEL='instant') == 0
    before = {path.name: path.read_bytes() for path in slab.folder.iterdir()}
    del before['KPOINTS']
    slab.path('KPOINTS').unlink()
    assert slab.run(MODEL='instant') == 1
    assert {path.name: path.read_bytes() for path in slab.folder.iterdir()} == before


def test_runs_leave_the_inputs_alone(slab: Job) -> None:
    before = {path.name: path.read_bytes() for path in slab.folder.iterdir()}
    assert slab.run(MODEL='instant') == 0
    after = {name: slab.path(name).read_bytes() for name in before}
    assert after == before
