"""The check of a function against the provenance of its workflow."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from aiida import orm
from aiida.engine import ExitCode, run_get_node
from plumpy import ProcessState

from aiida_slabrelax.durable import (
    ReplayError,
    continue_as_new,
    gather,
    now,
    replay,
    side_effect,
    sleep,
    submit,
    workflow,
)
from aiida_slabrelax.durable.engine import CHECKPOINT_KEY, JOURNAL_EXTRA
from durable import programs


def double_it(x: float) -> float:
    return 2 * x


def double_all(x: float) -> float:
    return 2 * x


def triple(x: float) -> float:
    return 3 * x


@workflow
async def original() -> dict[str, Any]:
    first = await submit(double_it, 1.0)
    return {'x': await submit(triple, first)}


@workflow(exit_codes={'ERROR_HALF': (420, 'half of it')})
async def half_of_it() -> Any:
    return {'x': await submit(double_it, 1.0)}, ExitCode(420, 'half of it')


@workflow
async def all_of_it() -> Any:
    return {'x': await submit(double_it, 1.0)}


@workflow
async def another_callee() -> dict[str, Any]:
    first = await submit(double_all, 1.0)
    return {'x': await submit(triple, first)}


@workflow
async def other_inputs() -> dict[str, Any]:
    first = await submit(double_it, 1.5)
    return {'x': await submit(triple, first)}


@workflow
async def extra_call() -> dict[str, Any]:
    first = await submit(double_it, 1.0)
    second = await submit(triple, first)
    await submit(double_it, 3.0)
    return {'x': second}


@workflow
async def missing_call() -> dict[str, Any]:
    return {'x': 3 * await submit(double_it, 1.0)}


@workflow
async def no_call() -> dict[str, Any]:
    return {'x': 6.0}


@workflow
async def other_order() -> dict[str, Any]:
    second = await submit(triple, 2.0)
    await submit(double_it, 1.0)
    return {'x': second}


@workflow
async def other_value() -> dict[str, Any]:
    first = await submit(double_it, 1.0)
    return {'x': 1 + await submit(triple, first)}


@workflow
async def other_name() -> dict[str, Any]:
    first = await submit(double_it, 1.0)
    return {'y': await submit(triple, first)}


@workflow
async def raises() -> None:
    first = await submit(double_it, 1.0)
    await submit(triple, first)
    raise RuntimeError('at the end')


@workflow
async def silent() -> None:
    await submit(double_it, 1.0)


@workflow
async def waits_longer() -> None:
    await submit(double_it, 1.0)
    await sleep(1)


@workflow
async def value_before_call() -> dict[str, Any]:
    now()
    first = await submit(double_it, 1.0)
    return {'x': await submit(triple, first)}


@workflow
async def at_once() -> dict[str, Any]:
    """The second call does not wait for the first."""
    _, second = await gather([submit(double_it, 1.0), submit(triple, 2.0)])
    return {'x': second}


@pytest.fixture(scope='module')
def node() -> orm.ProcessNode:
    _, node = run_get_node(original)
    return node


def replayed(node: orm.ProcessNode, changed: Any) -> str:
    with pytest.raises(ReplayError) as differs:
        replay(node, changed)
    return str(differs.value)


def test_a_workflow_agrees_with_itself(node: orm.ProcessNode) -> None:
    replay(node)


def test_nothing_is_stored(node: orm.ProcessNode) -> None:
    before = orm.QueryBuilder().append(orm.Node).count()
    replay(node)
    with pytest.raises(ReplayError):
        replay(node, extra_call)
    assert orm.QueryBuilder().append(orm.Node).count() == before


def line_of(changed: Any, text: str) -> str:
    """Return the place at which a call of a function stands, as messages tell it."""
    lines = Path(__file__).read_text().splitlines()
    first = changed.function.__code__.co_firstlineno
    number = next(i for i, one in enumerate(lines[first:], first + 1) if text in one)
    return f'{__file__}:{number}:'


@pytest.mark.parametrize(
    ('changed', 'text', 'message'),
    [
        (
            another_callee,
            'double_all',
            'the function calls double_all ({module}:double_all) where double_it<{0}> '
            '({module}:double_it) was called',
        ),
        (
            other_inputs,
            '1.5',
            'the function calls double_it with x = 1.5 where double_it<{0}> was called with 1.0',
        ),
        (
            other_order,
            'triple',
            'the function calls triple ({module}:triple) where double_it<{0}> '
            '({module}:double_it) was called',
        ),
        (value_before_call, 'now()', 'the function calls now() where double_it<{0}> was called'),
    ],
)
def test_a_changed_call_is_reported(
    node: orm.ProcessNode, changed: Any, text: str, message: str
) -> None:
    pk = sorted(child.pk for child in node.called)[0]
    told = replayed(node, changed)
    expected = message.format(pk, module=__name__)
    assert told.startswith(f'{line_of(changed, text)} {expected}')


def test_an_additional_call_is_reported(node: orm.ProcessNode) -> None:
    assert 'the function calls double_it' in replayed(node, extra_call)


@pytest.mark.parametrize(('changed', 'index'), [(missing_call, 1), (no_call, 0)])
def test_a_missing_call_is_reported(node: orm.ProcessNode, changed: Any, index: int) -> None:
    child = sorted(node.called, key=lambda child: child.pk)[index]
    assert replayed(node, changed).startswith(
        'At its end the function ends without having called '
        f'{child.process_label}<{child.pk}>, which it called before. Mend the function'
    )


def test_another_value_is_reported(node: orm.ProcessNode) -> None:
    assert replayed(node, other_value) == 'the function returns another x than before'


@workflow
def stores_itself(x: orm.Float, y: orm.Float) -> dict[str, Any]:
    return {'s': orm.Float(6.0).store(), 'given': x}


@workflow
def returns_the_other(x: orm.Float, y: orm.Float) -> dict[str, Any]:
    return {'s': orm.Float(6.0).store(), 'given': y}


@workflow
def stores_another(x: orm.Float, y: orm.Float) -> dict[str, Any]:
    return {'s': orm.Float(7.0).store(), 'given': x}


def test_what_the_function_stores_itself_is_compared_by_its_content() -> None:
    _, node = run_get_node(stores_itself, x=orm.Float(1.0), y=orm.Float(1.0))
    replay(node)
    assert replayed(node, stores_another) == 'the function returns another s than before'
    assert replayed(node, returns_the_other) == 'the function returns another given than before'


def test_another_name_is_reported(node: orm.ProcessNode) -> None:
    assert replayed(node, other_name) == (
        "the function returns ['y'], where it returned ['x'] before"
    )


def test_an_exception_is_reported(node: orm.ProcessNode) -> None:
    assert replayed(node, raises) == (
        "the function raises RuntimeError('at the end'), which it did not before"
    )


def test_a_wait_is_reported() -> None:
    _, silent_node = run_get_node(silent)
    assert replayed(silent_node, waits_longer) == (
        'the function waits for something where it had ended before'
    )


def test_what_makes_the_same_calls_agrees(node: orm.ProcessNode) -> None:
    replay(node, at_once)


@workflow
async def failing() -> None:
    await submit(programs.Halve, x=4)
    await submit(programs.Halve, x=3)


def test_a_failure_agrees() -> None:
    _, failed = run_get_node(failing)
    assert failed.exit_status == 400
    replay(failed)


def test_a_new_failure_is_reported() -> None:
    async def careful() -> dict[str, Any]:
        result = await gather([submit(programs.Halve, x=3)], return_exceptions=True)
        return {'n': len(result)}

    async def careless() -> None:
        await submit(programs.Halve, x=3)

    careful_workflow = workflow(careful)
    _, node = run_get_node(careful_workflow)
    replay(node, careful_workflow)
    assert 'the function fails with ChildFailed' in replayed(node, workflow(careless))


@workflow
async def excepts() -> None:
    await submit(double_it, 1.0)
    raise RuntimeError('no')


def test_an_exception_agrees() -> None:
    with pytest.raises(RuntimeError, match='no'):
        run_get_node(excepts)
    query = orm.QueryBuilder().append(
        orm.WorkChainNode, filters={'attributes.process_label': 'excepts'}
    )
    node = query.first(flat=True)
    assert node.is_excepted
    replay(node)


@workflow
async def counted(n: int = 0) -> dict[str, Any]:
    await submit(double_it, float(n))
    if n < 2:
        continue_as_new(n=n + 1)
    return {'n': n}


@workflow
async def counted_further(n: int = 0) -> dict[str, Any]:
    await submit(double_it, float(n))
    if n < 2:
        continue_as_new(n=n + 2)
    return {'n': n}


@workflow
async def counted_once(n: int = 0) -> dict[str, Any]:
    await submit(double_it, float(n))
    return {'n': n}


@pytest.fixture(scope='module')
def begun_anew() -> orm.ProcessNode:
    _, node = run_get_node(counted)
    return node


def test_new_beginnings_agree(begun_anew: orm.ProcessNode) -> None:
    replay(begun_anew)


@pytest.mark.parametrize(
    ('changed', 'message'),
    [
        (counted_further, 'the function continues as new with n = 2, not 1'),
        (counted_once, 'the function ends where it continued as new before'),
    ],
)
def test_other_arguments_of_continue_as_new_are_reported(
    begun_anew: orm.ProcessNode, changed: Any, message: str
) -> None:
    assert replayed(begun_anew, changed).startswith(message)


def test_values_from_outside_are_not_asked_for_again() -> None:
    _, node = run_get_node(kept)
    count = len(ASKED)
    replay(node)
    assert len(ASKED) == count


ASKED: list[int] = []


def ask() -> int:
    ASKED.append(1)
    return os.getpid()


@workflow
async def kept() -> dict[str, Any]:
    return {'pid': side_effect(ask)}


@pytest.mark.parametrize('make', [programs.Halve, programs.add])
def test_another_process_has_no_journal(make: Any) -> None:
    inputs = {'x': orm.Int(4)} if make is programs.Halve else {'x': orm.Float(1), 'y': orm.Float(2)}
    _, node = run_get_node(make, **inputs)
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is compared below
        replay(node)
    assert str(refused.value) == (f'{node.process_label}<{node.pk}> has no journal of a workflow')


def unfinished(node: orm.ProcessNode, checkpoint: str | None) -> orm.WorkChainNode:
    """Return the node of a workflow like another one, which has not come to its end."""
    copy = orm.WorkChainNode(process_type=node.process_type)
    copy.set_process_label(node.process_label)
    copy.set_process_state(ProcessState.WAITING)
    copy.store()
    if checkpoint is not None:
        copy.set_checkpoint(checkpoint)
    return copy


def test_a_killed_workflow_has_no_journal(node: orm.ProcessNode) -> None:
    killed = unfinished(node, None)
    killed.set_process_state(ProcessState.KILLED)
    with pytest.raises(ValueError, match='has no journal of a workflow'):
        replay(killed)


def test_a_workflow_that_runs_is_gone_through_as_far_as_it_has_come(node: orm.ProcessNode) -> None:
    running = unfinished(node, f'{CHECKPOINT_KEY}: \'{{"order":""}}\'')
    replay(running)


def test_no_object_of_a_checkpoint_is_made(node: orm.ProcessNode, tmp_path: Path) -> None:
    """A checkpoint may hold tags that make objects when it is loaded."""
    mark = tmp_path / 'made'
    tag = f"!!python/object/apply:os.mkdir ['{mark}']"
    running = unfinished(node, f'evil: {tag}\n{CHECKPOINT_KEY}: \'{{"order":""}}\'\n')
    replay(running)
    assert not mark.exists()


def test_the_journal_is_filed_with_the_node(node: orm.ProcessNode) -> None:
    assert node.base.extras.get(JOURNAL_EXTRA) == '{"order":"0 1","rules":1}'


def test_outputs_with_an_exit_code() -> None:
    outputs, node = run_get_node(half_of_it)
    assert (node.exit_status, node.exit_message) == (420, 'half of it')
    assert outputs['x'].value == 2.0
    replay(node)
    with pytest.raises(ReplayError, match='ends with exit code 0, where it was 420 before'):
        replay(node, all_of_it)
