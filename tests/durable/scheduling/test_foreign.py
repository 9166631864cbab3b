"""What belongs to asyncio is refused in a workflow, at the line that uses it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import closing, suppress
from typing import Any

import pytest

from aiida_slabrelax.durable.scheduling import foreign
from aiida_slabrelax.durable.scheduling.scheduler import Scheduler
from aiida_slabrelax.durable.scheduling.tasks import Future, Task


def run(scheduler: Scheduler, function: Callable[[], Any]) -> Task:
    task = scheduler.spawn((), function)
    scheduler.run()
    return task


def awaiting(strange: Callable[[], Any]) -> Callable[[], Any]:
    async def function() -> None:
        await strange()

    return function


def run_in_a_loop(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine; ``asyncio.run`` would take away the loop that AiiDA has in this thread."""
    with closing(asyncio.new_event_loop()) as loop:
        return loop.run_until_complete(coroutine)


@pytest.mark.parametrize(
    ('strange', 'named'),
    [(lambda: asyncio.sleep(0), ''), (lambda: asyncio.Future(), ' (Future)')],
    ids=['sleep', 'future'],
)
def test_a_foreign_awaitable_is_refused(
    scheduler: Scheduler, strange: Callable[[], Any], named: str
) -> None:
    async def main() -> BaseException | None:
        return run(scheduler, awaiting(strange)).exception()

    error = run_in_a_loop(main())
    assert type(error) is TypeError
    assert str(error) == (
        f'a durable workflow cannot await what belongs to another event loop{named}: use submit, '
        'gather, sleep and wait_for of aiida_slabrelax.durable, or move it into a function of its '
        'own and submit that'
    )


async def nothing() -> None:
    pass


def test_a_function_may_continue_after_a_foreign_awaitable(scheduler: Scheduler) -> None:
    gate: Future[int] = Future()

    async def function() -> int:
        with pytest.raises(TypeError, match='another event loop'):
            await asyncio.sleep(0)
        return await gate

    task = run(scheduler, function)
    gate.set_result(1)
    scheduler.run()
    assert task.result() == 1


def test_a_coroutine_that_awaits_it_for_ever_is_given_up(scheduler: Scheduler) -> None:
    tries = []
    stubborn = True

    async def function() -> None:
        while stubborn:
            tries.append(1)
            with suppress(BaseException):
                await asyncio.sleep(0)

    task = run(scheduler, function)
    stubborn = False  # or it would refuse to be closed at the end of the process, too
    assert type(task.exception()) is TypeError
    assert len(tries) == foreign.PATIENCE + 1  # once more when it is closed


NO_TASKS = (
    'a durable workflow cannot have timeouts and tasks of asyncio: use wait_for and gather of '
    'aiida_slabrelax.durable, or move it into a function of its own and submit that'
)


async def with_timeout() -> None:
    async with asyncio.timeout(1):
        pytest.fail('it has not been refused')


async def with_timeout_at_once() -> None:
    async with asyncio.timeout(0):
        pytest.fail('it has not been refused')


class Timeout:
    """As in the package ``async_timeout``, which asks nothing of the task before it cancels it."""

    def __init__(self) -> None:
        self._task = asyncio.current_task()

    def cancel(self) -> None:
        assert self._task is not None
        self._task.cancel()


async def with_timeout_of_a_package() -> None:
    asyncio.get_running_loop().call_later(1, Timeout().cancel)


async def with_group() -> None:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(nothing())
            pytest.fail('it has not been refused')
    except ExceptionGroup as several:
        raise several.exceptions[0] from None


async def creating() -> None:
    asyncio.create_task(nothing())  # noqa: RUF006 - it is refused


async def gathering() -> None:
    await asyncio.gather(nothing())


async def waiting() -> None:
    await asyncio.wait_for(nothing(), 5)


async def cancelling() -> None:
    task: Any = asyncio.current_task()
    task.cancel()


async def looked_up() -> None:
    {}.get(asyncio.current_task())  # as libraries do that have states of tasks


@pytest.mark.parametrize(
    'function',
    [
        with_timeout,
        with_timeout_at_once,
        with_timeout_of_a_package,
        with_group,
        creating,
        gathering,
        waiting,
        cancelling,
        looked_up,
    ],
)
def test_tasks_of_asyncio_are_refused(scheduler: Scheduler, function: Callable[[], Any]) -> None:
    async def main() -> BaseException | None:
        error = run(scheduler, function).exception()
        await asyncio.create_task(nothing())  # outside it goes on as ever
        return error

    error = run_in_a_loop(main())
    assert type(error) is TypeError
    assert str(error) == NO_TASKS


def test_calls_that_end_no_task_are_made(scheduler: Scheduler) -> None:
    called = []

    async def function() -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(called.append, 'soon')
        loop.call_later(0, called.append, 'later')

    async def main() -> None:
        run(scheduler, function).result()
        await asyncio.sleep(0.01)

    run_in_a_loop(main())
    assert called == ['soon', 'later']


def test_the_hub_keeps_its_task(scheduler: Scheduler) -> None:
    gate: Future[int] = Future()

    async def main() -> None:
        before = asyncio.current_task()
        task = run(scheduler, gate.result)
        async with asyncio.timeout(60):
            assert asyncio.current_task() is before
        gate.set_result(1)
        scheduler.run()
        assert asyncio.current_task() is before
        assert task.result() == 1

    run_in_a_loop(main())


def test_what_runs_beside_the_loop_s_tasks_has_none_afterwards(scheduler: Scheduler) -> None:
    async def main() -> list[Any]:
        seen: list[Any] = []
        done = asyncio.Event()

        def callback() -> None:
            run(scheduler, lambda: seen.append(1))
            seen.append(asyncio.current_task())
            done.set()

        asyncio.get_running_loop().call_soon(callback)
        await done.wait()
        return seen

    assert run_in_a_loop(main()) == [1, None]
