"""Lines of execution: their order, what wakes and cancels them, and what they may await."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from aiida_slabrelax.durable.errors import HistoryMismatch, NotInWorkflowError
from aiida_slabrelax.durable.lines import (
    Line,
    Scheduler,
    Waitable,
    current_line,
    running_line,
)


@pytest.fixture
def scheduler() -> Scheduler:
    return Scheduler(owner='owner')


def run(scheduler: Scheduler, function: Callable[[], Any]) -> Line:
    line = scheduler.spawn((), function)
    scheduler.run()
    return line


def waiter(name: str, waitable: Waitable[Any], seen: list[Any]) -> Callable[[], None]:
    def wait() -> None:
        seen.append((name, waitable.result()))

    return wait


def test_a_plain_function_runs_to_its_end(scheduler: Scheduler) -> None:
    assert run(scheduler, lambda: 3).result() == 3


def test_an_async_function_runs_to_its_end(scheduler: Scheduler) -> None:
    async def function() -> int:
        return 3

    assert run(scheduler, function).result() == 3


def test_an_error_settles_a_line(scheduler: Scheduler) -> None:
    line = run(scheduler, lambda: 1 // 0)
    assert type(line.exception()) is ZeroDivisionError
    with pytest.raises(ZeroDivisionError):
        line.result()


def test_a_plain_function_waits_where_it_stands(scheduler: Scheduler) -> None:
    gate: Waitable[int] = Waitable()
    line = run(scheduler, lambda: 1 + gate.result())
    assert not line.settled
    gate.settle(2)
    assert not line.settled
    scheduler.run()
    assert line.result() == 3


def test_an_async_function_waits_where_it_stands(scheduler: Scheduler) -> None:
    gate: Waitable[int] = Waitable()

    async def inner() -> int:
        return await gate

    async def function() -> int:
        return 1 + await inner()

    line = run(scheduler, function)
    assert not line.settled
    gate.settle(2)
    scheduler.run()
    assert line.result() == 3


def test_a_callback_of_somebody_else_waits_where_it_stands(scheduler: Scheduler) -> None:
    gates: dict[int, Waitable[int]] = {number: Waitable() for number in (1, 2, 3)}
    line = run(scheduler, lambda: sorted(gates, key=lambda number: gates[number].result()))
    for number, gate in gates.items():
        assert not line.settled
        gate.settle(-number)
        scheduler.run()
    assert line.result() == [3, 2, 1]


def test_an_error_is_raised_where_it_is_awaited(scheduler: Scheduler) -> None:
    gate: Waitable[int] = Waitable()

    async def function() -> str:
        try:
            await gate
        except ValueError as error:
            return f'caught {error}'
        return 'nothing'

    line = run(scheduler, function)
    gate.settle(error=ValueError('it'))
    scheduler.run()
    assert line.result() == 'caught it'


def test_a_waitable_is_settled_once() -> None:
    gate: Waitable[int] = Waitable()
    gate.settle(1)
    gate.settle(2)
    gate.settle(error=ValueError())
    assert gate.result() == 1


def test_lines_run_in_the_order_in_which_they_are_spawned(scheduler: Scheduler) -> None:
    seen: list[int] = []
    for number in range(4):
        scheduler.spawn((number,), lambda number=number: seen.append(number))
    scheduler.run()
    assert seen == [0, 1, 2, 3]


def test_lines_wake_in_the_order_in_which_they_began_to_wait(scheduler: Scheduler) -> None:
    seen: list[Any] = []
    gate: Waitable[int] = Waitable()
    for number, name in enumerate('abc'):
        scheduler.spawn((number,), waiter(name, gate, seen))
    scheduler.run()
    assert seen == []
    gate.settle(7)
    scheduler.run()
    assert seen == [('a', 7), ('b', 7), ('c', 7)]


def test_lines_wake_in_the_order_in_which_what_they_await_is_settled(scheduler: Scheduler) -> None:
    seen: list[Any] = []
    gates: dict[str, Waitable[int]] = {name: Waitable() for name in 'abc'}
    for number, (name, gate) in enumerate(gates.items()):
        scheduler.spawn((number,), waiter(name, gate, seen))
    scheduler.run()
    for name in 'cab':
        gates[name].settle()
    scheduler.run()
    assert [name for name, _ in seen] == ['c', 'a', 'b']


def test_a_line_waits_for_any(scheduler: Scheduler) -> None:
    gates: list[Waitable[int]] = [Waitable(), Waitable()]

    def function() -> list[bool]:
        current_line('wait').wait_any(gates)
        return [gate.settled for gate in gates]

    line = run(scheduler, function)
    gates[1].settle()
    scheduler.run()
    assert line.result() == [False, True]
    assert [gate.waiters for gate in gates] == [[], []]


def test_a_line_that_waits_twice_for_one_thing_is_woken_once(scheduler: Scheduler) -> None:
    gate: Waitable[int] = Waitable()
    later: Waitable[int] = Waitable()

    def function() -> int:
        current_line('wait').wait_any([gate, gate])
        return later.result()

    line = run(scheduler, function)
    gate.settle()
    scheduler.run()
    assert not line.settled
    later.settle(5)
    scheduler.run()
    assert line.result() == 5


def test_positions_name_the_way_to_a_call(scheduler: Scheduler) -> None:
    seen: list[Any] = []

    def inner() -> None:
        seen.extend(current_line('inner').take_position() for _ in range(2))

    def function() -> None:
        line = current_line('outer')
        seen.append(line.take_position())
        line.spawn(inner)
        seen.append(line.take_position())

    run(scheduler, function)
    assert seen == [(0,), (2,), (1, 0), (1, 1)]


def test_a_request_is_done_outside_the_line(scheduler: Scheduler) -> None:
    line = run(scheduler, lambda: (current_line('it').ask(running_line), running_line()))
    assert line.result() == (None, line)


def test_the_error_of_a_request_is_raised_in_the_line(scheduler: Scheduler) -> None:
    def function() -> str:
        with pytest.raises(ZeroDivisionError):
            current_line('it').ask(lambda: 1 // 0)
        return 'went on'

    assert run(scheduler, function).result() == 'went on'


def test_a_mismatch_in_a_request_goes_to_whoever_runs_the_lines(scheduler: Scheduler) -> None:
    def refuse() -> None:
        raise HistoryMismatch('no')

    def function() -> None:
        try:
            current_line('it').ask(refuse)
        except BaseException:  # a mismatch is no Exception
            pytest.fail('the function must not see it')

    line = scheduler.spawn((), function)
    with pytest.raises(HistoryMismatch, match='no'):
        scheduler.run()
    assert not line.settled


def test_a_cancelled_line_gets_the_error_where_it_waits(scheduler: Scheduler) -> None:
    gate: Waitable[int] = Waitable()
    seen = []

    def function() -> None:
        try:
            gate.result()
        except asyncio.CancelledError:
            seen.append('cancelled')
            raise

    line = run(scheduler, function)
    line.cancel()
    scheduler.run()
    assert seen == ['cancelled']
    assert type(line.exception()) is asyncio.CancelledError
    assert gate.waiters == []


def test_a_line_is_cancelled_after_it_was_woken(scheduler: Scheduler) -> None:
    gate: Waitable[int] = Waitable()
    line = run(scheduler, gate.result)
    gate.settle(1)
    line.cancel()
    scheduler.run()
    assert type(line.exception()) is asyncio.CancelledError


def test_a_line_that_has_ended_is_not_cancelled(scheduler: Scheduler) -> None:
    line = run(scheduler, lambda: 3)
    line.cancel()
    scheduler.run()
    assert line.result() == 3


def test_a_line_may_survive_its_cancellation(scheduler: Scheduler) -> None:
    gate: Waitable[int] = Waitable()
    other: Waitable[int] = Waitable()

    def function() -> int:
        try:
            return gate.result()
        except asyncio.CancelledError:
            return other.result()

    line = run(scheduler, function)
    line.cancel()
    scheduler.run()
    other.settle(4)
    scheduler.run()
    assert line.result() == 4


def test_drop_runs_finally_clauses(scheduler: Scheduler) -> None:
    seen = []

    def function() -> None:
        try:
            Waitable[int]().result()
        finally:
            seen.append('finally')

    line = run(scheduler, function)
    scheduler.drop()
    assert seen == ['finally']
    assert not line.settled


def test_drop_refuses_commands_in_finally_clauses(scheduler: Scheduler) -> None:
    done: list[str] = []

    async def function() -> None:
        try:
            await Waitable[int]()
        finally:
            with pytest.raises(NotInWorkflowError):
                current_line('it').ask(lambda: done.append('done'))
            done.append('refused')

    run(scheduler, function)
    scheduler.drop()
    assert done == ['refused']


def test_drop_forgets_lines_that_have_not_begun(scheduler: Scheduler) -> None:
    seen: list[int] = []
    scheduler.spawn((), lambda: seen.append(1))
    scheduler.drop()
    scheduler.run()
    assert seen == []


def awaiting(foreign: Callable[[], Any]) -> Callable[[], Any]:
    async def function() -> None:
        await foreign()

    return function


def run_in_a_loop(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine; ``asyncio.run`` would take away the loop that AiiDA has in this thread."""
    with closing(asyncio.new_event_loop()) as loop:
        return loop.run_until_complete(coroutine)


@pytest.mark.parametrize(
    ('foreign', 'named'),
    [(lambda: asyncio.sleep(0), ''), (lambda: asyncio.Future(), ' (Future)')],
    ids=['sleep', 'future'],
)
def test_a_foreign_awaitable_is_refused(
    scheduler: Scheduler, foreign: Callable[[], Any], named: str
) -> None:
    async def main() -> BaseException | None:
        return run(scheduler, awaiting(foreign)).exception()

    error = run_in_a_loop(main())
    assert type(error) is TypeError
    assert str(error) == (
        f'a durable workflow cannot await what belongs to another event loop{named}: use submit, '
        'gather, sleep, timeout and their kin of aiida_slabrelax.durable, or move it into a '
        'function of its own and submit that'
    )


async def nothing() -> None:
    pass


@pytest.mark.parametrize(
    'foreign',
    [
        lambda: asyncio.sleep(1),
        lambda: asyncio.gather(nothing(), nothing()),
        lambda: asyncio.create_task(nothing()),
        lambda: asyncio.wait_for(asyncio.sleep(1), 5),
    ],
    ids=['sleep', 'gather', 'create_task', 'wait_for'],
)
def test_what_asyncio_offers_is_refused(scheduler: Scheduler, foreign: Callable[[], Any]) -> None:
    async def main() -> BaseException | None:
        error = run(scheduler, awaiting(foreign)).exception()
        await asyncio.sleep(0)
        return error

    error = run_in_a_loop(main())
    assert type(error) is TypeError
    assert str(error).startswith('a durable workflow cannot await what belongs to another')


def test_a_function_may_go_on_after_a_foreign_awaitable(scheduler: Scheduler) -> None:
    gate: Waitable[int] = Waitable()

    async def function() -> int:
        with pytest.raises(TypeError, match='another event loop'):
            await asyncio.sleep(0)
        return await gate

    line = run(scheduler, function)
    gate.settle(1)
    scheduler.run()
    assert line.result() == 1


def test_the_source_is_the_line_of_the_function_that_waits(scheduler: Scheduler) -> None:
    gate: Waitable[int] = Waitable()

    def function() -> int:
        return gate.result()

    line = run(scheduler, function)
    number = function.__code__.co_firstlineno + 1
    assert line.source() == (str(Path(__file__)), number)


def test_there_is_no_source_after_the_end(scheduler: Scheduler) -> None:
    assert run(scheduler, lambda: 3).source() == ('?', 0)


def test_the_line_knows_its_owner(scheduler: Scheduler) -> None:
    assert run(scheduler, lambda: current_line('it').owner).result() == 'owner'


def test_a_command_outside_a_line_is_refused() -> None:
    with pytest.raises(NotInWorkflowError) as refused:
        current_line('submit()')
    assert str(refused.value) == (
        'submit() works inside the function of a @workflow only, in the line of execution that '
        'runs it: not in a thread, not in a task of asyncio, and not while the workflow is shut '
        'down'
    )


def test_result_outside_a_line_is_refused() -> None:
    with pytest.raises(NotInWorkflowError, match=r'^result\(\) works inside the function'):
        Waitable[int]().result()
