"""Whatever a damaged file still tells is right: no invented energy, and no exception."""

from __future__ import annotations

import random
import re
from functools import cache

import pytest

from aiida_slabrelax.parsers.convergence import judge
from aiida_slabrelax.parsers.reading import Reading, read_run
from replay_vasp import needs_recordings, recording

pytestmark = needs_recordings

RUNS = [('ir100_slab', 0), ('si_spin_lorbit10', 0), ('cut_off_then_converged', 1)]
FILES = ['vasprun.xml', 'OUTCAR', 'CONTCAR']

_ENERGY = re.compile(
    rb'FREE ENERGIE.*\n.*\n.*TOTEN.*\n.*\n *energy +without.*energy\(sigma->0\) = *(\S+)'
)


def symbols(content: bytes) -> list[str]:
    found = re.search(rb'<atoms> *(\d+)', content)
    assert found is not None
    return ['H'] * int(found[1])


@pytest.fixture(params=RUNS, ids=lambda run: f'{run[0]}/{run[1]}')
def files(request: pytest.FixtureRequest) -> dict[str, bytes]:
    played = recording(*request.param).files
    return {name: played[name] for name in FILES}


def check(reading: Reading, energies: list[float]) -> None:
    """Check that the energy, if there is one, is that of the last step said to be complete."""
    judge(reading, {}, None)
    if 'energy_extrapolated' in reading.energies:
        expected = energies[reading.complete - 1]
        assert reading.energies['energy_extrapolated'] == pytest.approx(expected, abs=1e-7)
    if not reading.finished:
        assert not reading.accuracy_reached or reading.complete == len(energies)


@cache
def energies_in(outcar: bytes) -> list[float]:
    return [float(number) for number in _ENERGY.findall(outcar)]


def test_files_that_are_whole(files: dict[str, bytes]) -> None:
    whole = read_run(files, symbols(files['vasprun.xml']))
    assert whole.complete == len(energies_in(files['OUTCAR']))


@pytest.mark.parametrize('seed', range(10))
def test_files_that_end_anywhere(files: dict[str, bytes], seed: int) -> None:
    energies = energies_in(files['OUTCAR'])
    chance = random.Random(seed)
    cut = {name: content[: chance.randrange(len(content))] for name, content in files.items()}
    for damaged in (
        cut,
        {**files, 'vasprun.xml': cut['vasprun.xml']},
        {**files, 'OUTCAR': cut['OUTCAR']},
        {'vasprun.xml': cut['vasprun.xml']},
        {'OUTCAR': cut['OUTCAR'], 'CONTCAR': cut['CONTCAR']},
    ):
        check(read_run(damaged, symbols(files['vasprun.xml'])), energies)


@pytest.mark.parametrize('seed', range(10))
@pytest.mark.parametrize('character', [b'*', b'\x00', b'\x01', b'\xe9', b'?', b' '])
def test_characters_that_do_not_belong_there(
    files: dict[str, bytes], seed: int, character: bytes
) -> None:
    """A blank or another digit can make another number of one: then the energy is not compared."""
    energies = energies_in(files['OUTCAR'])
    chance = random.Random(seed)
    damaged = {}
    for name, content in files.items():
        at = sorted(chance.randrange(len(content)) for _ in range(20))
        pieces = [content[start:end] for start, end in zip([0, *at], [*at, None], strict=True)]
        damaged[name] = pieces[0] + b''.join(character + piece[1:] for piece in pieces[1:])
    reading = read_run(damaged, symbols(files['vasprun.xml']))
    if character != b' ':
        check(reading, energies)
