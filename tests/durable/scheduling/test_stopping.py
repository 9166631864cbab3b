"""What is given up goes on, or ends with all that is below it; processes are only noted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiida import orm
from aiida.engine import Process

from aiida_slabrelax.durable.calls import Call
from aiida_slabrelax.durable.concurrency import first, gather, wait_for
from aiida_slabrelax.durable.execution import Execution, current_execution
from aiida_slabrelax.durable.places import Place
from aiida_slabrelax.durable.record.history import History, Recorded
from aiida_slabrelax.durable.record.journal import Journal
from aiida_slabrelax.durable.scheduling.tasks import Future, Position


class Launched:
    """A backend that notes what it should launch and kill."""

    uuid = ''

    def __init__(self) -> None:
        self.names: dict[orm.ProcessNode, str] = {}
        self.killed: list[str] = []

    def launch(self, call: Call, position: Position) -> orm.ProcessNode:
        node = orm.CalcFunctionNode()
        self.names[node] = call.name
        return node

    def execute(self, call: Call, position: Position) -> orm.ProcessNode:
        raise AssertionError('nothing is called directly here')

    def find_difference(self, recorded: Recorded, call: Call) -> str | None:
        return None

    def find_mistake(self, call: Call) -> Exception | None:
        return None

    def read_again(self, node: orm.ProcessNode) -> orm.ProcessNode:
        return node

    def kill(self, node: orm.ProcessNode) -> None:
        self.killed.append(self.names[node])

    def leave(self, place: Place) -> None: ...

    def report(self, message: str) -> None: ...

    def keep_journal(self) -> None: ...


@pytest.fixture
def backend() -> Launched:
    return Launched()


def call(name: str) -> Any:
    return current_execution('call').start(Call(name, Process, {}, lambda node: node))


def live(backend: Launched, function: Callable[[], Any], journal: Journal | None = None) -> Any:
    journal = journal or Journal()
    execution = Execution(function, journal, History(), backend)
    execution.advance(len(journal.order))
    return execution


def strike(execution: Execution) -> None:
    """Let the only timer come to its end."""
    (timer,) = (key for key, one in execution.outstanding.items() if hasattr(one, 'deadline'))
    assert execution.arrive(timer)
    execution.advance(len(execution.journal.order))


async def stage(name: str) -> None:
    call(f'{name}, not awaited')
    await call(f'{name}, awaited')


async def deep() -> None:
    await gather([stage('deep'), gather({'x': call('deeper')})])


WAITS: dict[str, tuple[Callable[[], Any], list[str]]] = {
    'handle': (lambda: call('a'), ['a']),
    'gather': (lambda: gather([call('a'), {'x': call('b')}]), ['a', 'b']),
    'coroutine': (lambda: stage('a'), ['a, awaited', 'a, not awaited']),
    'gather of coroutines': (
        lambda: gather(stage('a'), stage('b')),
        ['a, awaited', 'a, not awaited', 'b, awaited', 'b, not awaited'],
    ),
    'nested': (deep, ['deep, awaited', 'deep, not awaited', 'deeper']),
    'first': (lambda: first(call('a'), call('b')), ['a', 'b']),
}


@pytest.mark.parametrize('kind', WAITS)
def test_a_time_out_with_kill_reaches_all_below(backend: Launched, kind: str) -> None:
    make, ends = WAITS[kind]

    def function() -> None:
        call('bystander')
        wait_for(make(), 1.0, kill=True).result()

    execution = live(backend, function)
    strike(execution)
    assert type(execution.root.exception()) is TimeoutError
    assert sorted(backend.killed) == ends


@pytest.mark.parametrize('kind', WAITS)
def test_a_time_out_without_kill_leaves_all_as_it_is(backend: Launched, kind: str) -> None:
    make, _ = WAITS[kind]

    def function() -> None:
        task = gather(make())
        with pytest.raises(TimeoutError):
            wait_for(task, 1.0).result()
        task.result()

    execution = live(backend, function)
    strike(execution)
    assert backend.killed == []
    assert not execution.root.done()
    for handle in [*execution.outstanding.values()]:
        handle.set_result(1)
    execution.advance(1)
    for handle in [*execution.outstanding.values()]:
        handle.set_result(1)
    execution.advance(1)
    assert execution.root.done()
    assert execution.root.exception() is None


def test_the_losers_of_a_race_end_with_all_below(backend: Launched) -> None:
    gate: Future[int] = Future()

    async def winner() -> int:
        return await gate

    execution = live(backend, lambda: first(winner(), deep(), call('a'), kill=True).result())
    gate.set_result(1)
    execution.advance(0)
    assert execution.root.result() == 1
    assert sorted(backend.killed) == ['a', 'deep, awaited', 'deep, not awaited', 'deeper']


def test_what_is_stopped_calls_nothing_more(backend: Launched) -> None:
    async def stubborn() -> None:
        for number in range(3):
            try:
                await call(f'try {number}')
            except BaseException:
                continue

    def function() -> None:
        wait_for(stubborn(), 1.0, kill=True).result()

    execution = live(backend, function)
    strike(execution)
    assert [*backend.names.values()] == ['try 0']
    assert backend.killed == ['try 0']


def test_what_is_stopped_may_call_to_tidy_up(backend: Launched) -> None:
    async def tidy() -> None:
        try:
            await call('long')
        finally:
            await call('tidying up')

    execution = live(backend, lambda: wait_for(tidy(), 1.0, kill=True).result())
    strike(execution)
    assert [*backend.names.values()] == ['long', 'tidying up']
    assert backend.killed == ['long']


def test_a_call_that_had_not_been_stored_is_taken_back(backend: Launched) -> None:
    """Its worker died before it was stored; by now its time is over."""
    handles = []

    def function() -> None:
        handles.append(call('a'))
        with pytest.raises(TimeoutError):
            wait_for(handles[-1], 1.0, kill=True).result()
        handles[-1].result()

    before = live(backend, function)
    strike(before)
    again = live(backend, function, Journal.loads(before.journal.dumps()))
    assert [*backend.names.values()] == ['a']
    assert type(again.root.exception()) is asyncio.CancelledError
