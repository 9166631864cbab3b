"""Calls that nobody awaits, or as if they were results; the order in which calls end."""

from __future__ import annotations

from typing import Any

import pytest
from aiida import orm
from aiida.cmdline.utils.common import get_workchain_report
from aiida.engine import run_get_node

from aiida_slabrelax.durable import (
    ChildFailed,
    ReplayError,
    as_completed,
    first,
    gather,
    publish,
    replay,
    sleep,
    status,
    submit,
    workflow,
)
from aiida_slabrelax.durable.engine import JOURNAL_EXTRA
from durable import programs


@workflow
async def in_order_of_ends() -> dict[str, Any]:
    waits = [sleep(0.6), sleep(0.0), sleep(0.3)]
    await sleep(1.0)
    return {'order': [waits.index(wait) for wait in as_completed(waits)]}


def test_what_is_done_comes_in_the_order_in_which_it_ended() -> None:
    outputs, node = run_get_node(in_order_of_ends)
    assert outputs['order'].get_list() == [1, 2, 0]
    replay(node)


def test_a_history_of_an_older_version_keeps_the_order_of_the_arguments() -> None:
    _, node = run_get_node(in_order_of_ends)
    text = node.base.extras.get(JOURNAL_EXTRA)
    node.base.extras.set(JOURNAL_EXTRA, text.replace(',"rules":1', ''))
    with pytest.raises(ReplayError, match='returns another order than before'):
        replay(node)


@workflow
async def unawaited(kind: str) -> dict[str, Any]:
    failing = submit(programs.fail, 1.0)
    if kind == 'call':
        await submit(programs.double, 1.0)
        await submit(programs.double, 1.0)
    elif kind == 'coroutine':
        task = gather([wrong()])
        await submit(programs.double, 1.0)
        assert task.done()
    elif kind == 'loser':
        await first(failing, sleep(0.0))
        await submit(programs.double, 1.0)
    if kind in ('coroutine', 'awaited'):
        with pytest.raises(ChildFailed):
            await failing
    return {'x': 1}


async def wrong() -> None:
    raise KeyError('gone')


@pytest.mark.parametrize(
    ('kind', 'status', 'message'),
    [
        ('call', 401, 'nobody awaited what failed: fail<'),
        ('coroutine', 401, "nobody awaited what failed: KeyError: 'gone'"),
        ('loser', 0, ''),
        ('awaited', 0, ''),
    ],
)
def test_an_error_that_nobody_awaits_is_told(kind: str, status: int, message: str) -> None:
    outputs, node = run_get_node(unawaited, kind=kind)
    assert node.exit_status == status, node.exit_message
    assert (node.exit_message or '').startswith(message)
    assert ('warning: nobody awaited' in get_workchain_report(node, 'REPORT')) is (status == 401)
    assert outputs['x'].value == 1
    replay(node)


@workflow
async def several_fail() -> None:
    await gather([submit(programs.fail, x) for x in (1.0, 2.0, 3.0)])


def test_all_failures_of_a_gather_are_told() -> None:
    _, node = run_get_node(several_fail)
    a, b, c = sorted(child.pk for child in node.called)
    assert node.exit_message == (
        f'fail<{a}> excepted: ValueError: not 1.0; also: fail<{b}> excepted: ValueError: not 2.0; '
        f'also: fail<{c}> excepted: ValueError: not 3.0'
    )
    replay(node)


@workflow
async def mistakes_for_results() -> dict[str, Any]:
    handle = submit(programs.double, 1.0)
    said = []
    for use in (bool, lambda it: it == 2.0, lambda it: 2.0 in [it], list):
        try:
            use(handle)
        except TypeError as error:
            said.append(str(error).partition('> ')[2])
    await handle
    return {'said': said}


def test_a_call_is_not_its_result() -> None:
    outputs, _ = run_get_node(mistakes_for_results)
    compared = 'is not a result, and cannot be compared with one: await it'
    assert outputs['said'].get_list() == [
        'is not a result, and neither true nor false: await it',
        compared,
        compared,
        'is not a result: await it',
    ]


@workflow
async def called_once() -> dict[str, Any]:
    return {'x': await submit(programs.double, 1.0)}


@workflow
async def misspelt() -> dict[str, Any]:
    return {'x': await submit(doubel, 1.0)}  # noqa: F821 # that is the bug


def test_a_mismatch_names_the_error_that_has_caused_it() -> None:
    _, node = run_get_node(called_once)
    with pytest.raises(ReplayError) as mismatch:
        replay(node, misspelt)
    line = misspelt.function.__code__.co_firstlineno + 2
    assert (
        "which it called before: it has raised NameError: name 'doubel' is not defined at "
        f'{__file__}:{line}. Mend the function'
    ) in str(mismatch.value)


@workflow
async def shows(node: orm.Int) -> dict[str, Any]:
    publish(best=1.5, pair=(1, 2), node=node)
    x = await submit(programs.double, 1.0)
    publish(best=x)
    return {'x': x}


def test_what_is_published_is_on_the_node() -> None:
    shown = orm.Int(3).store()
    _, node = run_get_node(shows, node=shown)
    found = status(node)
    assert found.published == {'best': 2.0, 'pair': (1, 2), 'node': shown}
    assert (found.state, found.calls, found.waits, found.line) == ('finished [0]', 1, (), '')
    replay(node)


@workflow
async def shows_wrongly() -> dict[str, str]:
    values: dict[str, Any] = {
        'handle': submit(programs.double, 1.0),
        'node': orm.Int(1),
        'object': object(),
    }
    said = {}
    for kind, value in values.items():
        try:
            publish(best=value)
        except TypeError as error:
            said[kind] = str(error)
    await values['handle']
    return said


@pytest.fixture(scope='module')
def shown_wrongly() -> Any:
    outputs, _ = run_get_node(shows_wrongly)
    return outputs


@pytest.mark.parametrize(
    ('kind', 'message'),
    [
        ('handle', 'publish(): best is <call of double<'),
        ('node', 'publish(): best is a node that is not stored: return it, or its value'),
        ('object', 'publish(): best cannot be kept: it holds a object'),
    ],
)
def test_what_cannot_be_published_is_refused(shown_wrongly: Any, kind: str, message: str) -> None:
    assert shown_wrongly[kind].value.startswith(message)
