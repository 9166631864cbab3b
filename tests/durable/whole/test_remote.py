"""Plain functions on another computer."""

from __future__ import annotations

import sys

import pytest
from aiida import orm
from aiida.engine import run_get_node, submit
from aiida.engine.daemon.client import DaemonClient

from aiida_slabrelax.durable import ReplayError, replay
from durable import remote_programs as programs
from process_tree import await_that


def assert_squares(node: orm.ProcessNode) -> None:
    assert node.exit_status == 0, (node.exit_message, node.exception)
    values = {name: node.outputs[name].value for name in ('x', 'y', 'total')}
    assert values == {'x': 16.0, 'y': 32.0, 'total': 5.0}
    jobs = [child for child in node.called if isinstance(child, orm.CalcJobNode)]
    assert [job.process_label for job in jobs] == ['square'] * 5
    assert {job.process_type for job in jobs} == {'aiida.calculations:pythonjob.pythonjob'}
    assert {job.get_option('max_wallclock_seconds') for job in jobs} == {60}
    replay(node)


def test_in_this_interpreter(python: orm.InstalledCode) -> None:
    _, node = run_get_node(programs.squares, place=python.full_label)
    assert_squares(node)


def test_through_a_daemon(python: orm.InstalledCode, started_daemon_client: DaemonClient) -> None:
    node = submit(programs.squares, place=python.full_label)
    await_that(lambda: bool(node.is_sealed))
    assert_squares(node)


def test_values_come_back_as_they_went(python: orm.InstalledCode) -> None:
    _, node = run_get_node(programs.echoed, code=python)
    there = [*programs.VALUES[:2], [1, [2.5, None]], *programs.VALUES[3:-1], 0.5]
    mapping = {'result': 2.5, 'exit_code': 3, 'none': None}
    assert node.outputs.back.value == repr([there, mapping])
    replay(node)


def test_structures_go_and_come_as_atoms(
    python: orm.InstalledCode, copper: orm.StructureData
) -> None:
    _, node = run_get_node(programs.stretched, place=python.full_label, structure=copper)
    assert node.outputs.n == 4
    assert node.outputs.volume.value == pytest.approx(8 * copper.get_cell_volume(), rel=1e-12)
    replay(node)


def test_a_failure_can_be_caught(python: orm.InstalledCode) -> None:
    _, node = run_get_node(programs.divided, place=python.full_label)
    assert node.outputs.status == 326
    assert 'float division by zero' in node.outputs.message.value
    replay(node)


def test_options_that_there_are_not(python: orm.InstalledCode) -> None:
    _, node = run_get_node(programs.refused, place=python.full_label)
    assert 'walltime' in node.outputs.message.value
    assert [link.link_label for link in node.base.links.get_outgoing(orm.ProcessNode)] == [
        'store_outputs_1'
    ]


def test_the_code_of_a_computer_is_made_once(localhost: orm.Computer) -> None:
    elsewhere = orm.Computer(
        'elsewhere', 'localhost', '', 'core.local', 'core.direct', localhost.get_workdir()
    ).store()
    elsewhere.set_minimum_job_poll_interval(0.0)
    elsewhere.configure(safe_interval=0.0, use_login_shell=False)
    for _ in range(2):
        _, node = run_get_node(programs.divided, place='elsewhere')
        assert node.outputs.status == 326
    query = orm.QueryBuilder().append(orm.Computer, filters={'id': elsewhere.pk}, tag='computer')
    query.append(orm.InstalledCode, with_computer='computer', project='*')
    assert [code.full_label for code in query.all(flat=True)] == ['python3@elsewhere']


def test_a_function_that_does_not_stand_by_itself(python: orm.InstalledCode) -> None:
    with pytest.raises(TypeError, match='triple uses FACTOR from outside itself'):
        run_get_node(programs.not_alone, place=python.full_label)


def test_another_function_does_not_agree(python: orm.InstalledCode) -> None:
    _, node = run_get_node(programs.divided, place=python.full_label)
    with pytest.raises(ReplayError, match=r'calls echo with .* where divide<\d+> was called'):
        replay(node, programs.renamed)


def test_without_aiida_pythonjob(
    python: orm.InstalledCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, 'aiida_pythonjob', None)
    with pytest.raises(ImportError, match=r"pip install 'aiida-slabrelax\[pythonjob\]'"):
        run_get_node(programs.divided, place=python.full_label)
