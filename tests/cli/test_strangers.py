"""No command imports what the nodes of a stranger's run name as their process types."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from aiida.common.links import LinkType
from aiida.engine import ProcessState
from aiida.orm import CalcJobNode, ProcessNode, WorkChainNode
from click.testing import Result


@pytest.fixture
def strange_run(
    run_with_failure: WorkChainNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> WorkChainNode:
    """A run whose children, and the job below one of them, name a module that leaves a mark."""
    (tmp_path / 'stranger_module.py').write_text(f'open({str(tmp_path / "mark")!r}, "w").close()')
    monkeypatch.syspath_prepend(tmp_path)
    failed = run_with_failure.base.links.get_outgoing(link_label_filter='slab_00').one().node
    job = CalcJobNode()
    job.set_process_label('VaspCalculation')
    job.set_process_state(ProcessState.FINISHED)
    job.set_exit_status(700)
    job.base.links.add_incoming(failed, LinkType.CALL_CALC, 'iteration_01')
    job.store()
    for node in [job, *run_with_failure.called]:
        node.backend_entity.process_type = 'stranger_module.Job'
    return run_with_failure


@pytest.mark.parametrize(
    'words',
    [
        'show {run}',
        'show {child}',
        'report {run} -o {out}.html',
        'report {child} -o {out}.html',
        'plot slabs {run} -o {out}.png',
        'plot relaxation {run} -o {out}.png',
        'plot surface-energies {child} -o {out}.png',
        'preview {run}',
        'preview {child} --miller 1 0 0',
        'export {run} -o {out}',
        'export {run} -o {out} --what archive',
        'retry {run} --dry-run',
        'retry {child} --dry-run',
        'reread {run}',
        'reread {child}',
        'energies {child} --miller 1 0 0 --code vasp@localhost',
        'converge {child} --miller 1 0 0 --code vasp@localhost',
        'launch {child} --miller 1 0 0 --code vasp@localhost --potential-family PBE',
    ],
)
def test_process_types_are_not_imported(
    invoke: Callable[..., Result], strange_run: WorkChainNode, tmp_path: Path, words: str
) -> None:
    child: ProcessNode = strange_run.called[-1]
    places = {'run': strange_run.pk, 'child': child.pk, 'out': tmp_path / 'out'}
    result = invoke(*(word.format(**places) for word in words.split()))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert 'No such command' not in result.output
    assert 'stranger_module' not in sys.modules
    assert not (tmp_path / 'mark').exists()


def test_the_engine_would_import_it(strange_run: WorkChainNode, tmp_path: Path) -> None:
    """Else the test above shows nothing."""
    with pytest.raises(ValueError, match='could not load process class'):
        _ = strange_run.called[-1].process_class
    assert (tmp_path / 'mark').exists()
    del sys.modules['stranger_module']
