"""Help is instant: nothing slow is imported for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from aiida_slabrelax import __version__
from aiida_slabrelax.cli import cli

SLOW = {'aiida', 'aiida_vasp', 'ase', 'matplotlib', 'numpy', 'pymatgen', 'spglib', 'tblite', 'yaml'}

PROGRAM = """
import sys
from aiida_slabrelax.cli import cli
try:
    cli(sys.argv[1:])
finally:
    print('imported:', *sys.modules)
"""


@pytest.mark.parametrize('arguments', [['--help'], *([name, '--help'] for name in cli.commands)])
def test_help_imports_nothing_slow(arguments: list[str]) -> None:
    result = subprocess.run(
        [sys.executable, '-c', PROGRAM, *arguments], capture_output=True, text=True, check=True
    )
    text, _, imported = result.stdout.partition('imported:')
    assert text.startswith('Usage: ')
    assert 'aiida_slabrelax.cli' in imported.split()
    assert SLOW.isdisjoint(imported.split())


def test_version() -> None:
    result = subprocess.run(
        [sys.executable, '-c', PROGRAM, '--version'], capture_output=True, text=True, check=True
    )
    assert f'version {__version__}\n' in result.stdout
