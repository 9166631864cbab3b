"""``aiida-slabrelax retry`` on runs built by hand: what would be run, and what is refused."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
from aiida.manage import Profile
from aiida.orm import Int, Node, QueryBuilder, WorkChainNode, load_node
from aiida.tools import delete_nodes
from aiida.tools.archive import create_archive, import_archive
from click.testing import Result
from plumpy import ProcessState

from aiida_slabrelax.cli import cli
from aiida_slabrelax.cli.runs.submission import no_other_retry
from aiida_slabrelax.workflows import SlabRelaxWorkChain
from sample_structures import copper_slab, copper_slabs

Invoke = Callable[..., Result]
Fixture = Callable[..., Any]

VALID = 'All inputs are valid; nothing was stored.'


@pytest.fixture
def process(instantiate: Fixture) -> Any:
    """A run of two slabs, of which none has been submitted."""
    return instantiate(slabs=copper_slabs(3, 4))


@pytest.fixture(scope='module')
def failed_run(
    instantiate_for_all: Fixture,
    relax: Fixture,
    end_relaxation: Fixture,
    end_calculation: Fixture,
    end_run: Fixture,
    tmp_path_factory: pytest.TempPathFactory,
) -> WorkChainNode:
    """One slab has relaxed; of three failed ones a folder, a geometry and nothing are left."""
    process = instantiate_for_all(slabs=copper_slabs(3, 4, 5, 6))
    folder = tmp_path_factory.mktemp('calculation')
    (folder / 'WAVECAR').write_text('orbitals')
    relax(process, 'cu_3')
    for label, left in (
        ('cu_4', {'structure': copper_slab(4), 'remote_path': str(folder)}),
        ('cu_5', {'structure': copper_slab(5)}),
        ('cu_6', {}),
    ):
        end_calculation(end_relaxation(process, label, exit_status=401), exit_status=702, **left)
    run: WorkChainNode = end_run(process)
    return run


@pytest.fixture
def dry_run(invoke: Invoke) -> Invoke:
    """Return a function that retries a run, never to submit anything; nothing may be stored."""

    def run(node: Node, *arguments: object) -> Result:
        before = QueryBuilder().append(Node).count()
        result = invoke('retry', node.pk, '--dry-run', *arguments)
        assert QueryBuilder().append(Node).count() == before
        return result

    return run


def write(folder: Path, text: str) -> Path:
    path = folder / 'overrides.yaml'
    path.write_text(text)
    return path


def assert_refused(result: Result, message: str) -> None:
    """One line that says why, a status that is not 0, and no traceback."""
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert result.stderr == f'Error: {message}\n'
    assert result.stdout == ''


def test_a_dry_run_says_what_would_be_run(dry_run: Invoke, failed_run: WorkChainNode) -> None:
    result = dry_run(failed_run)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        'cu_3: taken over',
        'cu_4: run again from its last geometry and folder',
        'cu_5: run again from its last geometry',
        'cu_6: run again from the start',
        VALID,
    ]


def test_only_some(dry_run: Invoke, failed_run: WorkChainNode) -> None:
    result = dry_run(failed_run, '--only', 'cu_6', '--only', 'cu_5')
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        'cu_3: taken over',
        'cu_5: run again from its last geometry',
        'cu_6: run again from the start',
        VALID,
    ]


def test_a_run_that_was_killed(dry_run: Invoke, process: Any, end_run: Fixture) -> None:
    result = dry_run(end_run(process, ProcessState.KILLED))
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        *(f'cu_{layers}: run again from the start' for layers in (3, 4)),
        VALID,
    ]


def test_a_run_that_ended_before_its_slabs_were_cut(
    dry_run: Invoke, instantiate: Fixture, end_run: Fixture
) -> None:
    result = dry_run(end_run(instantiate(), ProcessState.EXCEPTED))
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        'The run ended before its slabs were cut: it starts from the beginning.',
        VALID,
    ]


def test_overrides(dry_run: Invoke, failed_run: WorkChainNode, tmp_path: Path) -> None:
    path = write(tmp_path, 'vasp: {parameters: {incar: {ALGO: all}}, kpoints: [4, 4, 1]}')
    result = dry_run(failed_run, '--overrides', path)
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith(f'{VALID}\n')


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        (
            'vasp: {max_iteration: 2}',
            "`vasp` has no port 'max_iteration'; the nearest is 'max_iterations'",
        ),
        ('vasp: {structure: 3}', '`structure` cannot be overridden'),
        ('vasp: {max_iterations: two}', "`max_iterations` must be a int, got 'two'"),
        (
            'vasp: {parameters: {incar: {isif: 3}}}',
            "Error occurred validating port 'inputs.vasp': `parameters`: ISIF = 3 changes the "
            'cell, and the vacuum of the slab with it; ISIF must be 2 (or absent)',
        ),
    ],
)
def test_bad_overrides(
    dry_run: Invoke, failed_run: WorkChainNode, tmp_path: Path, text: str, message: str
) -> None:
    assert_refused(dry_run(failed_run, '--overrides', write(tmp_path, text)), message)


def test_overrides_that_cannot_be_read(dry_run: Invoke, failed_run: WorkChainNode) -> None:
    result = dry_run(failed_run, '--overrides', 'nothing.yaml')
    assert result.exit_code == 2
    assert result.stderr.startswith('Error: nothing.yaml cannot be read: ')
    assert result.stderr.count('\n') == 1


def test_only_an_unknown_slab(dry_run: Invoke, failed_run: WorkChainNode) -> None:
    assert_refused(
        dry_run(failed_run, '--only', 'cu_9'),
        f'cu_9 cannot be run again; the slabs of SlabRelaxWorkChain<{failed_run.pk}> that have not '
        'relaxed are: cu_4, cu_5, cu_6',
    )


def test_an_active_run(dry_run: Invoke, process: Any) -> None:
    process.node.set_process_state(ProcessState.WAITING)
    assert_refused(
        dry_run(process.node),
        f'SlabRelaxWorkChain<{process.node.pk}> has not ended, it is waiting',
    )


def test_a_run_that_succeeded(
    dry_run: Invoke, process: Any, relax: Fixture, end_run: Fixture
) -> None:
    for label in process.inputs.slabs:
        relax(process, label)
    node = end_run(process)
    assert_refused(
        dry_run(node),
        f'all 2 slabs of SlabRelaxWorkChain<{node.pk}> have relaxed: there is nothing to run again',
    )


def test_something_else(dry_run: Invoke) -> None:
    node = Int(3).store()
    assert_refused(dry_run(node), f'node {node.pk} is a Int, not a SlabRelaxWorkChain')


def test_a_run_that_was_deleted(invoke: Invoke, process: Any, end_run: Fixture) -> None:
    pk = end_run(process).pk
    delete_nodes([pk], dry_run=False)
    result = invoke('retry', pk, '--dry-run')
    assert result.exit_code == 2
    assert result.stderr.startswith(f'Error: {pk}: ')
    assert result.stderr.count('\n') == 1


@pytest.mark.usefixtures('no_daemon')
def test_without_a_daemon_nothing_is_submitted(invoke: Invoke, failed_run: WorkChainNode) -> None:
    before = QueryBuilder().append(Node).count()
    result = invoke('retry', failed_run.pk)
    assert result.exit_code == 2
    assert result.stderr == 'Error: the daemon is not running: `verdi daemon start` starts it\n'
    assert QueryBuilder().append(Node).count() == before


@pytest.fixture(scope='module')
def imported(
    instantiate_for_all: Fixture, end_run: Fixture, tmp_path_factory: pytest.TempPathFactory
) -> WorkChainNode:
    """A killed run that has come in an archive, with a text for the shell; nothing retries it."""
    run = end_run(instantiate_for_all(slabs=copper_slabs(3)), ProcessState.KILLED)
    path, uuid = tmp_path_factory.mktemp('archive') / 'run.aiida', run.uuid
    create_archive([run], filename=path)
    delete_nodes([run.pk], dry_run=False)
    import_archive(path, create_group=False)
    node = load_node(uuid)
    assert isinstance(node, WorkChainNode)
    return node


def stored() -> int:
    return QueryBuilder().append(Node).count()


def test_a_dry_run_shows_what_an_imported_run_would_execute(
    dry_run: Invoke, imported: WorkChainNode
) -> None:
    result = dry_run(imported)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f'SlabRelaxWorkChain<{imported.pk}> was imported')
    assert lines[0].endswith('. It would execute:')
    assert '  computer.transport = core.local' in lines
    assert '  calc.metadata.options.resources.num_machines = 1' in lines
    assert lines[-1] == VALID


def test_nothing_of_an_imported_run_is_executed_without_a_terminal(
    invoke: Invoke, imported: WorkChainNode
) -> None:
    before = stored()
    result = invoke('retry', imported.pk)
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f'Error: SlabRelaxWorkChain<{imported.pk}> was imported')
    assert line.endswith(': --dry-run shows what it would execute, --yes allows it')
    assert result.stdout == ''
    assert stored() == before


@contextmanager
def terminal(answer: bytes) -> Iterator[int]:
    """Yield a real terminal at which somebody has answered."""
    user, program = pty.openpty()
    try:
        os.write(user, answer)
        yield program
    finally:
        os.close(user)
        os.close(program)


@pytest.mark.usefixtures('no_daemon')
def test_the_question(imported: WorkChainNode, aiida_profile: Profile) -> None:
    before = stored()
    command = ['aiida-slabrelax', 'retry', str(imported.pk), '-p', aiida_profile.name]
    with terminal(b'y\n') as stdin:
        result = subprocess.run(command, stdin=stdin, capture_output=True, text=True)
    assert result.returncode == 2
    assert 'Execute this? [y/N]: ' in result.stdout
    assert result.stderr.splitlines()[-1] == (
        'Error: the daemon is not running: `verdi daemon start` starts it'
    )
    assert stored() == before


@pytest.mark.parametrize('answer', [b'n\n', b'\n'])
def test_the_question_is_not_answered_with_yes(
    imported: WorkChainNode,
    answer: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = stored()
    with terminal(answer) as number, open(number, closefd=False) as stdin:
        monkeypatch.setattr(sys, 'stdin', stdin)
        with pytest.raises(SystemExit) as ended:
            cli(['retry', str(imported.pk)])
    printed = capsys.readouterr()
    assert ended.value.code == 1
    assert 'Execute this? [y/N]: ' in printed.out
    assert printed.err.splitlines()[-1] == 'Error: nothing was submitted'
    assert stored() == before


@pytest.mark.usefixtures('no_daemon')
def test_yes_needs_no_terminal(invoke: Invoke, imported: WorkChainNode) -> None:
    result = invoke('retry', imported.pk, '--yes')
    assert 'It would execute:' in result.stdout
    assert result.stderr == 'Error: the daemon is not running: `verdi daemon start` starts it\n'


def test_two_commands_at_once(process: Any, end_run: Fixture, start_process: Fixture) -> None:
    """The second waits for the first, and is refused by its name."""
    run = end_run(process, ProcessState.KILLED)
    first, second = (SlabRelaxWorkChain.get_builder_retry(run) for _ in range(2))
    refusals: list[str] = []

    def retry_too() -> None:
        try:
            with no_other_retry(second):
                refusals.append('it went on')
        except click.ClickException as error:
            refusals.append(error.message)

    with ThreadPoolExecutor(1) as pool:
        with no_other_retry(first):
            waiting = pool.submit(retry_too)
            node = start_process(first).node
        waiting.result()
    assert refusals == [
        f'the run was retried before: SlabRelaxWorkChain<{node.pk}> already runs the same slabs '
        'again'
    ]
