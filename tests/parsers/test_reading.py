"""The last complete ionic step, from whichever file holds it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.emt import EMT
from ase.optimize import BFGS

from aiida_slabrelax.parsers.reading import Reading, read_run
from vasp_job import rattled_slab

Written = Callable[..., dict[str, bytes]]


RELAXED = ('energy', 'forces', 'stress', 'structure')


@pytest.fixture(scope='module')
def relaxed() -> Atoms:
    """The slab as ASE itself relaxes it."""
    slab = rattled_slab()
    slab.calc = EMT()
    BFGS(slab, logfile=None).run(fmax=0.02)
    return slab


def check(reading: Reading, relaxed: Atoms, digits: float = 1e-6) -> None:
    """Check that a reading holds what ASE has computed."""
    energy = relaxed.get_potential_energy()
    assert set(reading.energies) == {'energy_extrapolated', 'energy_free', 'energy_no_entropy'}
    assert list(reading.energies.values()) == pytest.approx([energy] * 3, abs=1e-7)
    assert reading.geometry is not None
    assert reading.geometry.positions == pytest.approx(relaxed.positions, abs=digits)
    assert reading.geometry.cell == pytest.approx(relaxed.cell[:], abs=digits)
    assert reading.forces == pytest.approx(relaxed.get_forces(), abs=1e-6)
    assert reading.stress is not None
    assert np.array(reading.stress).shape == (3, 3)


def test_all_files(written: Written, symbols: list[str], relaxed: Atoms) -> None:
    reading = read_run(written(), symbols)
    check(reading, relaxed)
    assert dict(reading.sources) == {
        **dict.fromkeys(RELAXED, 'vasprun.xml'),
        'accuracy': 'OUTCAR',
    }
    assert dict(reading.problems) == {}
    assert (reading.version, reading.finished, reading.accuracy_reached) == ('6.5.1', True, True)
    assert reading.complete == len(reading.electronic_steps) > 5
    assert {name: reading.tags[name] for name in ('NSW', 'NELM', 'IBRION', 'EDIFFG')} == {
        'NSW': 30,
        'NELM': 40,
        'IBRION': 1,
        'EDIFFG': -0.02,
    }


def test_without_vasprun(written: Written, symbols: list[str], relaxed: Atoms) -> None:
    files = written()
    by_vasprun = read_run(files, symbols)
    del files['vasprun.xml']
    reading = read_run(files, symbols)
    check(reading, relaxed)
    assert dict(reading.sources) == {
        **dict.fromkeys(RELAXED, 'OUTCAR'),
        'structure': 'CONTCAR',
        'accuracy': 'OUTCAR',
    }
    assert dict(reading.problems) == {'vasprun.xml': 'is missing'}
    assert reading.stress == pytest.approx(by_vasprun.stress, abs=1e-4)
    assert reading.previous_energy == pytest.approx(by_vasprun.previous_energy, abs=1e-8)
    assert reading.electronic_steps == by_vasprun.electronic_steps
    assert (reading.version, reading.finished) == ('6.5.1', True)


@pytest.mark.parametrize('name', ['OUTCAR', 'CONTCAR', 'vasp_output'])
def test_without_another_file(
    written: Written, symbols: list[str], relaxed: Atoms, name: str
) -> None:
    files = written()
    del files[name]
    reading = read_run(files, symbols)
    check(reading, relaxed)
    assert reading.accuracy_reached
    expected = {} if name == 'vasp_output' else {name: 'is missing'}
    assert dict(reading.problems) == expected


def test_only_the_standard_output(written: Written, symbols: list[str]) -> None:
    reading = read_run({'vasp_output': written()['vasp_output']}, symbols)
    assert (reading.complete, dict(reading.energies), reading.geometry) == (0, {}, None)
    assert not reading.finished


@pytest.mark.parametrize('spins', [1, 2])
@pytest.mark.parametrize(
    'dialect',
    [
        *(f'dos={columns}' for columns in (4, 5, 10, 16, 17)),
        *(f'projected={columns}' for columns in (3, 4, 9, 16)),
    ],
)
def test_states_of_sites_of_any_form(
    written: Written, symbols: list[str], relaxed: Atoms, dialect: str, spins: int
) -> None:
    reading = read_run(written({'ISPIN': spins}, DIALECT=dialect), symbols)
    check(reading, relaxed)
    assert reading.sources['energy'] == 'vasprun.xml'
    assert dict(reading.problems) == {}


@pytest.mark.parametrize(
    'dialect',
    ['symbols', 'hash', 'stars', 'version=5', 'no-contcar', 'empty-contcar', 'foreign', 'control'],
)
def test_forms_that_lose_nothing(
    written: Written, symbols: list[str], relaxed: Atoms, dialect: str
) -> None:
    files = written(DIALECT=dialect)
    reading = read_run(files, symbols)
    check(reading, relaxed)
    assert reading.sources['energy'] == 'vasprun.xml'
    assert (reading.finished, reading.accuracy_reached) == (True, True)


@pytest.mark.parametrize('dialect', ['hash', 'foreign', 'control'])
def test_outcar_and_contcar_of_other_forms(
    written: Written, symbols: list[str], relaxed: Atoms, dialect: str
) -> None:
    files = written(DIALECT=dialect)
    del files['vasprun.xml']
    reading = read_run(files, symbols)
    check(reading, relaxed)
    assert reading.sources['structure'] == 'CONTCAR'


def test_the_file_that_goes_further_counts(
    written: Written, symbols: list[str], relaxed: Atoms
) -> None:
    reading = read_run(written(DIALECT='half-vasprun'), symbols)
    check(reading, relaxed)
    assert reading.sources['energy'] == 'OUTCAR'
    assert reading.finished  # OUTCAR tells
    steps = reading.complete - 1
    assert reading.problems['vasprun.xml'] == (
        f'ends after {steps} complete ionic steps, not with </modeling>'
    )


def test_half_an_outcar_is_not_needed(written: Written, symbols: list[str], relaxed: Atoms) -> None:
    reading = read_run(written(DIALECT='half-outcar'), symbols)
    check(reading, relaxed)
    assert reading.sources['energy'] == 'vasprun.xml'


def test_both_halves_give_the_step_before(written: Written, symbols: list[str]) -> None:
    files = written(DIALECT='half-vasprun;half-outcar')
    reading = read_run(files, symbols)
    whole = read_run(written(), symbols)
    assert reading.complete == whole.complete - 1
    assert reading.energies['energy_free'] == pytest.approx(whole.previous_energy, abs=1e-8)
    assert not reading.finished


def test_no_numbers_are_absent(written: Written, symbols: list[str]) -> None:
    reading = read_run(written(DIALECT='nan'), symbols)
    assert (dict(reading.energies), reading.forces) == ({}, None)
    assert reading.geometry is not None


@pytest.mark.parametrize(
    ('row', 'reason'),
    [(b'<modeling>', 'is not a vasprun.xml'), (b'', 'is empty')],
)
def test_something_else_in_place_of_vasprun(
    written: Written, symbols: list[str], row: bytes, reason: str
) -> None:
    files = written()
    content = files['vasprun.xml'].replace(row, b'') if row else b''
    reading = read_run({**files, 'vasprun.xml': content}, symbols)
    assert reading.problems['vasprun.xml'] == reason
    assert reading.sources['energy'] == 'OUTCAR'


def test_files_of_another_crystal_are_refused(written: Written, symbols: list[str]) -> None:
    reading = read_run(written(), [*symbols, 'Cu'])
    problem = 'has 4 sites, the input structure 5'
    assert dict(reading.problems) == dict.fromkeys(('vasprun.xml', 'OUTCAR', 'CONTCAR'), problem)
    assert reading.complete == 0


def test_an_earlier_step_that_cannot_be_read_is_not_needed(
    written: Written, symbols: list[str], relaxed: Atoms
) -> None:
    files = written()
    steps = files['vasprun.xml'].split(b'<calculation>')
    steps[-2] = steps[-2].replace(b'<varray name="forces">', b'<varray name="forces"', 1)
    reading = read_run({**files, 'vasprun.xml': b'<calculation>'.join(steps)}, symbols)
    check(reading, relaxed)
    assert reading.sources['energy'] == 'vasprun.xml'


def test_stars_among_the_parameters(written: Written, symbols: list[str], relaxed: Atoms) -> None:
    files = written()
    starred = b' <parameters>\n  <v name="MAGMOM"> 1.0 2****</v>\n'
    content = files['vasprun.xml'].replace(b' <parameters>\n', starred)
    check(read_run({**files, 'vasprun.xml': content}, symbols), relaxed)


@pytest.mark.parametrize(('tag', 'message'), [('lstop', 'LSTOP'), ('labort', 'LABORT')])
@pytest.mark.parametrize('missing', ['OUTCAR', 'vasp_output', 'none'])
def test_stopcar(
    written: Written, symbols: list[str], tag: str, message: str, missing: str
) -> None:
    files = written(FAIL=f'{tag}=3')
    files.pop(missing, None)
    reading = read_run(files, symbols)
    assert reading.stopped == message
    assert reading.sources['stopped'] == ('vasp_output' if missing == 'OUTCAR' else 'OUTCAR')
    assert (reading.complete, reading.finished, reading.accuracy_reached) == (3, True, False)


def test_another_runs_standard_output_does_not_tell_of_accuracy(
    written: Written, symbols: list[str]
) -> None:
    stdout = written()['vasp_output']
    reading = read_run({**written(FAIL='ionic'), 'vasp_output': stdout}, symbols)
    assert not reading.accuracy_reached


@pytest.mark.parametrize(('major', 'too_old'), [(4, True), (5, False)])
def test_versions(written: Written, symbols: list[str], major: int, too_old: bool) -> None:
    assert read_run(written(DIALECT=f'version={major}'), symbols).too_old is too_old


def test_contcar_of_a_step_to_come_is_not_taken(
    written: Written, symbols: list[str], rattled: Atoms
) -> None:
    files = written()
    rattled.positions[2] += 0.01
    lines = files['CONTCAR'].decode().splitlines()
    lines[8:12] = [' '.join(map(repr, row.tolist())) for row in rattled.get_scaled_positions()]
    del files['vasprun.xml']
    reading = read_run({**files, 'CONTCAR': '\n'.join(lines).encode()}, symbols)
    assert reading.sources['structure'] == 'OUTCAR'
    assert 'CONTCAR' not in reading.problems
