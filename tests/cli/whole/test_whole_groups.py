"""Slabs of whole phosphate groups: launched, relaxed, previewed and on the page of the run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import InstalledCode, load_node
from click.testing import Result

from aiida_slabrelax.calculations.structures import to_pymatgen
from bulk_crystals import silver_phosphate
from grouped_crystals import count_neighbours

OVERRIDES = """
vasp:
  calc:
    metadata:
      options:
        environment_variables: {VASP_STANDIN_MODEL: instant}
"""

GROUPS = ('--miller', '1', '1', '0', '--thickness', '6', '--vacuum', '10', '--keep-whole', 'P-O')


@pytest.fixture
def crystal(tmp_path: Path) -> Path:
    path = tmp_path / 'Ag3PO4.cif'
    silver_phosphate().to(filename=str(path))
    return path


def listed(result: Result) -> list[Any]:
    assert result.exit_code == 0, result.output
    slabs: list[Any] = json.loads(result.stdout)['terminations']
    return slabs


def test_slabs_of_whole_groups_through_the_daemon(
    started_daemon_client: DaemonClient,
    invoke: Callable[..., Result],
    vasp_code: InstalledCode,
    potential_family: str,
    crystal: Path,
    tmp_path: Path,
) -> None:
    overrides = tmp_path / 'overrides.yaml'
    overrides.write_text(OVERRIDES)
    how = ('--protocol', 'fast', '--overrides', overrides, '--family', potential_family)
    job = ('--num-machines', 1, '--label', 'whole', '--wait')
    launched = invoke('launch', vasp_code.full_label, crystal, *GROUPS, *how, *job)
    assert launched.exit_code == 0, launched.output
    pk = int(launched.output.partition('Submitted SlabRelaxWorkChain<')[2].partition('>')[0])
    run = load_node(pk)
    assert run.is_finished_ok

    before = listed(invoke('preview', crystal, *GROUPS, '--protocol', 'fast', '--json'))
    after = listed(invoke('preview', pk, '--json'))
    assert len(after) == 4
    for one, other in zip(before, after, strict=True):
        same = ('label', 'formula', 'identity', 'lost_neighbours', 'kept_whole', 'tasker')
        assert [one[key] for key in same] == [other[key] for key in same]
    for label in run.outputs.relaxed_slabs:
        # The model leaves the atoms where they are.
        slab = to_pymatgen(run.outputs.relaxed_slabs[label])
        assert count_neighbours(slab, {'P-O': 2.0}, False) == {'P-O': {4}, 'O-P': {1}}

    page = tmp_path / 'page.html'
    assert invoke('report', pk, '--output', page).exit_code == 0
    text = page.read_text('utf-8')
    assert 'Lost neighbours of the faces' in text
    assert '<dt>slab_00</dt><dd>Ag-O 12</dd>' in text
