"""Semaphores: who is inside, who waits, and where they may be made and entered."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from aiida import orm
from aiida.engine import run_get_node

from aiida_slabrelax.durable import gather, replay, submit, workflow
from aiida_slabrelax.durable.engine import queues
from aiida_slabrelax.durable.errors import NotInWorkflowError
from aiida_slabrelax.durable.semaphore import Semaphore
from durable.bench import Bench
from durable.programs import double

SHARED = Semaphore(1, name='test_semaphore')


@pytest.fixture
def bench() -> Bench:
    return Bench()


def make_slots(bench: Bench) -> Semaphore:
    """Return a semaphore that belongs to the tasks of a bench."""
    slots: Semaphore = bench.begin(Semaphore).result()
    return slots


@pytest.mark.parametrize('is_async', [True, False])
def test_so_many_lines_at_a_time(bench: Bench, is_async: bool) -> None:
    slots, entered = make_slots(bench), []

    async def one(name: str) -> Any:
        if is_async:
            async with slots:
                entered.append(name)
                return await bench.gates[name]
        with slots:
            entered.append(name)
            return await bench.gates[name]

    task = bench.begin(lambda: gather([one(name) for name in 'abc']).result())
    assert entered == ['a']
    bench.finish('b', 2)
    assert entered == ['a']
    bench.finish('a', 1)
    assert entered == ['a', 'b', 'c']
    bench.finish('c', 3)
    assert task.result() == [1, 2, 3]


def test_an_error_frees_a_place(bench: Bench) -> None:
    slots = make_slots(bench)

    async def one(name: str) -> Any:
        async with slots:
            return await bench.gates[name]

    task = bench.begin(lambda: gather([one('a'), one('b')], return_exceptions=True).result())
    error = ValueError()
    bench.finish('a', error=error)
    bench.finish('b', 2)
    assert task.result() == [error, 2]


@pytest.mark.parametrize('is_woken', [True, False])
def test_a_task_that_is_cancelled_before_it_enters_takes_no_place(
    bench: Bench, is_woken: bool
) -> None:
    slots, tasks = make_slots(bench), []

    async def one(name: str) -> Any:
        async with slots:
            return await bench.gates[name]

    async def function() -> Any:
        tasks.extend(gather(one(name)) for name in 'abc')
        return [await tasks[0], await tasks[2]]

    task = bench.begin(function)
    waiting = slots._queue[0].waiters[0]
    if is_woken:
        bench.gates['a'].set_result(1)
    waiting.cancel()
    bench.scheduler.run()
    if not is_woken:
        bench.finish('a', 1)
    bench.finish('c', 3)
    assert task.result() == [1, 3]
    assert slots._free == 1


def test_a_semaphore_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match=r'^Semaphore\(\) needs at least one place, not 0$'):
        Semaphore(0)


@pytest.mark.parametrize('length', [0, 201])
def test_a_name_has_some_characters(length: int) -> None:
    message = rf'^the name of a Semaphore\(\) has 1 to 200 characters, not {length}$'
    with pytest.raises(ValueError, match=message):
        Semaphore(name='x' * length)


NOT_HERE = (
    "Semaphore(2) without a name (Semaphore(2, name='…') counts over all workflows) works inside "
    'the function of a @workflow only: not in a thread, not in a task of asyncio, and not while '
    'the workflow is shut down'
)


def test_one_without_a_name_is_refused_outside_a_workflow() -> None:
    with pytest.raises(NotInWorkflowError) as refused:
        Semaphore(2)
    assert str(refused.value) == NOT_HERE


def test_one_of_another_workflow_is_refused(bench: Bench) -> None:
    slots = bench.begin(lambda: Semaphore(2)).result()
    other = Bench()
    other.scheduler.owner = 'another'
    error = other.begin(slots.__enter__).exception()
    assert type(error) is NotInWorkflowError
    assert str(error) == NOT_HERE


@workflow
async def in_turn(x: float = 1.0) -> dict[str, Any]:
    """Take the only place, as other workflows do."""
    async with SHARED:
        return {'y': await submit(double, x)}


@workflow
async def several(n: int = 2) -> dict[str, Any]:
    results = await gather([submit(in_turn, x=float(i)) for i in range(n)])
    return {'ys': [one.y.value for one in results]}


def test_one_by_name_counts_over_workflows() -> None:
    outputs, node = run_get_node(several)
    assert outputs['ys'].get_list() == [0.0, 2.0]
    spans = []
    for child in node.called:
        for call in child.called:
            if call.process_label == 'double':
                spans.append((call.ctime, call.mtime))
    spans.sort()
    assert len(spans) == 2
    for (_, ended), (began, _) in pairwise(spans):
        assert ended < began
    assert queues.read('test_semaphore') == {}
    for one in (node, *(child for child in node.called if child.process_label == 'in_turn')):
        replay(one)


@workflow
async def twice() -> dict[str, Any]:
    """Three tasks of one workflow, one at a time; one of them takes its places one by one."""

    async def one(x: float) -> float:
        async with SHARED:
            return await submit(double, x)

    ys = await gather([one(1.0), one(2.0)])
    async with SHARED, Semaphore(2, name='test_semaphore'):
        return {'ys': [*ys, await submit(double, 3.0)]}


def test_one_by_name_counts_within_a_workflow_too() -> None:
    outputs, node = run_get_node(twice)
    assert outputs['ys'].get_list() == [2.0, 4.0, 6.0]
    assert queues.read('test_semaphore') == {}
    replay(node)


@pytest.fixture
def queue() -> str:
    """The name of a semaphore with the tickets of two workflows, the first of which has ended."""
    _, ended = run_get_node(in_turn)
    waiting = orm.WorkChainNode()
    waiting.set_process_state('waiting')
    waiting.store()
    for node in (ended, waiting):
        queues.is_inside('test_queue', 1, f'{node.pk}:0')
    return 'test_queue'


def test_a_workflow_that_has_ended_leaves_its_place(queue: str) -> None:
    (last,) = queues.read(queue)
    assert queues.is_inside(queue, 1, last)
    queues.leave(queue, [last])


def test_who_comes_later_waits(queue: str) -> None:
    (first,) = queues.read(queue)
    own = f'{first.partition(":")[0]}:1'
    assert not queues.is_inside(queue, 1, own)
    assert queues.is_inside(queue, 2, own)
    queues.leave(queue, [first])
    assert queues.is_inside(queue, 1, own)
    queues.leave(queue, [own])
    assert queues.read(queue) == {}


def test_a_workflow_that_was_deleted_leaves_its_place(queue: str) -> None:
    gone = '999999999:0'
    (first,) = queues.read(queue)
    queues.leave(queue, [first])
    queues.is_inside(queue, 1, gone)
    assert queues.is_inside(queue, 1, first)
    queues.leave(queue, [first])
