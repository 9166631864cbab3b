"""A run of a function against its journal, without processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida import orm

from aiida_slabrelax.durable.calls import Call
from aiida_slabrelax.durable.commands import (
    now,
    patched,
    random,
    report,
    side_effect,
    sleep,
    uuid,
)
from aiida_slabrelax.durable.concurrency import wait_for
from aiida_slabrelax.durable.errors import NondeterminismError
from aiida_slabrelax.durable.execution import Execution
from aiida_slabrelax.durable.places import Place
from aiida_slabrelax.durable.publishing import publish
from aiida_slabrelax.durable.record.history import History, Recorded
from aiida_slabrelax.durable.record.journal import Journal
from aiida_slabrelax.durable.scheduling.tasks import Future, Position

UUID = '4a6d7f0e-8f3c-4f0b-9d5e-0c8b0f6f4d11'


class Notes:
    """A backend that only notes what it is asked."""

    def __init__(self) -> None:
        self.uuid = UUID
        self.reports: list[str] = []
        self.published: list[dict[str, Any]] = []
        self.kept = 0

    def launch(self, call: Call, position: Position) -> orm.ProcessNode:
        raise AssertionError('no call is made here')

    def execute(self, call: Call, position: Position) -> orm.ProcessNode:
        raise AssertionError('no call is made here')

    def find_difference(self, recorded: Recorded, call: Call) -> str | None:
        return None

    def find_mistake(self, call: Call) -> Exception | None:
        return None

    def read_again(self, node: orm.ProcessNode) -> orm.ProcessNode:
        return node

    def kill(self, node: orm.ProcessNode) -> None: ...

    def has(self, place: Place) -> bool:
        return True

    def leave(self, place: Place) -> None: ...

    def report(self, message: str) -> None:
        self.reports.append(message)

    def publish(self, values: dict[str, Any]) -> bool:
        self.published.append(values)
        return True

    def keep_journal(self) -> None:
        self.kept += 1


class Run:
    """A function in one life of its worker after another; the journal is what outlives it."""

    def __init__(self) -> None:
        self.text = Journal().dumps()
        self.backend = Notes()

    def live(self, function: Callable[[], Any]) -> Execution:
        journal = Journal.loads(self.text)
        execution = Execution(function, journal, History(), self.backend)
        execution.advance(len(journal.order))
        self.text = journal.dumps()
        return execution

    def arrive(self, execution: Execution, position: Position) -> None:
        assert execution.arrive(position)
        execution.advance(len(execution.journal.order))
        self.text = execution.journal.dumps()


@pytest.fixture
def run() -> Run:
    return Run()


def test_a_function_without_calls_ends_at_once(run: Run) -> None:
    assert run.live(lambda: 3).root.result() == 3


def test_a_value_is_made_once(run: Run) -> None:
    values = iter([1, 2])
    first = run.live(lambda: side_effect(lambda: next(values)))
    again = run.live(lambda: side_effect(lambda: next(values)))
    assert (first.root.result(), again.root.result()) == (1, 1)
    assert next(values) == 2


def test_a_value_is_persisted_before_it_is_used(run: Run) -> None:
    assert run.live(lambda: (side_effect(lambda: 1), run.backend.kept)).root.result() == (1, 1)


def test_a_value_is_the_same_in_the_first_life(run: Run) -> None:
    def function() -> Any:
        return side_effect(lambda: (1, (2,)))

    assert run.live(function).root.result() == run.live(function).root.result() == [1, [2]]


def test_a_value_that_is_not_plain_is_refused(run: Run) -> None:
    error = run.live(lambda: side_effect(object)).root.exception()
    assert type(error) is TypeError
    assert str(error).startswith('the value of side_effect(object) must be made of None, booleans')
    assert run.text == Journal().dumps()


def test_an_error_is_not_kept(run: Run) -> None:
    def fail() -> None:
        raise OSError('not now')

    assert repr(run.live(lambda: side_effect(fail)).root.exception()) == "OSError('not now')"
    assert run.live(lambda: side_effect(lambda: 1)).root.result() == 1


@pytest.mark.parametrize('value', [now, random, uuid])
def test_values_stay_the_same(run: Run, value: Callable[[], Any]) -> None:
    def function() -> list[Any]:
        return [value() for _ in range(3)]

    first, again = run.live(function).root.result(), run.live(function).root.result()
    assert first == again
    assert len(set(first)) == 3


def test_a_random_number_is_in_its_range(run: Run) -> None:
    numbers = run.live(lambda: [random() for _ in range(200)]).root.result()
    assert all(0 <= number < 1 for number in numbers)
    assert 0.4 < sum(numbers) / 200 < 0.6


def test_random_numbers_differ_between_workflows(run: Run) -> None:
    other = Run()
    other.backend.uuid = UUID.replace('4a', '4b')
    assert run.live(random).root.result() != other.live(random).root.result()


def test_now_is_in_utc(run: Run) -> None:
    offset = run.live(now).root.result().utcoffset()
    assert offset is not None
    assert offset.total_seconds() == 0


def test_another_kind_of_value_is_a_mismatch(run: Run) -> None:
    run.live(now)
    with pytest.raises(NondeterminismError) as differs:
        run.live(lambda: side_effect(len, []))
    assert 'the function calls side_effect(len) where now() was called. Mend the' in str(
        differs.value
    )
    assert __file__ in str(differs.value)


def sleeper() -> str:
    sleep(60).result()
    return 'slept'


@pytest.mark.parametrize(
    ('before', 'kind'),
    [
        (now, 'now()'),
        (lambda: side_effect(max, 1, 2), 'side_effect(max)'),
        (lambda: sleep(1), 'sleep()'),
    ],
)
def test_a_value_that_is_not_asked_for_again_is_a_mismatch(
    run: Run, before: Callable[[], Any], kind: str
) -> None:
    run.live(before)
    with pytest.raises(NondeterminismError) as mismatch:
        run.live(lambda: None)
    said = f'the function ends without having called {kind}, which it called before. '
    assert said in str(mismatch.value)


def test_a_timer_ends_once(run: Run) -> None:
    execution = run.live(sleeper)
    assert not execution.root.done()
    assert len(execution.pending()) == 1
    run.arrive(execution, (1,))
    assert execution.root.result() == 'slept'
    assert not execution.arrive((1,))
    assert run.live(sleeper).root.result() == 'slept'


def test_the_deadline_of_a_timer_stays(run: Run) -> None:
    deadlines = [run.live(sleeper).pending()[0].deadline for _ in range(2)]
    assert deadlines[0] == deadlines[1]


@pytest.fixture
def timed(run: Run) -> tuple[Execution, Future[Any], Position]:
    """A function that gives something a second, what it waits for, and its timer."""
    gate: Future[Any] = Future()
    execution = run.live(lambda: wait_for(gate, 1.0).result())
    (timer,) = execution.outstanding
    return execution, gate, timer


def test_a_timeout_strikes(run: Run, timed: tuple[Execution, Future[Any], Position]) -> None:
    execution, _, timer = timed
    run.arrive(execution, timer)
    error = execution.root.exception()
    assert type(error) is TimeoutError
    assert str(error).endswith('has not ended within 1.0 s')


def test_what_ends_in_time_cancels_its_timer(
    run: Run, timed: tuple[Execution, Future[Any], Position]
) -> None:
    execution, gate, _ = timed
    gate.set_result(3)
    execution.advance(0)
    assert execution.root.result() == 3
    assert execution.pending() == []


def test_what_has_arrived_is_delivered_once_it_is_persisted(run: Run) -> None:
    execution = run.live(sleeper)
    execution.arrive((1,))
    execution.advance(0)
    assert not execution.root.done()
    execution.advance(1)
    assert execution.root.done()


def test_a_report_is_written_once(run: Run) -> None:
    def function() -> None:
        report('before')
        sleeper()
        report('after')

    run.live(function)
    execution = run.live(function)
    assert run.backend.reports == ['before']
    run.arrive(execution, (1,))
    run.live(function)
    assert run.backend.reports == ['before', 'after', 'after']  # nothing is recorded behind it


def test_what_is_published_is_published_again(run: Run) -> None:
    def function() -> None:
        publish(a=1, b=1)
        publish(a=2)
        sleeper()
        publish(a=3)

    execution = run.live(function)
    run.arrive(execution, (1,))
    run.live(function)
    assert run.backend.published == [
        {'a': {'value': 2}, 'b': {'value': 1}},
        {'a': {'value': 3}},
        {'a': {'value': 3}, 'b': {'value': 1}},
    ]


def test_a_report_before_a_value_is_written_once(run: Run) -> None:
    def function() -> None:
        report('before')
        now()

    run.live(function)
    run.live(function)
    assert run.backend.reports == ['before']


def test_a_new_workflow_goes_the_new_way(run: Run) -> None:
    assert run.live(lambda: patched('x')).root.result() is True


def test_the_answer_of_patched_stays(run: Run) -> None:
    def function() -> list[bool]:
        answers = [patched('x')]
        sleeper()
        return [*answers, patched('x')]

    run.live(function)
    execution = run.live(function)
    run.arrive(execution, (1,))
    assert execution.root.result() == [True, True]
    assert run.live(function).root.result() == [True, True]


def test_a_workflow_that_had_gone_on_goes_the_old_way(run: Run) -> None:
    def function() -> list[bool]:
        old = patched('x')
        sleeper()
        return [old, patched('y')]

    run.live(sleeper)
    execution = run.live(function)
    run.arrive(execution, (1,))
    assert execution.root.result() == [False, True]
