"""The process of a workflow: what it reports, what it runs again, what it keeps."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from aiida import orm
from aiida.cmdline.utils.common import get_workchain_report
from aiida.engine import calcfunction, run_get_node
from aiida.manage import get_manager

from aiida_slabrelax.durable import first, replay, submit, workflow
from aiida_slabrelax.durable.engine import SOURCE_ATTRIBUTE, work_chain
from durable import programs
from durable.crash import descendants

RUNS: Counter[str] = Counter()


@calcfunction
def in_vain(x: orm.Int) -> orm.Int | None:
    """Seem to have died before its output was stored, the first time."""
    RUNS['in_vain'] += 1
    return None if RUNS['in_vain'] == 1 else orm.Int(x.value + 1)


@calcfunction
def nothing(x: orm.Int) -> None:
    """Return nothing, every time."""
    RUNS['nothing'] += 1


@workflow
async def after_a_crash():
    return await submit(in_vain, orm.Int(1))


@workflow
async def of_nothing():
    return {'none': (await submit(nothing, orm.Int(1))) is None}


@workflow
async def leaves():
    await first(submit(programs.nap, 0.0), submit(programs.nap, 1.0))


@pytest.fixture(autouse=True)
def no_runs() -> None:
    RUNS.clear()


def test_a_calcfunction_that_ended_without_outputs_is_run_again() -> None:
    outputs, node = run_get_node(after_a_crash)
    assert RUNS['in_vain'] == 2
    assert outputs['result'].value == 2
    assert [child.exit_status for _, child in descendants(node)] == [0, 0]
    replay(node)


def test_a_calcfunction_that_returns_nothing_is_run_again_once() -> None:
    outputs, node = run_get_node(of_nothing)
    assert RUNS['nothing'] == 2
    assert outputs['none'].value is True
    replay(node)


def test_many_calls_are_warned_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_chain, 'MANY_STEPS', 2)
    _, node = run_get_node(programs.loop, {'n': orm.Int(4)})
    warning = (
        'warning: 2 calls so far, all of which are replayed after a restart; '
        'continue_as_new() begins an empty history'
    )
    assert get_workchain_report(node, 'REPORT').count('warning') == 1
    assert warning in get_workchain_report(node, 'REPORT')


@pytest.fixture(scope='module')
def two_calls() -> Any:
    """The outputs and the node of a workflow that makes two calls."""
    return run_get_node(programs.loop, {'n': orm.Int(2)})


def test_few_calls_are_not_warned_of(two_calls: Any) -> None:
    assert 'warning' not in get_workchain_report(two_calls.node, 'REPORT')


def test_children_that_are_left_are_reported() -> None:
    _, node = run_get_node(leaves)
    slow = max(child.pk or 0 for child in node.called)
    warning = f'warning: the workflow ends before its children: <call of nap<{slow}>>'
    assert warning in get_workchain_report(node, 'REPORT')


def test_the_hash_of_the_source_is_on_the_node(two_calls: Any) -> None:
    hashed = programs.loop.interface.source_hash()
    assert two_calls.node.base.attributes.get(SOURCE_ATTRIBUTE) == hashed


def test_computed_outputs_come_from_a_calcfunction_of_what_was_read(two_calls: Any) -> None:
    outputs, node = two_calls
    creator = outputs['x'].creator
    assert creator is not None
    assert creator.process_label == 'store_outputs'
    labels = {link.link_label for link in creator.base.links.get_incoming().all()}
    assert labels == {'input_n', 'double_0_result', 'double_1_result', 'store_outputs_2'}
    assert creator.caller is not None
    assert creator.caller.pk == node.pk


@pytest.mark.timeout(60)
def test_children_in_this_interpreter_are_not_polled() -> None:
    runner = get_manager().create_runner(communicator=None, poll_interval=3600)
    _, node = runner.run_get_node(programs.loop)
    assert node.exit_status == 0
