"""Waiting for several things at once; the futures are finished by hand, without processes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from aiida_slabrelax.durable.concurrency import Semaphore, as_completed, first, gather
from aiida_slabrelax.durable.errors import NotInWorkflowError
from aiida_slabrelax.durable.tasks import Future, Scheduler, Task


class Bench:
    """Some futures by name and a function that waits for them."""

    def __init__(self, names: str = 'abc') -> None:
        self.gates: dict[str, Future[Any]] = {name: Future() for name in names}
        self.scheduler = Scheduler()
        self.task: Task | None = None

    def begin(self, function: Callable[[], Any]) -> Task:
        self.task = self.scheduler.spawn((), function)
        self.scheduler.run()
        return self.task

    def finish(self, name: str, value: Any = None, error: BaseException | None = None) -> None:
        if error is None:
            self.gates[name].set_result(value)
        else:
            self.gates[name].set_exception(error)
        self.scheduler.run()

    async def get(self, name: str) -> Any:
        return await self.gates[name]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def finish_all(bench: Bench, names: str = 'cab') -> None:
    for name in names:
        assert bench.task is not None
        assert not bench.task.done()
        bench.finish(name, name.upper())


@pytest.mark.parametrize(
    ('shape', 'result'),
    [
        (lambda a, b, c: [a, b, c], ['A', 'B', 'C']),
        (lambda a, b, c: (a, b, c), ['A', 'B', 'C']),
        (lambda a, b, c: {'x': a, 'y': b, 'z': c}, {'x': 'A', 'y': 'B', 'z': 'C'}),
        (lambda a, b, c: {'x': [a, b], 'y': {'z': c}}, {'x': ['A', 'B'], 'y': {'z': 'C'}}),
    ],
)
def test_gather_gives_the_shape_back(bench: Bench, shape: Any, result: Any) -> None:
    task = bench.begin(lambda: gather(shape(*bench.gates.values())).result())
    finish_all(bench)
    assert task.result() == result


def test_gather_of_several_items_is_a_list(bench: Bench) -> None:
    task = bench.begin(lambda: gather(*bench.gates.values()).result())
    finish_all(bench)
    assert task.result() == ['A', 'B', 'C']


def test_gather_of_coroutines(bench: Bench) -> None:
    task = bench.begin(lambda: gather(bench.get('a'), [bench.get('b'), bench.get('c')]).result())
    finish_all(bench)
    assert task.result() == ['A', ['B', 'C']]


def test_gather_of_one_handle_is_its_result(bench: Bench) -> None:
    task = bench.begin(lambda: gather(bench.gates['a']).result())
    bench.finish('a', 1)
    assert task.result() == 1


@pytest.mark.parametrize('nothing', [[], {}])
def test_gather_of_nothing(bench: Bench, nothing: Any) -> None:
    assert bench.begin(lambda: gather(nothing).result()).result() == nothing


def test_gather_of_one_handle_twice(bench: Bench) -> None:
    task = bench.begin(lambda: gather(bench.gates['a'], bench.gates['a']).result())
    bench.finish('a', 1)
    assert task.result() == [1, 1]


def test_gather_raises_the_first_error_when_everything_has_ended(bench: Bench) -> None:
    task = bench.begin(lambda: gather(*bench.gates.values()).result())
    bench.finish('c', error=ValueError('c'))
    bench.finish('b', error=KeyError('b'))
    assert not task.done()
    bench.finish('a', 1)
    assert repr(task.exception()) == "KeyError('b')"


def test_gather_may_give_the_errors(bench: Bench) -> None:
    task = bench.begin(lambda: gather(*bench.gates.values(), return_exceptions=True).result())
    error = ValueError('b')
    bench.finish('a', 1)
    bench.finish('b', error=error)
    bench.finish('c', 3)
    assert task.result() == [1, error, 3]


@pytest.mark.parametrize('item', [3, 'a', None, asyncio.sleep])
def test_gather_refuses_other_things(bench: Bench, item: Any) -> None:
    error = bench.begin(lambda: gather([item])).exception()
    assert type(error) is TypeError
    assert str(error) == (
        f'only handles of submit() and coroutines can be waited for, not {type(item).__name__}'
    )


def test_a_gather_that_is_cancelled_cancels_its_coroutines(bench: Bench) -> None:
    seen = []

    async def inner() -> None:
        try:
            await bench.gates['a']
        except asyncio.CancelledError:
            seen.append('cancelled')
            raise

    gathered: list[Task] = []

    def function() -> None:
        gathered.append(gather(inner(), bench.gates['b']))
        gathered[0].result()

    task = bench.begin(function)
    gathered[0].cancel()
    bench.scheduler.run()
    assert seen == ['cancelled']
    assert type(task.exception()) is asyncio.CancelledError


def test_as_completed_gives_the_order_of_the_ends(bench: Bench) -> None:
    task = bench.begin(
        lambda: [handle.result() for handle in as_completed(list(bench.gates.values()))]
    )
    finish_all(bench)
    assert task.result() == ['C', 'A', 'B']


def test_as_completed_of_a_mapping_gives_pairs(bench: Bench) -> None:
    task = bench.begin(lambda: [(key, one.result()) for key, one in as_completed(bench.gates)])
    finish_all(bench)
    assert task.result() == [('c', 'C'), ('a', 'A'), ('b', 'B')]


def test_as_completed_in_an_async_for(bench: Bench) -> None:
    async def function() -> list[Any]:
        return [
            handle.result() async for handle in as_completed([bench.get(name) for name in 'abc'])
        ]

    task = bench.begin(function)
    finish_all(bench)
    assert task.result() == ['C', 'A', 'B']


def test_as_completed_does_not_raise_before_result(bench: Bench) -> None:
    task = bench.begin(lambda: [handle.exception() for handle in as_completed([bench.gates['a']])])
    error = ValueError()
    bench.finish('a', error=error)
    assert task.result() == [error]


def test_as_completed_of_one_handle_twice(bench: Bench) -> None:
    gate = bench.gates['a']
    task = bench.begin(lambda: [handle.result() for handle in as_completed([gate, gate])])
    bench.finish('a', 1)
    assert task.result() == [1, 1]


def test_as_completed_of_nothing(bench: Bench) -> None:
    assert bench.begin(lambda: list(as_completed([]))).result() == []


@pytest.mark.parametrize('as_list', [True, False])
def test_first_gives_the_result_of_the_first_to_end(bench: Bench, as_list: bool) -> None:
    def function() -> Any:
        gates = list(bench.gates.values())
        return (first(gates) if as_list else first(*gates)).result()

    task = bench.begin(function)
    bench.finish('b', 'B')
    assert task.result() == 'B'


def test_first_of_one_handle_twice(bench: Bench) -> None:
    task = bench.begin(lambda: first(bench.gates['a'], bench.gates['a']).result())
    bench.finish('a', 1)
    assert task.result() == 1


def test_first_raises_the_error_of_the_first_to_end(bench: Bench) -> None:
    task = bench.begin(lambda: first(*bench.gates.values()).result())
    bench.finish('b', error=ValueError('b'))
    assert repr(task.exception()) == "ValueError('b')"


@pytest.mark.parametrize(('kill', 'ends'), [(True, ['cancelled']), (False, [])])
def test_first_may_cancel_the_other_coroutines(bench: Bench, kill: bool, ends: list[str]) -> None:
    seen = []

    async def slow() -> None:
        try:
            await bench.gates['a']
        except asyncio.CancelledError:
            seen.append('cancelled')
            raise

    task = bench.begin(lambda: first(slow(), bench.get('b'), kill=kill).result())
    bench.finish('b', 1)
    assert task.result() == 1
    assert seen == ends


def test_first_of_nothing_is_refused(bench: Bench) -> None:
    error = bench.begin(lambda: first([])).exception()
    assert repr(error) == "TypeError('first() needs at least one handle or coroutine')"


@pytest.mark.parametrize('is_async', [True, False])
def test_so_many_lines_at_a_time(bench: Bench, is_async: bool) -> None:
    slots, entered = Semaphore(1), []

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
    slots = Semaphore(1)

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
    slots, tasks = Semaphore(1), []

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


@pytest.mark.parametrize(
    ('command', 'name'),
    [
        (lambda: gather([]), 'gather'),
        (lambda: as_completed([]), 'as_completed'),
        (lambda: first([]), 'first'),
    ],
)
def test_a_command_outside_a_workflow_is_refused(command: Callable[[], Any], name: str) -> None:
    with pytest.raises(NotInWorkflowError, match=rf'^{name}\(\) works inside the function'):
        command()
