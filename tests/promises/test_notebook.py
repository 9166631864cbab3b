"""The tutorial notebook, from a bare environment to a Wulff shape and a data frame."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / 'docs/tutorial/wulff.ipynb'

#: γ (J/m²) of thin slabs of copper in the model EMT; `docs/tutorial/wulff.md` has thicker ones.
GAMMA = {'slab_111_00': 1.043, 'slab_100_00': 1.134, 'slab_110_00': 1.229}


@pytest.fixture(scope='module')
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """What the cells show, in an environment without a profile."""
    folder = tmp_path_factory.mktemp('bare')
    program = ROOT / 'tests/helpers/notebook_cells.py'
    environment = {**os.environ, 'AIIDA_PATH': str(folder), 'MPLBACKEND': 'agg'}
    result = subprocess.run(
        [sys.executable, str(program), str(NOTEBOOK), str(folder / 'shown.json')],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    found: list[dict[str, str]] = json.loads((folder / 'shown.json').read_text())
    return found


def test_the_run_succeeds(shown: list[dict[str, str]]) -> None:
    assert [cell.get('text/plain') for cell in shown].count('0') == 1


def test_the_slabs_are_shown_before(shown: list[dict[str, str]]) -> None:
    (preview,) = [cell for cell in shown if cell.get('text/plain', '').startswith('Preview(')]
    for plane in ('(100)', '(110)', '(111)'):
        assert f'<td>{plane}</td>' in preview['text/html']


def test_the_builder_shows_the_planes(shown: list[dict[str, str]]) -> None:
    (builder,) = [cell for cell in shown if 'Process class' in cell.get('text/plain', '')]
    assert 'miller_indices:\n- - 1\n  - 0\n  - 0\n' in builder['text/plain']


def test_the_frame_has_the_surface_energies(shown: list[dict[str, str]]) -> None:
    frame = next(cell['text/plain'] for cell in shown if 'dataframe' in cell.get('text/html', ''))
    rows = [line.split() for line in frame.splitlines() if line.startswith('slab_')]
    assert [row[0] for row in rows] == list(GAMMA)
    for label, plane, _, gamma in rows:
        assert plane == f'({label.split("_")[1]})'
        assert float(gamma) == pytest.approx(GAMMA[label], abs=2e-3)


def test_the_tables_say_that_it_is_a_model(shown: list[dict[str, str]]) -> None:
    tables = [cell['text/html'] for cell in shown if '<table>' in cell.get('text/html', '')]
    assert sum('NOT VASP' in table for table in tables) == 2


def test_the_notebook_is_stored_without_output() -> None:
    cells: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text('utf-8'))['cells']
    code = [cell for cell in cells if cell['cell_type'] == 'code']
    assert all(cell['outputs'] == [] and cell['execution_count'] is None for cell in code)
