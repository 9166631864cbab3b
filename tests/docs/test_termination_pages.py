"""The pages on bonds, groups, polarity and cells show what their commands print."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest
from pymatgen.core.lattice import Lattice

from aiida_slabrelax.cli import cli
from bulk_crystals import copper, from_spacegroup, silver_phosphate
from grouped_crystals import molybdenum_sulfide
from terminals import Terminal

HOW_TO = Path(__file__).parents[2] / 'docs/how-to'
PAGES = (
    'broken-bonds',
    'whole-groups',
    'plausible-terminations',
    'polar-surfaces',
    'surface-cells',
)
BLOCK = re.compile(r'```console\n\$ (aiida-slabrelax preview .*)\n((?:(?!```).*\n)+)```')
WIDTH = 100


@pytest.fixture
def crystals_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files that the commands read."""
    magnesia = from_spacegroup(
        'Fm-3m', Lattice.cubic(4.21), ['Mg', 'O'], [[0, 0, 0], [0.5, 0.5, 0.5]]
    )
    files = {
        'Ag3PO4': silver_phosphate(),
        'Cu': copper(),
        'MgO': magnesia,
        'MoS2': molybdenum_sulfide().crystal,
    }
    for name, crystal in files.items():
        crystal.to(filename=str(tmp_path / f'{name}.cif'))
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures('crystals_here')
@pytest.mark.parametrize('page', PAGES)
def test_commands_print_what_the_page_shows(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table is as wide as a terminal."""
    monkeypatch.setenv('COLUMNS', str(WIDTH))
    found = BLOCK.findall((HOW_TO / f'{page}.md').read_text('utf-8'))
    assert found
    for command, shown in found:
        terminal = Terminal()
        with monkeypatch.context() as patch:
            patch.setattr(sys, 'stdout', terminal)
            patch.setattr(sys, 'stderr', terminal)
            with pytest.raises(SystemExit):
                cli(shlex.split(command)[1:])
        printed = re.sub('\x1b\\[[0-9]*m', '', terminal.getvalue()).splitlines()
        assert [line.rstrip() for line in printed] == shown.splitlines()
