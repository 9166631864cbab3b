"""Durable workflows under verdi, in scripts and in notebooks."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiida import orm
from aiida.cmdline.commands.cmd_verdi import verdi
from aiida.common import log
from aiida.engine import run_get_node, submit
from aiida.engine.daemon.client import DaemonClient
from click.testing import CliRunner

from aiida_slabrelax.durable import replay, status
from durable.verdi_programs import empty, gated, sleepers
from process_tree import await_that

DEFINITION = """
from aiida.engine import run_get_node, submit
from aiida_slabrelax.durable import submit as call, workflow
from durable.programs import add

def double(x: float) -> float:
    return 2 * x

@workflow
async def here(n: int = 2):
    x = 1.0
    for _ in range(n):
        x = await call(double, x)
    return {'x': add(x, x)}
"""

RUN = """
results, node = run_get_node(here, n=2)
print('RESULT', node.pk, node.exit_status, results['x'].value)
"""

SUBMIT = """
from aiida import orm
before = orm.QueryBuilder().append(orm.Node).count()
try:
    submit(here)
except ImportError as error:
    print('RESULT', type(error).__name__, error)
print('STORED', orm.QueryBuilder().append(orm.Node).count() - before)
"""

#: A kernel runs its cells while its event loop runs; in that of Jupyter ``load_profile`` sees to it
#: that each cell begins with ``ensure_portal``.
KERNEL = """
import asyncio, json, sys
from IPython.core.interactiveshell import InteractiveShell
from plumpy import ensure_portal

async def run_cells(cells):
    shell = InteractiveShell.instance()
    await ensure_portal()
    for cell in cells:
        transformed = shell.transform_cell(cell)
        result = await shell.run_cell_async(cell, store_history=False, transformed_cell=transformed)
        result.raise_error()

asyncio.run(run_cells(json.loads(sys.argv[1])))
"""


@pytest.fixture
def call_verdi(
    started_daemon_client: DaemonClient, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., str]]:
    """Return a function that runs a command and returns what it prints."""
    profile = started_daemon_client.profile.name

    def call(*arguments: object) -> str:
        result = CliRunner().invoke(verdi, ['-p', profile, *map(str, arguments)])
        assert result.exit_code == 0, result.output
        return result.output

    # verdi logs to the terminal from then on, and no longer to the database.
    monkeypatch.setattr(log, 'CLI_ACTIVE', None)
    yield call
    monkeypatch.undo()
    log.configure_logging(with_orm=True)


@pytest.fixture
def run_python(daemon_client: DaemonClient, tmp_path: Path) -> Callable[..., str]:
    """Return a function that runs a program and returns what it prints."""

    def run(*command: object) -> str:
        done = subprocess.run(
            list(map(str, command)),
            env={**daemon_client.get_env(), 'IPYTHONDIR': str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture
def run_script(
    daemon_client: DaemonClient, run_python: Callable[..., str], tmp_path: Path
) -> Callable[[str], str]:
    """Return a function that runs a script with ``verdi run``."""

    def run(text: str) -> str:
        script = tmp_path / 'script.py'
        script.write_text(text)
        program = Path(sys.executable).parent / 'verdi'
        return run_python(program, '-p', daemon_client.profile.name, 'run', script)

    return run


@pytest.fixture
def run_notebook(daemon_client: DaemonClient, run_python: Callable[..., str]) -> Callable[..., str]:
    """Return a function that runs cells in a kernel."""
    load = f'from aiida import load_profile\nprofile = load_profile({daemon_client.profile.name!r})'

    def run(*cells: str) -> str:
        return run_python(sys.executable, '-c', KERNEL, json.dumps([load, *cells]))

    return run


def assert_ran(printed: str) -> None:
    word, pk, status, value = printed.split()
    assert (word, status, value) == ('RESULT', '0', '8.0')
    node = orm.load_node(int(pk))
    assert (node.process_label, node.process_type) == ('here', '__main__.here')
    assert node.is_sealed


def assert_refused(printed: str) -> None:
    assert printed.startswith('RESULT NotImportableError here cannot be imported by the daemon')
    assert 'Either move it into a module that the daemon can import' in printed
    assert 'or run it here with aiida.engine.run' in printed
    assert printed.endswith('STORED 0\n')


def test_a_script_runs_its_own_workflow(run_script: Callable[[str], str]) -> None:
    assert_ran(run_script(DEFINITION + RUN))


@pytest.mark.usefixtures('started_daemon_client')
def test_a_script_cannot_submit_its_own_workflow(run_script: Callable[[str], str]) -> None:
    assert_refused(run_script(DEFINITION + SUBMIT))


def test_a_notebook_runs_its_own_workflow(run_notebook: Callable[..., str]) -> None:
    assert_ran(run_notebook(DEFINITION, RUN))


@pytest.mark.usefixtures('started_daemon_client')
def test_a_notebook_cannot_submit_its_own_workflow(run_notebook: Callable[..., str]) -> None:
    assert_refused(run_notebook(DEFINITION, SUBMIT))


def test_what_verdi_shows_of_a_workflow(call_verdi: Callable[..., str], tmp_path: Path) -> None:
    node = submit(gated, folder=str(tmp_path), n=2)
    (tmp_path / '0').touch()
    await_that(lambda: len(node.called) == 2)
    first, second = sorted(child.pk for child in node.called)
    await_that(lambda: f'{second} at ' in (node.process_status or ''))
    shown = node.process_status
    line = gated.function.__code__.co_firstlineno + 6
    place = f'verdi_programs.py:{line}'
    assert shown == f'Waiting for child processes: {second} at {place} (1 calls done)'
    await_that(lambda: status(node).state == 'waiting')  # a moment after it has said so
    found = status(node)
    assert (found.state, found.line, found.calls) == ('waiting', place, 2)
    assert [wait.what.partition(' ')[0] for wait in found.waits] == [f'await_file<{second}>']
    listed = call_verdi('process', 'list', '-r', '-P', 'pk', 'process_label', 'process_status')
    assert f'{node.pk} gated {shown}' in [' '.join(line.split()) for line in listed.splitlines()]
    await_that(lambda: 'Running' in call_verdi('process', 'status', second))
    assert call_verdi('process', 'status', node.pk).splitlines() == [
        f'gated<{node.pk}> Waiting [run_function]',
        f'    ├── await_file<{first}> Finished [0]',
        f'    └── await_file<{second}> Running',
    ]
    rows = [line.split() for line in call_verdi('process', 'show', node.pk).splitlines()]
    assert ['await_file_0', str(first), 'await_file'] in rows
    assert ['await_file_1', str(second), 'await_file'] in rows
    (tmp_path / '1').touch()
    await_that(lambda: bool(node.is_sealed))
    lines = call_verdi('process', 'report', node.pk).splitlines()
    assert [line.split(': ', 1)[1] for line in lines] == [
        f'[{node.pk}|gated|report]: round 0',
        f'[{node.pk}|gated|report]: round 1',
    ]
    assert node.process_status is None
    called = [child.process_label for child in node.called]
    assert called == ['await_file', 'await_file', 'store_outputs']


def test_a_paused_workflow_calls_nothing(call_verdi: Callable[..., str], tmp_path: Path) -> None:
    node = submit(gated, folder=str(tmp_path))
    await_that(lambda: len(node.called) == 1)
    call_verdi('process', 'pause', node.pk)
    assert node.paused
    for name in '012':
        (tmp_path / name).touch()
    await_that(lambda: node.called[0].is_finished_ok)
    time.sleep(5)  # s; in less than one the next would have been called
    assert len(node.called) == 1
    call_verdi('process', 'play', node.pk)
    await_that(lambda: bool(node.is_sealed))
    assert node.outputs.names.get_list() == ['0', '1', '2']
    labels = [link.link_label for link in node.base.links.get_outgoing(orm.ProcessNode)]
    assert sorted(labels) == ['await_file_0', 'await_file_1', 'await_file_2', 'store_outputs_3']
    replay(node)


def test_children_are_killed_with_their_workflow(call_verdi: Callable[..., str]) -> None:
    node = submit(sleepers)
    await_that(
        lambda: (
            [str(child.process_status).partition(' at ')[0] for child in node.called]
            == ['Waiting for a time'] * 2
        )
    )
    call_verdi('process', 'kill', node.pk)
    await_that(lambda: all(process.is_sealed for process in (node, *node.called)))
    assert node.is_killed
    assert [child.is_killed for child in node.called] == [True, True]
    assert [child.process_status for child in node.called] == [f'Killed by parent<{node.pk}>'] * 2


def test_an_output_without_anything_in_it_is_none() -> None:
    results, node = run_get_node(empty)
    assert results == {'something': 1}
    replay(node)
