"""A stranger's archive: nothing in it is imported, called, obeyed, or written outside a folder."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiida.common.links import LinkType
from aiida.engine import run_get_node
from aiida.orm import (
    Dict,
    EnumData,
    InstalledCode,
    JsonableData,
    Node,
    QueryBuilder,
    WorkChainNode,
    load_node,
)
from aiida.tools import delete_nodes
from aiida.tools.archive import import_archive
from click.testing import Result
from plumpy import ProcessState
from pymatgen.core.lattice import Lattice

from aiida_slabrelax.durable import ReplayError, replay
from hostile_archive import (
    FORMULA,
    HOSTILE,
    MODULE,
    Tamper,
    export_tampered,
    shell_text,
    write_module,
)
from hostile_workflow import painted
from sample_structures import copper_slab, copper_slabs

Invoke = Callable[..., Result]
Fixture = Callable[..., Any]

#: The last two are the names of slabs, by those that they had.
PATHS = {'cu_4': '../../escaped', 'cu_5': '{folder}/absolute', 'cu_6': FORMULA}


#: All that may be in the folder that is watched, and in the one in which commands are given one.
EXPECTED = {'modules', 'work', 'given', 'hostile.aiida', 'hostile.clean', 'hostile.sqlite3'}


@dataclass(frozen=True)
class Hostile:
    """What has come in the archive."""

    sentinel: Path
    folder: Path
    run: Node
    energies: Node
    workflow: Node
    durable: Node
    jsonable: Node


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp('hostile')


_imported: dict[Path, Hostile] = {}


@pytest.fixture
def hostile(
    folder: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Hostile]:
    """The archive, imported once; at the end nothing of it has run, and no file has escaped."""
    if folder not in _imported:
        _imported[folder] = request.getfixturevalue('bring')()
    found = _imported[folder]
    for name in ('modules', 'work'):
        (folder / name).mkdir(exist_ok=True)
    write_module(folder / 'modules', found.sentinel)
    monkeypatch.syspath_prepend(str(folder / 'modules'))
    yield found
    escaped = sorted(
        str(path.relative_to(folder))
        for path in (*folder.iterdir(), *(folder / 'work').iterdir())
        if path.name not in EXPECTED
    )
    traces = [MODULE in sys.modules, found.sentinel.exists(), escaped]
    # The next test begins without what this one has left.
    sys.modules.pop(MODULE, None)
    found.sentinel.unlink(missing_ok=True)
    for name in escaped:
        (folder / name).unlink()
    assert traces == [False, False, []]


@pytest.fixture
def work(folder: Path) -> Path:
    """The folder that commands are given, two levels below the one that is watched."""
    work = folder / 'work' / 'given'
    work.mkdir(parents=True, exist_ok=True)
    return work


@pytest.fixture
def bring(
    folder: Path,
    instantiate: Fixture,
    relax: Fixture,
    end_relaxation: Fixture,
    end_calculation: Fixture,
    end_run: Fixture,
    phosphate_energies: Fixture,
    copper_run: Fixture,
    localhost: Any,
) -> Fixture:
    """Return a function that makes a run and its kin, tampers with them and imports them."""
    sentinel = folder.parent / f'{folder.name}-sentinel'

    def make_run() -> tuple[WorkChainNode, InstalledCode]:
        code = InstalledCode(
            label='theirs',
            computer=localhost,
            filepath_executable='/bin/true',
            default_calc_job_plugin='vasp.vasp',
            prepend_text='text',
            with_mpi=False,
        ).store()
        process = instantiate(slabs=copper_slabs(3, 4, 5, 6))
        relax(process, 'cu_3')
        relax(process, 'cu_4')
        for label in ('cu_5', 'cu_6'):
            relaxation = end_relaxation(process, label, exit_status=401, exit_message='text')
            end_calculation(relaxation, structure=copper_slab(int(label[-1])), exit_status=702)
        run = end_run(process)
        for child in run.called_descendants:
            child.seal()
        return run, code

    def make_workflow(energies: Node) -> WorkChainNode:
        node = WorkChainNode(process_type='aiida.workflows:slabrelax.surface_energies')
        node.set_process_label('surface_energies')
        node.set_process_state(ProcessState.FINISHED)
        node.set_exit_status(410)
        node.store()
        outputs = {
            'surface_energies': energies.outputs.surface_energies,
            'refused': Dict({'label': 'reason'}),
            'terminations': Dict({}),
        }
        for name, output in outputs.items():
            output.store().base.links.add_incoming(node, LinkType.RETURN, name)
        node.seal()
        return node

    def make() -> Hostile:
        run, code = make_run()
        energies = phosphate_energies()
        # The figures of the page are those of the other energies.
        copper = copper_run()
        workflow = make_workflow(copper)
        _, durable = run_get_node(painted)
        assert durable.is_finished_ok
        (enum,) = (link.node for link in durable.base.links.get_incoming(EnumData))
        jsonable = JsonableData(Lattice.cubic(3.0)).store()

        def tamper(connection: Any) -> None:
            change = Tamper(connection)
            for old, new in PATHS.items():
                change.rename_links(old, new.format(folder=folder))
            change.set_columns(run, label=HOSTILE, description=HOSTILE)
            change.set_attributes(run, exit_message=HOSTILE, process_label='SlabRelaxWorkChain')
            change.set_attributes(workflow.outputs.refused, **{HOSTILE: HOSTILE})
            change.set_attributes(workflow, exit_message=HOSTILE)
            for child in run.called:
                change.set_columns(child, label=HOSTILE, process_type=f'{MODULE}.Workflow')
                change.set_attributes(child, exit_message=HOSTILE)
            for slab in run.inputs.slabs.values():
                change.set_columns(slab, description=HOSTILE)
            inputs = run.base.attributes.get('metadata_inputs')
            inputs['vasp']['calc']['metadata']['options']['prepend_text'] = shell_text(sentinel)
            change.set_attributes(run, metadata_inputs=inputs)
            change.replace_input(run, 'vasp__code', code)
            change.set_attributes(code, prepend_text=shell_text(sentinel))
            for node in (energies, copper, workflow):
                change.set_columns(node, label=HOSTILE, description=HOSTILE)
            change.set_columns(durable, process_type=f'{MODULE}.Workflow', label=HOSTILE)
            change.set_attributes(enum, identifier=f'{MODULE}:call', value=str(sentinel))
            change.set_attributes(jsonable, **{'@module': MODULE, '@class': 'Workflow'})

        nodes = [run, energies, workflow, durable, jsonable, code, copper]
        export_tampered(nodes, folder / 'hostile.aiida', tamper)
        uuids = [node.uuid for node in nodes]
        # What stays here is not replaced by what an archive brings.
        gone = [*nodes, enum, *run.inputs.slabs.values()]
        delete_nodes([node.pk for node in gone], dry_run=False)
        # The archive has nodes of this profile too, which the group would make imported ones.
        import_archive(folder / 'hostile.aiida', create_group=False)
        return Hostile(sentinel, folder, *(load_node(uuid) for uuid in uuids[:5]))

    return make


def assert_harmless(result: Result, statuses: tuple[int, ...] = (0, 2)) -> None:
    """No traceback, and nothing on the terminal that it would obey."""
    assert result.exit_code in statuses
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    for text in (result.stdout, result.stderr):
        assert [sign for sign in text if not sign.isprintable() and sign != '\n'] == []


def assert_no_markup(page: Path) -> None:
    """Nothing of the archive is markup in a page."""
    text = page.read_text('utf-8')
    assert '<script>document.title' not in text
    assert '<img src="http' not in text


COMMANDS: dict[str, tuple[str, ...]] = {
    'show': ('show', '{run}'),
    'show --json': ('show', '{run}', '--json'),
    'show --csv': ('show', '{run}', '--csv'),
    'report of a run': ('report', '{run}', '-o', '{work}/run.html'),
    'report of energies': ('report', '{energies}', '-o', '{work}/energies.html'),
    'report of a workflow': ('report', '{workflow}', '-o', '{work}/workflow.html'),
    'plot slabs': ('plot', 'slabs', '{run}', '-o', '{work}/slabs.png'),
    'plot relaxation': ('plot', 'relaxation', '{run}', '-o', '{work}/relaxation.svg'),
    'plot surface-energies': (
        *('plot', 'surface-energies', '{energies}', '-o', '{work}/gamma.png'),
        *('--element', 'O'),
    ),
    'plot stability': ('plot', 'stability', '{energies}', '-o', '{work}/stability.pdf'),
    'plot wulff': ('plot', 'wulff', '{energies}', '-o', '{work}/wulff.png'),
    'export initial': ('export', '{run}', '--what', 'initial', '-o', '{work}/slabs'),
    'export relaxed': ('export', '{run}', '--what', 'relaxed', '-o', '{work}/slabs', '--force'),
    'export one file': ('export', '{run}', '--one-file', '--format', 'extxyz', '-o', '{work}/one'),
    'export table': ('export', '{run}', '--what', 'table', '-o', '{work}/tables'),
    'export json': (
        *('export', '{run}', '--what', 'table', '--format', 'json', '-o', '{work}/tables'),
    ),
    'export table of energies': ('export', '{energies}', '--what', 'table', '-o', '{work}/e'),
    'export archive': ('export', '{run}', '--what', 'archive', '-o', '{work}/archives'),
    'retry --dry-run': ('retry', '{run}', '--dry-run'),
    'retry without a terminal': ('retry', '{run}'),
    'energies': ('energies', '{workflow}'),
    'converge': ('converge', '{workflow}', '--miller', '1', '0', '0'),
    'preview of a run': ('preview', '{run}', '--miller', '1', '0', '0'),
    'preview of a slab': ('preview', '{slab}', '--miller', '1', '0', '0'),
    'preview of something else': ('preview', '{jsonable}', '--miller', '1', '0', '0'),
    'show of something else': ('show', '{durable}'),
    'report of a durable workflow': ('report', '{durable}', '-o', '{work}/durable.html'),
    'reread': ('reread', '{run}'),
}


#: Those that write a page.
WITH_PAGE = ('report of a run', 'report of energies', 'report of a workflow')


@pytest.mark.parametrize('command', COMMANDS)
def test_a_command(invoke: Invoke, hostile: Hostile, work: Path, command: str) -> None:
    places = {
        'work': work,
        'run': hostile.run.pk,
        'energies': hostile.energies.pk,
        'workflow': hostile.workflow.pk,
        'durable': hostile.durable.pk,
        'jsonable': hostile.jsonable.pk,
        'slab': hostile.run.inputs.slabs.cu_3.pk,
    }
    words = [word.format(**places) for word in COMMANDS[command]]
    result = invoke(*words)
    assert_harmless(result)
    if command in WITH_PAGE:
        assert result.exit_code == 0
        assert_no_markup(Path(words[-1]))


def test_a_retry_shows_the_text_for_the_shell(invoke: Invoke, hostile: Hostile) -> None:
    result = invoke('retry', hostile.run.pk, '--dry-run')
    assert_harmless(result)
    text = f'touch {hostile.sentinel}\\x1b[1A\\x1b[2K\\r# module load vasp'
    assert f'calc.metadata.options.prepend_text = {text}' in result.stdout


def test_a_retry_without_a_terminal_is_refused(invoke: Invoke, hostile: Hostile) -> None:
    before = QueryBuilder().append(Node).count()
    result = invoke('retry', hostile.run.pk)
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f'Error: SlabRelaxWorkChain<{hostile.run.pk}> was imported')
    assert QueryBuilder().append(Node).count() == before


def test_a_retry_that_may_is_refused_for_the_names_of_its_slabs(
    invoke: Invoke, hostile: Hostile
) -> None:
    """They would be labels of links and jobs; the validators see the inputs of a retry too."""
    result = invoke('retry', hostile.run.pk, '--yes')
    assert_harmless(result, (2,))
    assert 'is no valid label' in result.stderr


@pytest.mark.parametrize('command', ['show', 'export'])
def test_a_spreadsheet_computes_nothing(
    invoke: Invoke, hostile: Hostile, work: Path, command: str
) -> None:
    if command == 'show':
        text = invoke('show', hostile.run.pk, '--csv').stdout
    else:
        invoke('export', hostile.run.pk, '--what', 'table', '-o', work / 'csv', '--force')
        text = (work / 'csv' / f'slabs_{hostile.run.pk}.csv').read_text('utf-8')
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert any('HYPERLINK' in cell for cell in cells)
    assert [cell for cell in cells if cell[:1] in ('=', '@', '\t', '\r')] == []


def test_a_replay_imports_no_module_that_the_archive_names(hostile: Hostile) -> None:
    with pytest.raises(ReplayError) as refusal:
        replay(hostile.durable)
    assert str(refusal.value).isprintable()


def test_a_replay_makes_no_member_of_what_the_archive_names(hostile: Hostile) -> None:
    with pytest.raises(ReplayError, match='is taken only where the annotation of the function'):
        replay(hostile.durable, painted)
