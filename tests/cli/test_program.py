"""The program as the shell sees it: what is printed where nothing can be printed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, '-c', 'from aiida_slabrelax.cli import cli; cli()']
FULL = 'Error: the output cannot be written: No space left on device\n'


def run(*words: str, stdout: int, **environment: str) -> tuple[int, str]:
    """Run the program with a standard output, and return its status and its errors."""
    done = subprocess.run(
        [*PROGRAM, *words],
        env={**os.environ, **environment},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    'words',
    [
        ['show'],  # an argument is missing
        ['show', '1', '--jsn'],
        ['preview', 'Cu.cif', '--max-atoms', 'many'],
        ['preview', 'Cu.cif', '--miller', '1', '0', 'x'],
        ['preview', 'Cu.cif'],  # neither --miller nor --max-index
        ['preview', 'no-such.cif', '--miller', '1', '0', '0'],
        ['gamma', 'no-such.csv'],
        ['plot', 'slabs', '1', '-o', 'slabs.doc'],
    ],
)
def test_bad_input_ends_with_status_2(copper_file: Path, words: list[str]) -> None:
    given = [str(copper_file) if word == 'Cu.cif' else word for word in words]
    status, message = run(*given, stdout=subprocess.DEVNULL)
    assert (status, message.count('Error: ')) == (2, 1)


def test_a_file_that_cannot_be_written_ends_with_status_1(
    copper_file: Path, tmp_path: Path
) -> None:
    (tmp_path / 'file').touch()
    folder = str(tmp_path / 'file' / 'folder')
    words = ['export', str(copper_file), '--miller=1,0,0', '-o', folder]
    status, message = run(*words, stdout=subprocess.DEVNULL)
    assert (status, message.startswith('Error: --output: ')) == (1, True)


@pytest.mark.parametrize('unbuffered', ['', '1'])
def test_a_full_output(copper_file: Path, unbuffered: str) -> None:
    with open('/dev/full', 'w') as full:
        for words in (
            ['--help'],
            ['show', '--help'],
            ['preview', str(copper_file), '--miller=1,0,0'],
        ):
            result = run(*words, stdout=full.fileno(), PYTHONUNBUFFERED=unbuffered)
            assert result == (1, FULL)


@pytest.mark.parametrize('words', [['--help'], ['preview', '--miller=1,0,0']])
def test_a_reader_that_has_gone(copper_file: Path, words: list[str]) -> None:
    if words[0] == 'preview':
        words = [*words, str(copper_file)]
    reader, writer = os.pipe()
    os.close(reader)
    try:
        assert run(*words, stdout=writer) == (1, '')
    finally:
        os.close(writer)


def test_errors_that_cannot_be_written() -> None:
    with open('/dev/full', 'w') as full:
        done = subprocess.run([*PROGRAM, 'no-such'], stderr=full, check=False)
    assert done.returncode == 2


def test_an_output_that_does_not_know_a_character() -> None:
    code = """
import click
from aiida_slabrelax.cli.printing import print_line
from aiida_slabrelax.cli.program import Program
@click.group(cls=Program)
def program(): ...
@program.command()
def say():
    print_line('Å, γ')
program(['say'])
"""
    done = subprocess.run(
        [sys.executable, '-c', code],
        env={**os.environ, 'PYTHONIOENCODING': 'latin-1'},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b'\xc5, \\u03b3\n')


def test_the_traceback_of_a_defect_is_shown_too() -> None:
    code = """
import click
from aiida_slabrelax.cli.program import Program
@click.group(cls=Program)
def program(): ...
@program.command()
def fail():
    raise RuntimeError('a defect: \\x1b[2J')
program(['fail'])
"""
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith('RuntimeError: a defect: \\x1b[2J\n')


def test_the_nearest_command_is_named() -> None:
    status, message = run('preveiw', stdout=subprocess.DEVNULL)
    assert status == 2
    assert message.endswith("Error: No such command 'preveiw'. Did you mean 'preview'?\n")
