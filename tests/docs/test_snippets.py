"""The examples of the documentation do what they say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from aiida.engine import ProcessBuilder
from aiida.orm import InstalledCode
from aiida_vasp.data.potcar import PotcarData
from ase import Atoms

from aiida_slabrelax.cli import cli
from aiida_slabrelax.cli.inputs.structures import silver_phosphate
from aiida_slabrelax.standin.inputs.potcar import write_potcar_family

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / 'README.md', *(ROOT / 'docs').rglob('*.md')])
COMMAND = re.compile(r'^\$ aiida-slabrelax (.*(?:\\\n.*)*)', re.MULTILINE)


def blocks(page: Path, language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(
        rf'^```{language}\n(.*?)^```', page.read_text('utf-8'), re.DOTALL | re.MULTILINE
    )


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_the_help_of_the_stand_in() -> None:
    page = (ROOT / 'docs/reference/standin.md').read_text('utf-8')
    shown = re.search(r':name: standin-help\n\n(.*?)```', page, re.DOTALL)
    assert shown is not None
    program = [str(Path(sys.executable).parent / 'vasp-standin'), '--help']
    printed = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    assert shown[1] == printed


@pytest.mark.parametrize(
    'command',
    [match for page in PAGES for match in COMMAND.findall(page.read_text('utf-8'))],
)
def test_commands_and_their_options_exist(command: str) -> None:
    name, *arguments = command.replace('\\\n', ' ').split()
    subcommand = cli.commands[name]
    known = {
        flag for option in subcommand.params for flag in (*option.opts, *option.secondary_opts)
    }
    assert isinstance(subcommand, click.Command)
    assert {word for word in arguments if word.startswith('--')} <= known


@pytest.mark.parametrize('page', [page for page in PAGES if blocks(page, 'python')], ids=named)
def test_python_compiles(page: Path) -> None:
    for block in blocks(page, 'python'):
        # Fragments of workflows await outside a function.
        compile(block, named(page), 'exec', ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.fixture
def crystal_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that the examples read."""
    atoms: Atoms = silver_phosphate().get_ase()
    atoms.write(tmp_path / 'Ag3PO4.cif')
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope='session')
def family_of_the_protocols(aiida_profile: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The family of potentials whose name the protocols have."""
    folder = tmp_path_factory.mktemp('potentials') / 'PBE.54'
    write_potcar_family(folder, ('Ag', 'P', 'O', 'Cu'))
    PotcarData.upload_potcar_family(
        str(folder), 'PBE.54', 'Synthetic, for tests', stop_if_existing=False
    )


@pytest.mark.usefixtures('crystal_here', 'family_of_the_protocols')
@pytest.mark.parametrize(
    'page',
    [
        'README.md',
        'docs/how-to/cluster.md',
        'docs/how-to/own-slabs.md',
        'docs/how-to/embed.md',
        'docs/how-to/slab-overrides.md',
        'docs/how-to/fixed-layers.md',
        'docs/how-to/pre-relaxation.md',
    ],
)
def test_the_builders_of_the_examples_are_valid(page: str, vasp_code: InstalledCode) -> None:
    """Every example that fills a builder, with a look at it in place of the submission."""
    names: dict[str, Any] = {'examine': examine}
    for block in blocks(ROOT / page, 'python'):
        if 'builder' in block or 'slabs = ' in block:
            code = re.sub(r"'\w+@cluster'", repr(vasp_code.full_label), block)
            exec(code.replace('submit(builder)', 'examine(builder)'), names)
    examine(names['builder'])


def examine(builder: ProcessBuilder) -> None:
    ports = builder.process_class.spec().inputs
    assert ports.validate(ports.pre_process(builder._inputs(prune=True))) is None
