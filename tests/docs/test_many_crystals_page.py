"""The how-to for many crystals: every command of it, in order, through a daemon."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import InstalledCode, load_group
from ase.build import bulk
from click.testing import CliRunner

from aiida_slabrelax.cli import cli
from aiida_slabrelax.cli.tables.groups import as_text
from aiida_slabrelax.results import collect_group
from infrastructure.how_to_page import Command, File, read, shows
from process_tree import await_that
from terminals import Terminal

PAGE = Path(__file__).parents[2] / 'docs/how-to/many-crystals.md'
GROUP = 'fcc-metals'


@pytest.fixture
def crystals_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files that the page supposes."""
    monkeypatch.chdir(tmp_path)
    for metal in ('Cu', 'Ag', 'Au'):
        bulk(metal, 'fcc', cubic=True).write(f'{metal}.cif')
    Path('job.yaml').write_text('environment_variables: {OMP_NUM_THREADS: "1"}\n')


@pytest.mark.usefixtures('crystals_here')
@pytest.mark.timeout(900)
def test_the_page(
    started_daemon_client: DaemonClient,
    vasp_code: InstalledCode,
    potential_family: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = {'vasp@cluster': vasp_code.full_label}
    done = []
    for step in read(PAGE):
        if isinstance(step, File):
            Path(step.name).write_text(step.content)
        if not isinstance(step, Command):
            continue
        program, *words = shlex.split(step.text.replace('\\\n', ' '))
        assert program == 'aiida-slabrelax'
        if words[0] == 'launch':
            words += ['--family', potential_family, '--options', 'job.yaml']
        else:
            await_that(lambda: all(run.is_sealed for run in load_group(GROUP).nodes), 600, 1)
        if words[0] == 'show':
            # As on a terminal of this width.
            with monkeypatch.context() as terminal:
                terminal.setenv('COLUMNS', '110')
                terminal.setattr(sys, 'stdout', Terminal())
                printed = as_text(collect_group(GROUP))
            assert shows(step.shown, printed), printed
        result = CliRunner().invoke(cli, [here.get(word, word) for word in words])
        if words[0] == 'retry':
            assert f'no run of the group {GROUP} has failed' in result.stderr
        else:
            assert result.exit_code == 0, result.output
            assert words[0] == 'show' or shows(step.shown, result.stdout), result.stdout
        done.append(words[0])
    assert done == ['launch', 'launch', 'show', 'report', 'retry']
    the_frame()


def the_frame() -> None:
    """The example in Python gives what the table shows."""
    *_, example = PAGE.read_text('utf-8').split('```python\n')
    names: dict[str, Any] = {}
    exec(example.partition('```')[0].replace('load_profile()\n', '', 1), names)
    assert [*names['relaxed'].index] == [
        ('Cu', 'slab_100_00'),
        ('Cu', 'slab_111_00'),
        ('Ag', 'slab_00'),
        ('Au', 'slab_00'),
    ]
