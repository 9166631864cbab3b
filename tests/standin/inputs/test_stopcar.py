"""STOPCAR is obeyed, whoever writes it."""

from __future__ import annotations

import pytest
from ase import Atoms

from aiida_slabrelax.standin.inputs.stopcar import read_stopcar
from vasp_job import Job

RELAX = {'IBRION': 1, 'NSW': 30, 'EDIFFG': -0.02, 'NELM': 40}


@pytest.fixture
def slab(job: Job, copper_slab: Atoms) -> Job:
    return job.write(copper_slab, RELAX)


def steps(job: Job) -> list[int]:
    """Return the numbers of electronic iterations of the complete ionic steps."""
    text = job.text('vasprun.xml')
    return [step.count('<scstep>') for step in text.split('</calculation>')[:-1]]


@pytest.mark.parametrize(
    ('text', 'stop'),
    [
        ('LSTOP = .TRUE.\n', 'soft'),
        ('lstop=T', 'soft'),
        ('LABORT = .TRUE.', 'hard'),
        ('LABORT = .FALSE.', None),
        ('', None),
    ],
)
def test_what_it_asks_for(job: Job, text: str, stop: str | None) -> None:
    job.path('STOPCAR').write_text(text)
    assert read_stopcar(job.folder) == stop


def test_there_is_none(job: Job) -> None:
    assert read_stopcar(job.folder) is None


def test_soft_stop(slab: Job, capsys: pytest.CaptureFixture[str]) -> None:
    whole = slab.run() == 0 and steps(slab)
    assert slab.run(FAIL='lstop=3') == 0
    assert steps(slab) == whole[:3]
    for text in (slab.text('OUTCAR'), capsys.readouterr().out):
        assert text.count(' soft stop encountered!  aborting job ...') == 1
    assert 'reached required accuracy' not in slab.text('OUTCAR')
    assert 'General timing' in slab.text('OUTCAR')


def test_hard_stop(slab: Job, capsys: pytest.CaptureFixture[str]) -> None:
    whole = slab.run() == 0 and steps(slab)
    energies = [line.split()[4] for line in slab.text('OSZICAR').splitlines() if 'E0=' in line]
    assert slab.run(FAIL='labort') == 0
    counts = steps(slab)
    assert len(counts) == 2
    assert counts[0] == whole[0]
    assert counts[1] < whole[1]
    last = [line.split()[4] for line in slab.text('OSZICAR').splitlines() if 'E0=' in line][-1]
    assert last != energies[1]
    for text in (slab.text('OUTCAR'), capsys.readouterr().out):
        assert text.count(' hard stop encountered!  aborting job ...') == 1


def test_a_stopcar_that_a_user_has_written(slab: Job) -> None:
    slab.path('STOPCAR').write_text('LSTOP = .TRUE.\n')
    assert slab.run() == 0
    assert len(steps(slab)) == 1
