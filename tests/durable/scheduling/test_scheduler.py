"""Leaving tasks: they may tidy up, but nothing that they do keeps the hub from going on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from greenlet import GreenletExit

from aiida_slabrelax.durable.scheduling import tasks
from aiida_slabrelax.durable.scheduling.scheduler import Scheduler
from aiida_slabrelax.durable.scheduling.tasks import Future, Task, current_task


def run(scheduler: Scheduler, function: Callable[[], Any]) -> Task:
    task = scheduler.spawn((), function)
    scheduler.run()
    return task


def command() -> None:
    current_task('it').run_in_hub(lambda: None)


def swallowing(seen: list[int], give: Callable[[], Any]) -> Callable[[], None]:
    """Return a function that waits, and tries again whatever happens."""

    def function() -> None:
        while True:
            seen.append(1)
            with suppress(BaseException):
                give()

    return function


def test_drop_runs_finally_clauses(scheduler: Scheduler) -> None:
    seen = []

    def function() -> None:
        try:
            Future[int]().result()
        finally:
            seen.append('finally')

    task = run(scheduler, function)
    assert scheduler.drop() == []
    assert seen == ['finally']
    assert not task.done()


def test_a_command_ends_a_finally_clause_of_what_is_dropped(scheduler: Scheduler) -> None:
    seen: list[str] = []

    async def function() -> None:
        try:
            try:
                await Future[int]()
            finally:
                try:
                    command()
                except Exception:
                    seen.append('no Exception')
                seen.append('too far')
        finally:
            seen.append('outer')

    run(scheduler, function)
    assert scheduler.drop() == []
    assert seen == ['outer']


def test_drop_forgets_tasks_that_have_not_begun(scheduler: Scheduler) -> None:
    seen: list[int] = []
    scheduler.spawn((), lambda: seen.append(1))
    scheduler.drop()
    scheduler.run()
    assert seen == []


@pytest.mark.parametrize('give', [lambda: Future[int]().result(), command], ids=['wait', 'hub'])
def test_a_task_that_swallows_all_errors_is_abandoned(
    scheduler: Scheduler, give: Callable[[], Any]
) -> None:
    seen: list[int] = []
    begun = Future[int]()

    def function() -> None:
        try:
            begun.result()
        except:  # noqa: E722 - what users write
            swallowing(seen, give)()

    task = run(scheduler, function)
    assert scheduler.drop() == [task]
    assert len(seen) == tasks.PATIENCE + 1
    assert not task.greenlet.dead


def test_the_others_are_left_all_the_same(scheduler: Scheduler) -> None:
    left = []

    def stubborn() -> None:
        swallowing([], lambda: Future[int]().result())()

    def tidy() -> None:
        try:
            Future[int]().result()
        except GreenletExit:
            left.append('tidy')
            raise

    for number, function in enumerate([stubborn, tidy, stubborn]):
        scheduler.spawn((number,), function)
    scheduler.run()
    assert [task.position for task in scheduler.drop()] == [(0,), (2,)]
    assert left == ['tidy']


def test_a_task_that_is_stopped_may_tidy_up(scheduler: Scheduler) -> None:
    gate, tidied = Future[int](), Future[str]()

    def function() -> str:
        try:
            gate.result()
        except asyncio.CancelledError:
            command()
            return tidied.result()
        return 'nothing'

    task = run(scheduler, function)
    task.stop()
    scheduler.run()
    tidied.set_result('tidied')
    scheduler.run()
    assert task.result() == 'tidied'


def test_a_task_that_is_stopped_before_it_begins_may_tidy_up(scheduler: Scheduler) -> None:
    def function() -> str:
        try:
            command()
        except asyncio.CancelledError:
            command()
            return 'tidied'
        return 'nothing'

    task = scheduler.spawn((), function)
    task.stop()
    scheduler.run()
    assert task.result() == 'tidied'


def test_a_task_that_is_stopped_does_nothing_else(scheduler: Scheduler) -> None:
    def function() -> None:
        with suppress(asyncio.CancelledError):
            Future[int]().result()
        command()

    task = run(scheduler, function)
    task.stop()
    scheduler.run()
    error = task.exception()
    assert type(error) is asyncio.CancelledError
    assert str(error) == 'it is refused: this part of the workflow has been given up'


def test_a_task_that_swallows_its_stop_is_abandoned(scheduler: Scheduler) -> None:
    seen: list[int] = []
    task = run(scheduler, swallowing(seen, lambda: Future[int]().result()))
    other = scheduler.spawn((1,), task.result)
    scheduler.run()
    task.stop()
    scheduler.run()
    assert len(seen) == tasks.PATIENCE + 2
    for one in (task, other):
        assert type(one.exception()) is asyncio.CancelledError
    assert scheduler.drop() == [task]
