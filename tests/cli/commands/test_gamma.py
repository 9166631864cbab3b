"""``aiida-slabrelax gamma``: surface energies from one's own numbers."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ase.build import bulk
from click.testing import Result

Invoke = Callable[..., Result]

COPPER = """role,label,formula,energy_ev,area_angstrom2,miller_indices,symmetric
bulk,Cu,Cu4,-14.0,,,
slab,slab_111,Cu6,-20.1,5.61,1 1 1,yes
slab,slab_100,Cu8,-27.0,6.48,1 0 0,yes
"""

OXIDE = """role,label,formula,energy_ev,area_angstrom2,miller_indices,symmetric
bulk,TiO2,Ti2O4,-53.0,,,
slab,a,Ti6O12,-157.0,19.2,1 1 0,yes
slab,b,Ti6O13,-162.0,19.2,1 1 0,no
reference,O2,O2,-9.86,,,
reference,Ti,Ti2,-15.6,,,
"""


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a file."""

    def write(text: str) -> Path:
        (tmp_path / 'numbers.csv').write_text(text)
        return tmp_path / 'numbers.csv'

    return write


def test_the_table(invoke: Invoke, file: Callable[[str], Path]) -> None:
    result = invoke('gamma', file(OXIDE), '--at', 'O=-1.0')
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ['a', '(110)', 'Ti6O12', '0.8345', '0.05208', '0.8345'] in lines
    assert ['b:', 'mean', 'of', 'both', 'faces'] in lines
    assert 'The bulk is stable for Δμ(O) from -4.420 to 0.000 eV' in result.stdout


def test_forms_for_programs(invoke: Invoke, file: Callable[[str], Path]) -> None:
    path = file(OXIDE)
    found = json.loads(invoke('gamma', path, '--json').stdout)
    assert [slab['label'] for slab in found['slabs']] == ['a', 'b']
    assert found['slabs'][0]['surface_energy_j_per_m2'] == 0.834467
    assert found['stability']['formation_energy_ev_per_formula_unit'] < 0
    rows = list(csv.DictReader(invoke('gamma', path, '--csv').stdout.splitlines()))
    assert rows[0]['surface_energy_j_per_m2'] == '0.834467'
    assert float(rows[1]['slope_O_per_angstrom2']) == pytest.approx(-1 / (2 * 19.2), abs=1e-8)


def test_figures(invoke: Invoke, file: Callable[[str], Path], tmp_path: Path) -> None:
    crystal = tmp_path / 'Cu.cif'
    bulk('Cu', 'fcc', a=3.6, cubic=True).write(crystal)
    picture = tmp_path / 'shape.png'
    words = ('--structure', crystal, '--plot', f'wulff={picture}')
    result = invoke('gamma', file(COPPER), *words)
    assert result.exit_code == 0, result.output
    assert picture.read_bytes().startswith(b'\x89PNG')
    lines = tmp_path / 'gamma.svg'
    result = invoke('gamma', file(OXIDE), '--at', 'O=-1', '--plot', f'surface-energies={lines}')
    assert result.exit_code == 0, result.output
    assert '<svg' in lines.read_text()


def test_a_figure_for_a_column_of_a_journal(
    invoke: Invoke, file: Callable[[str], Path], tmp_path: Path
) -> None:
    lines = tmp_path / 'gamma.svg'
    words = ('gamma', file(OXIDE), '--at', 'O=-1', '--plot', f'surface-energies={lines}')
    assert invoke(*words, '--width', 85).exit_code == 0
    assert 'width="240.944882pt"' in lines.read_text()
    result = invoke(*words, '--width', 20, '--force')
    assert (result.exit_code, result.stdout) == (2, '')
    assert result.stderr == 'Error: --width: the width of a figure is 60 to 400 mm, not 20\n'


def test_no_profile_is_needed_and_none_is_made(file: Callable[[str], Path], tmp_path: Path) -> None:
    home = tmp_path / 'home'
    home.mkdir()
    environment = {k: v for k, v in os.environ.items() if k != 'AIIDA_PATH'}
    program = [sys.executable, '-c', 'from aiida_slabrelax.cli import cli; cli()']
    plot = ('--plot', f'surface-energies={tmp_path / "gamma.png"}')
    done = subprocess.run(
        [*program, 'gamma', str(file(OXIDE)), *plot],
        env={**environment, 'HOME': str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, '')
    assert not (home / '.aiida').exists()


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (('--json', '--csv'), '--json and --csv: give one of them'),
        (('--eliminate', 'Cu'), '--eliminate: Cu cannot be eliminated: the bulk is Ti2O4.'),
        (('--at', 'O'), '--at: an element and Δμ in eV are needed, such as O=-1.2, got '),
        (('--plot', 'map=x.png'), '--plot: KIND=FILE is needed, KIND one of surface-energies, '),
        (('--plot', 'stability=x.png'), '--plot stability: a map needs two free chemical'),
        (('--plot', 'wulff=x.png'), '--plot wulff: the crystal of these surface energies is not'),
    ],
)
def test_what_is_refused(
    invoke: Invoke,
    file: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = invoke('gamma', file(OXIDE), *words)
    assert result.exit_code != 0
    assert result.stderr.startswith(f'Error: {message}')


def test_the_line_of_an_error(invoke: Invoke, file: Callable[[str], Path]) -> None:
    path = file(OXIDE.replace('-157.0', 'low'))
    result = invoke('gamma', path)
    assert result.stderr == f"Error: {path}: line 3: energy_ev: a number is needed, got 'low'\n"
    assert invoke('gamma', path.with_name('x')).stderr == (
        f'Error: {path.with_name("x")}: there is no such file\n'
    )
