"""Tasks: their order, what wakes and cancels them, and what they may await."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aiida_slabrelax.durable.errors import NondeterminismError, NotInWorkflowError
from aiida_slabrelax.durable.scheduling.scheduler import Scheduler
from aiida_slabrelax.durable.scheduling.tasks import Future, Task, current_task, running_task


def run(scheduler: Scheduler, function: Callable[[], Any]) -> Task:
    task = scheduler.spawn((), function)
    scheduler.run()
    return task


def waiter(name: str, future: Future[Any], seen: list[Any]) -> Callable[[], None]:
    def wait() -> None:
        seen.append((name, future.result()))

    return wait


def test_a_plain_function_runs_to_its_end(scheduler: Scheduler) -> None:
    assert run(scheduler, lambda: 3).result() == 3


def test_an_async_function_runs_to_its_end(scheduler: Scheduler) -> None:
    async def function() -> int:
        return 3

    assert run(scheduler, function).result() == 3


def test_an_error_ends_a_task(scheduler: Scheduler) -> None:
    task = run(scheduler, lambda: 1 // 0)
    assert type(task.exception()) is ZeroDivisionError
    with pytest.raises(ZeroDivisionError):
        task.result()


def test_a_plain_function_waits_where_it_stands(scheduler: Scheduler) -> None:
    gate: Future[int] = Future()
    task = run(scheduler, lambda: 1 + gate.result())
    assert not task.done()
    gate.set_result(2)
    assert not task.done()
    scheduler.run()
    assert task.result() == 3


def test_an_async_function_waits_where_it_stands(scheduler: Scheduler) -> None:
    gate: Future[int] = Future()

    async def inner() -> int:
        return await gate

    async def function() -> int:
        return 1 + await inner()

    task = run(scheduler, function)
    assert not task.done()
    gate.set_result(2)
    scheduler.run()
    assert task.result() == 3


def test_a_callback_of_somebody_else_waits_where_it_stands(scheduler: Scheduler) -> None:
    gates: dict[int, Future[int]] = {number: Future() for number in (1, 2, 3)}
    task = run(scheduler, lambda: sorted(gates, key=lambda number: gates[number].result()))
    for number, gate in gates.items():
        assert not task.done()
        gate.set_result(-number)
        scheduler.run()
    assert task.result() == [3, 2, 1]


def test_an_error_is_raised_where_it_is_awaited(scheduler: Scheduler) -> None:
    gate: Future[int] = Future()

    async def function() -> str:
        try:
            await gate
        except ValueError as error:
            return f'caught {error}'
        return 'nothing'

    task = run(scheduler, function)
    gate.set_exception(ValueError('it'))
    scheduler.run()
    assert task.result() == 'caught it'


def test_a_future_is_done_once() -> None:
    gate: Future[int] = Future()
    gate.set_result(1)
    gate.set_result(2)
    gate.set_exception(ValueError())
    assert gate.result() == 1


def test_tasks_run_in_the_order_in_which_they_are_spawned(scheduler: Scheduler) -> None:
    seen: list[int] = []
    for number in range(4):
        scheduler.spawn((number,), lambda number=number: seen.append(number))
    scheduler.run()
    assert seen == [0, 1, 2, 3]


def test_tasks_wake_in_the_order_in_which_they_began_to_wait(scheduler: Scheduler) -> None:
    seen: list[Any] = []
    gate: Future[int] = Future()
    for number, name in enumerate('abc'):
        scheduler.spawn((number,), waiter(name, gate, seen))
    scheduler.run()
    assert seen == []
    gate.set_result(7)
    scheduler.run()
    assert seen == [('a', 7), ('b', 7), ('c', 7)]


def test_tasks_wake_in_the_order_in_which_what_they_await_is_done(scheduler: Scheduler) -> None:
    seen: list[Any] = []
    gates: dict[str, Future[int]] = {name: Future() for name in 'abc'}
    for number, (name, gate) in enumerate(gates.items()):
        scheduler.spawn((number,), waiter(name, gate, seen))
    scheduler.run()
    for name in 'cab':
        gates[name].set_result()
    scheduler.run()
    assert [name for name, _ in seen] == ['c', 'a', 'b']


def test_a_task_waits_for_any(scheduler: Scheduler) -> None:
    gates: list[Future[int]] = [Future(), Future()]

    def function() -> list[bool]:
        current_task('wait').wait_any(gates)
        return [gate.done() for gate in gates]

    task = run(scheduler, function)
    gates[1].set_result()
    scheduler.run()
    assert task.result() == [False, True]
    assert [gate.waiters for gate in gates] == [[], []]


def test_a_task_that_waits_twice_for_one_thing_is_woken_once(scheduler: Scheduler) -> None:
    gate: Future[int] = Future()
    later: Future[int] = Future()

    def function() -> int:
        current_task('wait').wait_any([gate, gate])
        return later.result()

    task = run(scheduler, function)
    gate.set_result()
    scheduler.run()
    assert not task.done()
    later.set_result(5)
    scheduler.run()
    assert task.result() == 5


def test_positions_name_the_way_to_a_call(scheduler: Scheduler) -> None:
    seen: list[Any] = []

    def inner() -> None:
        seen.extend(current_task('inner').take_position() for _ in range(2))

    def function() -> None:
        task = current_task('outer')
        seen.append(task.take_position())
        task.spawn(inner)
        seen.append(task.take_position())

    run(scheduler, function)
    assert seen == [(0,), (2,), (1, 0), (1, 1)]


def test_a_request_is_done_outside_the_task(scheduler: Scheduler) -> None:
    task = run(scheduler, lambda: (current_task('it').run_in_hub(running_task), running_task()))
    assert task.result() == (None, task)


def test_the_error_of_a_request_is_raised_in_the_task(scheduler: Scheduler) -> None:
    def function() -> str:
        with pytest.raises(ZeroDivisionError):
            current_task('it').run_in_hub(lambda: 1 // 0)
        return 'went on'

    assert run(scheduler, function).result() == 'went on'


def test_a_mismatch_in_a_request_goes_to_whoever_runs_the_tasks(scheduler: Scheduler) -> None:
    def refuse() -> None:
        raise NondeterminismError('no')

    def function() -> None:
        try:
            current_task('it').run_in_hub(refuse)
        except BaseException:  # a mismatch is no Exception
            pytest.fail('the function must not see it')

    task = scheduler.spawn((), function)
    with pytest.raises(NondeterminismError, match='no'):
        scheduler.run()
    assert not task.done()


def test_a_cancelled_task_gets_the_error_where_it_waits(scheduler: Scheduler) -> None:
    gate: Future[int] = Future()
    seen = []

    def function() -> None:
        try:
            gate.result()
        except asyncio.CancelledError:
            seen.append('cancelled')
            raise

    task = run(scheduler, function)
    task.cancel()
    scheduler.run()
    assert seen == ['cancelled']
    assert type(task.exception()) is asyncio.CancelledError
    assert gate.waiters == []


def test_a_task_is_cancelled_after_it_was_woken(scheduler: Scheduler) -> None:
    gate: Future[int] = Future()
    task = run(scheduler, gate.result)
    gate.set_result(1)
    task.cancel()
    scheduler.run()
    assert type(task.exception()) is asyncio.CancelledError


def test_a_task_that_has_ended_is_not_cancelled(scheduler: Scheduler) -> None:
    task = run(scheduler, lambda: 3)
    task.cancel()
    scheduler.run()
    assert task.result() == 3


def test_a_task_may_survive_its_cancellation(scheduler: Scheduler) -> None:
    gate: Future[int] = Future()
    other: Future[int] = Future()

    def function() -> int:
        try:
            return gate.result()
        except asyncio.CancelledError:
            return other.result()

    task = run(scheduler, function)
    task.cancel()
    scheduler.run()
    other.set_result(4)
    scheduler.run()
    assert task.result() == 4


def test_the_source_is_the_line_of_the_function_that_waits(scheduler: Scheduler) -> None:
    gate: Future[int] = Future()

    def function() -> int:
        return gate.result()

    task = run(scheduler, function)
    number = function.__code__.co_firstlineno + 1
    assert task.source() == (str(Path(__file__)), number)


def test_there_is_no_source_after_the_end(scheduler: Scheduler) -> None:
    assert run(scheduler, lambda: 3).source() == ('?', 0)


def test_the_task_knows_its_owner(scheduler: Scheduler) -> None:
    assert run(scheduler, lambda: current_task('it').owner).result() == 'owner'


def test_a_command_outside_a_task_is_refused() -> None:
    with pytest.raises(NotInWorkflowError) as refused:
        current_task('submit()')
    assert str(refused.value) == (
        'submit() works inside the function of a @workflow only: not in a thread, not '
        'in a task of asyncio, and not while the workflow is shut down'
    )


def test_result_outside_a_task_is_refused() -> None:
    with pytest.raises(NotInWorkflowError, match=r'^result\(\) works inside the function'):
        Future[int]().result()
