"""Waiting for several things at once; the futures are finished by hand, without processes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from aiida_slabrelax.durable.concurrency import as_completed, first, gather
from aiida_slabrelax.durable.errors import NotInWorkflowError
from aiida_slabrelax.durable.scheduling.tasks import Task
from durable.bench import Bench


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


def test_first_leaves_the_other_coroutines(bench: Bench) -> None:
    seen = []

    async def slow() -> None:
        seen.append(await bench.gates['a'])

    task = bench.begin(lambda: first(slow(), bench.get('b')).result())
    bench.finish('b', 1)
    assert task.result() == 1
    bench.finish('a', 2)
    assert seen == [2]


def test_first_of_nothing_is_refused(bench: Bench) -> None:
    error = bench.begin(lambda: first([])).exception()
    assert repr(error) == "TypeError('first() needs at least one handle or coroutine')"


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
