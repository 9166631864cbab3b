"""The commands of the page on pre-relaxations, as dry runs: what both stages would get."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from aiida.orm import InstalledCode
from ase.build import bulk
from click.testing import CliRunner, Result

from aiida_slabrelax.cli import cli
from aiida_slabrelax.cli.inputs.structures import silver_phosphate
from aiida_slabrelax.surfaces.slabs import prerelaxed

PAGE = (Path(__file__).parents[2] / 'docs/how-to/pre-relaxation.md').read_text('utf-8')
COMMANDS = re.findall(r'^\$ aiida-slabrelax ((?:.*\\\n)*.*)', PAGE, re.MULTILINE)
FILES = dict(re.findall(r'^:caption: (\S+)\n\n(.*?)^```', PAGE, re.DOTALL | re.MULTILINE))
OTHERS = re.findall(r'^```yaml\n(.*?)^```', PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def run(
    vasp_code: InstalledCode,
    potential_family: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str], Result]:
    """Return a function that runs a command of the page as a dry run."""
    monkeypatch.chdir(tmp_path)
    silver_phosphate().get_ase().write('Ag3PO4.cif')
    # Something with its elements among the potentials of the tests.
    bulk('AlAs', 'zincblende', a=5.66, cubic=True).write('TiO2.cif')
    for name, text in FILES.items():
        Path(name).write_text(text)

    def invoke(command: str) -> Result:
        words = [
            vasp_code.full_label if word.endswith('@cluster') else word
            for word in shlex.split(command.replace('\\\n', ' '))
        ]
        return CliRunner().invoke(cli, [*words, '--family', potential_family, '--dry-run'])

    return invoke


@pytest.mark.parametrize('command', COMMANDS)
def test_the_commands_are_valid(command: str, run: Callable[[str], Result]) -> None:
    result = run(command)
    assert result.exit_code == 0, result.output
    first, second = result.stdout.split('The first calculation of each ')[1:]
    assert first.startswith('pre-relaxation, ')
    assert 'NSW = 300' in first
    assert 'NSW = 300' not in second


@pytest.mark.parametrize('text', OTHERS)
def test_the_other_settings_are_valid(text: str, run: Callable[[str], Result]) -> None:
    Path('prerelax.yaml').write_text(text)
    result = run(COMMANDS[0])
    assert result.exit_code == 0, result.output
    assert 'ENCUT = 300' in result.stdout


def test_every_test_is_in_the_table() -> None:
    source = Path(prerelaxed.__file__).read_text()
    used = set(re.findall(r"AbsurdError\(\s*'([A-Z ]+)'", source))
    assert used == set(re.findall(r'^\| `([A-Z ]+)` \|', PAGE, re.MULTILINE)) - {'NO ENERGY'}
