"""The places of a workflow in semaphores, in one life of its worker after another."""

from __future__ import annotations

from typing import Any

import pytest
from aiida import orm
from hypothesis import given
from hypothesis import strategies as st

from aiida_slabrelax.durable import Semaphore, gather
from aiida_slabrelax.durable.calls import Call, Handle
from aiida_slabrelax.durable.execution import Execution, current_execution
from aiida_slabrelax.durable.places import Place
from aiida_slabrelax.durable.record.history import History
from aiida_slabrelax.durable.record.journal import Journal
from aiida_slabrelax.durable.scheduling.tasks import Position


class Profile:
    """A backend that notes what is launched, in a profile whose semaphores are full or not."""

    uuid = '4a6d7f0e-8f3c-4f0b-9d5e-0c8b0f6f4d11'

    def __init__(self) -> None:
        self.launched: list[str] = []
        self.left: list[str] = []
        self.is_full = False

    def launch(self, call: Call, position: Position) -> orm.ProcessNode:
        self.launched.append(call.name)
        return orm.CalcFunctionNode()

    def find_mistake(self, call: Call) -> Exception | None:
        return None

    def has(self, place: Place) -> bool:
        return not self.is_full

    def leave(self, place: Place) -> None:
        self.left.append(place.name)


def call(name: str) -> Handle:
    return current_execution('call').start(Call(name, Any, {}, lambda node: None))  # type: ignore[arg-type]


def begin(profile: Profile, function: Any, journal: Journal) -> Execution:
    execution = Execution(function, journal, History(), profile)  # type: ignore[arg-type]
    execution.advance(len(journal.order))
    return execution


async def inside(fails: bool = False) -> None:
    async with Semaphore(1, name='s'):
        if fails:
            raise KeyError('no such key')
        await call('inside')


def live_until_the_bug(profile: Profile) -> str:
    """Return the journal of a workflow with a bug inside a semaphore, which it has left."""
    execution = begin(profile, lambda: inside(fails=True), Journal())
    (place,) = execution.pending()
    assert execution.arrive(place.position)
    execution.advance(1)
    assert type(execution.root.exception()) is KeyError
    assert profile.left == ['s']
    return execution.journal.dumps()


def test_what_was_left_by_a_bug_is_entered_again_first() -> None:
    profile = Profile()
    text = live_until_the_bug(profile)
    profile.is_full = True
    execution = begin(profile, inside, Journal.loads(text))
    assert profile.launched == []
    place = execution.places.lacking[0]
    assert place in execution.pending()
    assert not execution.has_news
    assert execution.places.regain(place)
    assert execution.has_news
    execution.advance(1)
    assert profile.launched == ['inside']


def test_a_place_that_is_kept_is_not_waited_for() -> None:
    profile = Profile()
    text = live_until_the_bug(profile)
    execution = begin(profile, inside, Journal.loads(text))
    assert profile.launched == ['inside']
    assert execution.places.lacking == []


def test_what_is_outside_goes_on_meanwhile() -> None:
    profile = Profile()

    def run(fails: bool) -> Any:
        async def outside() -> None:
            await call('outside')

        return gather([inside(fails), outside()])

    execution = begin(profile, lambda: run(True).result(), Journal())
    (place,) = [future for future in execution.pending() if isinstance(future, Place)]
    execution.arrive(place.position)
    execution.advance(1)
    profile.launched.clear()
    profile.is_full = True
    begin(profile, lambda: run(False).result(), Journal.loads(execution.journal.dumps()))
    assert profile.launched == ['outside']


def test_a_call_that_waits_for_its_place_can_be_taken_back() -> None:
    profile = Profile()
    text = live_until_the_bug(profile)
    profile.is_full = True
    execution = begin(profile, inside, Journal.loads(text))
    (handle,) = [future for future in execution.pending() if isinstance(future, Handle)]
    execution.launcher.kill(handle)
    execution.places.regain(execution.places.lacking[0])
    assert not execution.has_news
    assert profile.launched == []


positions = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(tuple)


@given(positions, positions)
def test_a_place_encloses_what_comes_later_in_its_task_and_below(
    place: Position, later: Position
) -> None:
    *task, number = place
    same = later[: len(task)] == (*task,) and len(later) >= len(place)
    expected = same and later[len(task)] > number
    assert Place(place, 's', 1).encloses(later) == expected


@pytest.mark.parametrize(('later', 'is_enclosed'), [((1, 3), True), ((1, 2, 0), False)])
def test_a_task_that_was_started_before_is_outside(later: Position, is_enclosed: bool) -> None:
    """Position 2 of the task 1 is a gather, 3 a call."""
    assert Place((1, 2), 's', 1).encloses(later) == is_enclosed
