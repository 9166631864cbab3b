"""No command imports what the nodes of a stranger's run name as their process types."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiida.common.links import LinkType
from aiida.engine import ProcessState
from aiida.orm import CalcJobNode, Node, ProcessNode, QueryBuilder, WorkChainNode
from click.testing import Result


@pytest.fixture(scope='module')
def mark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file that a module leaves as soon as it is imported, which any name may do here."""
    folder = tmp_path_factory.mktemp('strange')
    (folder / 'stranger_module.py').write_text(f'open({str(folder / "mark")!r}, "w").close()')
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield folder / 'mark'


@pytest.fixture(scope='module')
def strange_run(run_with_failure_for_all: WorkChainNode, mark: Path) -> WorkChainNode:
    """A run whose children, and the job below one of them, name the module."""
    run = run_with_failure_for_all
    failed = run.base.links.get_outgoing(link_label_filter='slab_00').one().node
    job = CalcJobNode()
    job.set_process_label('VaspCalculation')
    job.set_process_state(ProcessState.FINISHED)
    job.set_exit_status(700)
    job.base.links.add_incoming(failed, LinkType.CALL_CALC, 'iteration_01')
    job.store()
    for node in [job, *run.called]:
        node.backend_entity.process_type = 'stranger_module.Job'
    return run


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
    invoke: Callable[..., Result],
    strange_run: WorkChainNode,
    mark: Path,
    tmp_path: Path,
    words: str,
) -> None:
    before = QueryBuilder().append(Node).count()
    child: ProcessNode = strange_run.called[-1]
    places = {'run': strange_run.pk, 'child': child.pk, 'out': tmp_path / 'out'}
    result = invoke(*(word.format(**places) for word in words.split()))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert 'No such command' not in result.output
    assert 'stranger_module' not in sys.modules
    assert not mark.exists()
    assert QueryBuilder().append(Node).count() == before


def test_the_engine_would_import_it(strange_run: WorkChainNode, mark: Path) -> None:
    """Else the test above shows nothing."""
    with pytest.raises(ValueError, match='could not load process class'):
        _ = strange_run.called[-1].process_class
    assert mark.exists()
    mark.unlink()
    del sys.modules['stranger_module']
