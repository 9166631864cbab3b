"""The forms of the output that real runs write."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest
from ase import Atoms
from ase.build import bulk
from pymatgen.io.vasp.outputs import Vasprun

from aiida_slabrelax.standin.output.dialects import DIALECTS
from vasp_job import Job

RELAX = {'IBRION': 1, 'NSW': 30, 'EDIFFG': -0.02, 'NELM': 40}


@pytest.fixture
def slab(job: Job, copper_slab: Atoms) -> Job:
    return job.write(copper_slab, RELAX)


def opened(job: Job, **options: bool) -> Vasprun:
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        return Vasprun(job.path('vasprun.xml'), parse_potcar_file=False, **options)


def last_step(job: Job, name: str = 'vasprun.xml') -> str:
    return job.text(name).rpartition('</scstep>')[2]


@pytest.mark.parametrize('columns', [4, 5, 10, 16, 17])
@pytest.mark.parametrize('spins', [1, 2])
def test_densities_of_states(job: Job, copper_slab: Atoms, columns: int, spins: int) -> None:
    job.write(copper_slab, {**RELAX, 'ISPIN': spins})
    assert job.run(DIALECT=f'dos={columns}') == 0
    vasprun = opened(job, parse_dos=True, parse_eigen=True)
    assert len(vasprun.pdos) == len(copper_slab)
    assert len(vasprun.pdos[0]) == columns - 1
    assert all(len(spin) == spins for spin in vasprun.pdos[0].values())
    assert vasprun.eigenvalues is not None
    assert len(vasprun.eigenvalues) == spins


@pytest.mark.parametrize('columns', [3, 4, 9, 16])
def test_projections(slab: Job, copper_slab: Atoms, columns: int) -> None:
    assert slab.run(DIALECT=f'projected={columns}') == 0
    vasprun = opened(slab, parse_projected_eigen=True, parse_dos=False)
    assert vasprun.projected_eigenvalues is not None
    [found] = vasprun.projected_eigenvalues.values()
    assert found.shape[2:] == (len(copper_slab), columns)


@pytest.mark.parametrize(
    ('crystal', 'symbols'),
    [
        (bulk('Xe', 'fcc', a=6.2), ['X ']),
        (bulk('Zr', 'hcp'), ['r ', 'r ']),
        (bulk('Cu', 'fcc'), ['C ']),
    ],
)
def test_symbols_cut_short(job: Job, crystal: Atoms, symbols: list[str]) -> None:
    assert job.write(crystal).run(DIALECT='symbols', MODEL='instant') == 0
    assert re.findall(r'<rc><c>(..)</c><c> +1</c></rc>', job.text('vasprun.xml')) == symbols


def test_hash_in_contcar(slab: Job) -> None:
    assert slab.run(DIALECT='hash') == 0
    assert slab.text('CONTCAR').splitlines()[5] == 'Cu/0123456789abc'


def test_stars(slab: Job) -> None:
    assert slab.run(DIALECT='stars') == 0
    text = slab.text('vasprun.xml')
    first, _, others = text.partition('</scstep>')
    assert first.count('*' * 20) == 3
    assert '*' not in others


def test_no_number(slab: Job) -> None:
    assert slab.run(DIALECT='nan') == 0
    assert last_step(slab).count('NaN') == 3 + 3 * 4
    outcar = slab.text('OUTCAR')
    assert outcar[outcar.rfind('TOTAL-FORCE') :].count('NaN') == 3 + 3 * 4
    assert 'NaN' not in outcar[: outcar.rfind('TOTAL-FORCE')]


@pytest.mark.parametrize(('dialect', 'byte'), [('foreign', b'\xe9'), ('control', b'\x01')])
def test_bytes_that_do_not_belong_there(slab: Job, dialect: str, byte: bytes) -> None:
    process = slab.spawn_binary(DIALECT=dialect)
    assert process.stdout.count(byte) == 1
    for name in ('vasprun.xml', 'OUTCAR', 'CONTCAR'):
        assert slab.path(name).read_bytes().count(byte) == 1


def test_contcar_is_missing_or_empty(slab: Job) -> None:
    assert slab.run(DIALECT='no-contcar', MODEL='instant') == 0
    assert not slab.path('CONTCAR').exists()
    assert slab.run(DIALECT='empty-contcar', MODEL='instant') == 0
    assert slab.text('CONTCAR') == ''


def test_half_a_file(slab: Job) -> None:
    assert slab.run(DIALECT='half-vasprun;half-outcar') == 0
    vasprun = slab.text('vasprun.xml')
    assert vasprun.count('<calculation>') == vasprun.count('</calculation>') + 1
    outcar = slab.text('OUTCAR')
    assert outcar.count('TOTAL-FORCE') == outcar.count('FREE ENERGIE') + 1


@pytest.mark.parametrize(('major', 'number'), [(4, '4.6.28'), (5, '5.4.4')])
def test_energies_of_earlier_versions(slab: Job, major: int, number: str) -> None:
    assert slab.run(DIALECT=f'version={major}') == 0
    vasprun = opened(slab)
    assert vasprun.vasp_version == number
    last = vasprun.ionic_steps[-1]
    assert (last['e_0_energy'], last['e_wo_entrp']) == (0.0, last['e_fr_energy'])
    assert vasprun.final_energy == pytest.approx(last['e_fr_energy'], abs=1e-8)


def test_a_dialect_for_some_runs(slab: Job) -> None:
    assert slab.run(DIALECT='hash@*slab_01;no-contcar@Ag*', MODEL='instant') == 0
    assert '/' not in slab.text('CONTCAR')


@pytest.mark.parametrize('rule', ['nonsense', 'dos', 'dos=11', 'hash=3', 'version=6'])
def test_rules_that_are_none(slab: Job, capsys: pytest.CaptureFixture[str], rule: str) -> None:
    assert slab.run(DIALECT=rule) == 1
    assert 'VASP_STANDIN_DIALECT' in capsys.readouterr().out
    assert not slab.path('vasprun.xml').exists()


def test_every_dialect_is_tested() -> None:
    text = Path(__file__).read_text()
    assert all(name in text for name in DIALECTS)
