"""Durable workflows where classic work chains are used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiida import orm
from aiida.cmdline.utils.common import print_process_info
from aiida.engine import run, run_get_node, run_get_pk, submit
from aiida.engine.daemon.client import DaemonClient
from aiida.manage.caching import enable_caching
from aiida.plugins import WorkflowFactory
from aiida.plugins.entry_point import get_entry_point_names

from aiida_slabrelax.durable import replay
from durable.embedding import INNER, Classic, as_nodes, forgetful, outermost, shifted_twice
from durable.programs import directly, loop
from process_tree import await_that


def count_processes() -> int:
    return orm.QueryBuilder().append(orm.ProcessNode).count()


def assert_embedded(node: orm.ProcessNode) -> None:
    assert node.exit_status == 0, (node.exit_message, node.exception)
    assert node.outputs.total == 5.0
    assert node.outputs.inner.shifted == 5.0
    assert node.outputs.inner.parts.by == 4.0
    assert node.outputs.inner.parts.doubled == 10.0
    assert [child.process_label for child in node.called] == ['shifted_twice']
    replay(node.called[0])


def test_in_a_classic_work_chain() -> None:
    _, node = run_get_node(Classic, **as_nodes(INNER))
    assert_embedded(node)


def test_in_a_classic_work_chain_through_a_daemon(started_daemon_client: DaemonClient) -> None:
    node = submit(Classic, **as_nodes(INNER))
    await_that(lambda: bool(node.is_sealed))
    assert_embedded(node)


def test_a_workflow_in_a_workflow_passes_its_outputs_on() -> None:
    results, node = run_get_node(outermost)
    inner = next(child for child in node.called if child.label == 'inner')
    assert results['shifted'].uuid == inner.outputs.shifted.uuid
    assert results['parts']['doubled'].uuid == inner.outputs.parts.doubled.uuid
    assert (results['shifted'], results['parts']['doubled'], results['looped']) == (3.0, 6.0, 2.0)
    replay(node)


def test_a_builder() -> None:
    builder = shifted_twice.get_builder()
    builder.x = orm.Float(3.0)
    builder.metadata.label = 'a label'
    _, node = run_get_node(builder)
    assert node.outputs.shifted == 3.5
    assert node.label == 'a label'


def test_a_builder_takes_plain_values() -> None:
    builder = shifted_twice.get_builder()
    builder.x = 3.0
    builder.extra = 2
    _, node = run_get_node(builder)
    assert (node.inputs.x, node.inputs.extra) == (3.0, 2)


def test_label_and_description() -> None:
    metadata = {'label': 'first', 'description': 'try of many'}
    _, node = run_get_node(loop, n=0, metadata=metadata)
    assert (node.label, node.description) == ('first', 'try of many')


def test_an_entry_point(entry_points: Any) -> None:
    entry_points.add(shifted_twice, 'aiida.workflows:test.shifted_twice')
    assert 'test.shifted_twice' in get_entry_point_names('aiida.workflows')
    process_class = WorkflowFactory('test.shifted_twice')
    assert process_class is shifted_twice
    _, node = run_get_node(process_class, x=1.0)
    assert node.process_class is shifted_twice


def test_the_description() -> None:
    description = shifted_twice.get_description()
    assert description['description'].startswith('Shift a number and double it.')
    inputs = description['spec']['inputs']
    assert inputs['_attrs']['help'] == 'Shift a number and double it.'
    told = {name: (inputs[name].get('help'), inputs[name]['required']) for name in ('x', 'by')}
    assert told == {'x': ('the number.', 'True'), 'by': ('how far.', 'False')}


def test_outputs_are_ports_if_their_types_are_given() -> None:
    outputs = shifted_twice.spec().outputs
    required = {name: port.required for name, port in outputs.items()}
    assert required == {'shifted': True, 'parts': True, 'steps': False, 'kind': False}
    assert outputs['parts']['doubled'].valid_type == (orm.Float, orm.Int)
    assert outputs['kind'].valid_type == (orm.Str,)


def test_an_output_that_was_promised_is_missed() -> None:
    _, node = run_get_node(forgetful)
    assert (node.exit_status, node.exit_message) == (
        11,
        'The process did not register a required output.',
    )


def test_what_verdi_plugin_list_prints(capsys: pytest.CaptureFixture[str]) -> None:
    print_process_info(shifted_twice)
    printed = capsys.readouterr().out
    for words in (
        'Shift a number and double it.',
        'the number.',
        'Float, Int',
        'shifted',
        'parts',
    ):
        assert words in printed


@pytest.mark.usefixtures('started_daemon_client')
@pytest.mark.parametrize(
    ('inputs', 'message'),
    [
        ({}, 'x'),
        ({'x': 'one'}, 'x'),
        ({'x': 1.0, 'y': 2.0}, 'y'),
        ({'x': 1.0, 'by': orm.Str}, 'by'),
    ],
)
def test_wrong_inputs_are_refused_before_anything_is_stored(
    inputs: dict[str, Any], message: str
) -> None:
    inputs = {key: value('far') if value is orm.Str else value for key, value in inputs.items()}
    before = count_processes()
    with pytest.raises(ValueError, match=message):
        run(shifted_twice, **inputs)
    with pytest.raises(ValueError, match=message):
        submit(shifted_twice, **inputs)
    assert count_processes() == before


def test_all_ways_to_run() -> None:
    assert run(loop, n=1) == {'x': 2.0}
    results, node = run_get_node(loop, n=1)
    assert (results, node.outputs.x) == ({'x': 2.0}, 2.0)
    results, pk = run_get_pk(loop, n=1)
    assert (results, orm.load_node(pk).outputs.x) == ({'x': 2.0}, 2.0)


def test_calling_a_workflow_like_a_function_tells_what_to_do() -> None:
    with pytest.raises(TypeError, match=r'await submit\(loop, …\) in another one, or run it with'):
        loop(3)


def test_children_can_be_cached() -> None:
    with enable_caching():
        first, second = (run_get_node(outermost, x=7.25)[1] for _ in range(2))
    assert second.outputs.shifted == 9.25
    assert second.outputs.parts.doubled == first.outputs.parts.doubled
    cached = [
        child for child in second.called_descendants if child.base.caching.is_created_from_cache
    ]
    assert 'double' in {child.process_label for child in cached}
    replay(second)


def test_calcfunctions_called_directly_can_be_cached() -> None:
    with enable_caching():
        _, first = run_get_node(directly, n=2)
        _, second = run_get_node(directly, n=2)
    assert (second.outputs.x, second.outputs.y) == (first.outputs.x, first.outputs.y)
    added = [child for child in second.called if child.process_label == 'add']
    assert [child.base.caching.is_created_from_cache for child in added] == [True] * 3
    replay(second)


#: Runs three processes; to be run in a profile of its own.
WITHOUT_BROKER = """
from aiida.engine import run_get_node
from aiida.manage import get_manager
from aiida.orm import Float
from durable.embedding import INNER, Classic, Shift, as_nodes, outermost

print(get_manager().get_profile().process_control_backend)
for process_class, inputs in (
    (outermost, {'x': Float(1.0)}),
    (Classic, as_nodes(INNER)),
    (Shift, {'x': Float(1.0)}),
):
    _, node = run_get_node(process_class, **inputs)
    print(node.process_label, node.exit_status)
"""


def test_without_a_broker(tmp_path: Path) -> None:
    """In a process of its own: another profile here would close the storage under all nodes."""
    verdi = Path(sys.executable).parent / 'verdi'
    user = ('--email', 'a@localhost', '--first-name', 'A', '--last-name', 'B', '--institution', 'C')

    def run_verdi(*arguments: object) -> str:
        done = subprocess.run(
            [verdi, *map(str, arguments)],
            env={**os.environ, 'AIIDA_PATH': str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    profile = ('--profile-name', 'plain', *user, '--broker', 'none')
    run_verdi('profile', 'setup', 'core.sqlite_dos', '--non-interactive', *profile)
    run_verdi('config', 'set', 'runner.poll.interval', 1)  # after a minute, unless it is told to
    script = tmp_path / 'script.py'
    script.write_text(WITHOUT_BROKER)
    ended = ['None', 'outermost 0', 'Classic 0', 'Shift 0']
    assert run_verdi('run', script).splitlines() == ended
