"""Commands where AiiDA has no configuration: they leave no trace of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, '-c', 'from aiida_slabrelax.cli import cli; cli()']


def run(home: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the program with an empty home."""
    environment = {name: value for name, value in os.environ.items() if name != 'AIIDA_PATH'}
    return subprocess.run(
        [*PROGRAM, *words],
        env={**environment, 'HOME': str(home), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    'words',
    [
        ['show', '1'],
        ['show', '1', '-p', 'mine'],
        ['preview', '1'],
        ['export', '1'],
        ['export', '1', '--what', 'table'],
        ['plot', 'slabs', '1', '-o', 'slabs.png'],
        ['report', '1', '-o', 'report.html'],
        ['retry', '1'],
        ['reread', '1'],
        ['energies', '1'],
        ['converge', '1'],
        ['launch', 'vasp@cluster', '1', '--miller', '1', '0', '0'],
        ['energies', '1', '--miller', '1', '0', '0', '--code', 'vasp@cluster'],
        ['mock', '-p', 'mine'],
    ],
)
def test_a_missing_profile_is_named_and_no_folder_is_made(tmp_path: Path, words: list[str]) -> None:
    done = run(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, '')
    assert done.stderr == (
        f'Error: there is no profile of AiiDA in {tmp_path}/.aiida: `verdi presto` makes one, '
        '`aiida-slabrelax doctor` says what else is missing\n'
    )
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_aiida_path_stays_empty(tmp_path: Path) -> None:
    folder = tmp_path / 'project'
    folder.mkdir()
    done = run(tmp_path, 'show', '1', AIIDA_PATH=f'{tmp_path}/no-such:{folder}')
    assert f'there is no profile of AiiDA in {folder}/.aiida: ' in done.stderr
    assert list(tmp_path.rglob('*')) == [folder]


@pytest.mark.parametrize(
    'words', [['preview'], ['preview', '--json'], ['export', '-o', 'slabs'], ['--help'], ['gamma']]
)
def test_files_need_no_profile(copper_file: Path, tmp_path: Path, words: list[str]) -> None:
    home = tmp_path / 'home'
    home.mkdir()
    if words[0] == 'gamma':
        numbers = tmp_path / 'numbers.csv'
        numbers.write_text(
            'role,label,formula,energy_ev,area_angstrom2,miller_indices,symmetric\n'
            'bulk,Cu,Cu,-3.7,,,\nslab,Cu111,Cu7,-24.9,5.58,1 1 1,yes\n'
        )
        words = [*words, str(numbers)]
    elif words[0] != '--help':
        words = [str(tmp_path / word) if word == 'slabs' else word for word in words]
        words = [*words, str(copper_file), '--miller', '1', '0', '0']
    done = run(home, *words)
    assert (done.returncode, done.stderr) == (0, '')
    assert list(home.iterdir()) == []


def test_the_doctor_changes_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, 'doctor')
    assert (done.returncode, done.stderr) == (1, '')
    assert done.stdout.startswith('[!!] profile: there is none yet: `verdi presto` makes one\n')
    assert list(tmp_path.iterdir()) == []
