"""Who has a place in a window that processes share; the processes are nodes."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from aiida.common import LinkType
from aiida.orm import WorkChainNode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiida_slabrelax.engine import shared_window

Make = Callable[..., WorkChainNode]


@pytest.fixture
def name(aiida_profile: object) -> str:
    return f'oxides-{uuid4()}'


@pytest.fixture
def make(aiida_profile: object) -> Make:
    """Return a function that stores a process in a state, called by another one."""

    def store(caller: WorkChainNode | None = None, state: str = 'waiting') -> WorkChainNode:
        node = WorkChainNode()
        node.set_process_state(state)
        if caller is not None:
            node.base.links.add_incoming(caller, LinkType.CALL_WORK, 'child')
        return node.store()

    return store


def pk_of(node: WorkChainNode) -> int:
    assert node.pk is not None
    return node.pk


def end(node: WorkChainNode) -> None:
    node.set_process_state('finished')


def test_no_more_than_the_limit(name: str, make: Make) -> None:
    first, second = pk_of(make()), pk_of(make())
    assert shared_window.take(name, 3, first, [], 2) == (2, [])
    assert shared_window.take(name, 3, second, [], 5) == (1, [])
    places = shared_window.read(name)
    assert places.taken == [(first, None), (first, None), (second, None)]
    assert places.waiting == {second: 4}
    assert not shared_window.has_free(name, 3)
    assert shared_window.has_free(name, 4)


def test_asked_twice_it_has_the_same_places(name: str, make: Make) -> None:
    """A worker that dies before it has launched anything is followed by one that asks again."""
    run, other = pk_of(make()), pk_of(make())
    shared_window.take(name, 3, other, [], 1)
    assert shared_window.take(name, 3, run, [], 5)[0] == 2
    assert shared_window.take(name, 3, run, [], 5)[0] == 2


def test_a_place_is_free_when_its_child_has_ended(name: str, make: Make) -> None:
    run, other = make(), pk_of(make())
    child, ended = make(run), make(run)
    children = [pk_of(child), pk_of(ended)]
    shared_window.take(name, 2, pk_of(run), children, 0)
    assert shared_window.take(name, 2, other, [], 1)[0] == 0
    end(ended)
    assert shared_window.has_free(name, 2)
    assert shared_window.take(name, 2, other, [], 1)[0] == 1
    assert shared_window.read(name).taken == [(pk_of(run), pk_of(child)), (other, None)]


def test_children_of_a_run_that_has_ended_keep_their_places(name: str, make: Make) -> None:
    """One that ended before it told of its child, too."""
    run, other = make(), pk_of(make())
    shared_window.take(name, 2, pk_of(run), [], 2)
    child = make(run)
    end(run)
    assert shared_window.take(name, 2, other, [], 2)[0] == 1
    end(child)
    assert shared_window.take(name, 2, other, [], 2)[0] == 2


def test_the_oldest_that_wait_are_told_of_free_places(name: str, make: Make) -> None:
    run, first, second, third = (pk_of(make()) for _ in range(4))
    shared_window.take(name, 3, run, [], 3)
    shared_window.take(name, 3, second, [], 1)
    shared_window.take(name, 3, first, [], 1)
    shared_window.take(name, 3, third, [], 1)
    assert shared_window.take(name, 3, run, [], 1) == (1, [first, second])


def test_who_asks_in_turn_leaves_the_places_to_older_ones(name: str, make: Make) -> None:
    run, older, younger = pk_of(make()), make(), pk_of(make())
    shared_window.take(name, 2, run, [], 2)
    shared_window.take(name, 2, pk_of(older), [], 1)
    shared_window.take(name, 2, run, [], 1)
    assert shared_window.take(name, 2, younger, [], 1, in_turn=True) == (0, [pk_of(older)])
    end(older)
    assert shared_window.take(name, 2, younger, [], 1, in_turn=True) == (1, [])


def test_who_has_ended_is_not_told(name: str, make: Make) -> None:
    run, gone, last = pk_of(make()), make(), pk_of(make())
    shared_window.take(name, 1, run, [], 1)
    shared_window.take(name, 1, pk_of(gone), [], 1)
    shared_window.take(name, 1, last, [], 1)
    end(gone)
    assert shared_window.take(name, 1, run, [], 0) == (0, [last])


def test_a_limit_for_all(name: str, make: Make) -> None:
    shared_window.set_limit(name, 1)
    run = pk_of(make())
    assert shared_window.take(name, 5, run, [], 3)[0] == 1
    shared_window.set_limit(name, 2)
    assert shared_window.take(name, 5, run, [], 3)[0] == 2
    assert shared_window.read(name).limit == 2


@given(
    limit=st.integers(1, 4),
    wishes=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=12),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[*HealthCheck])
def test_whatever_is_asked(
    limit: int, wishes: list[tuple[int, int]], make: Make, name: str
) -> None:
    """Processes give their places back and ask for others, in any order; none is lost."""
    own, runs = f'{name}-{uuid4()}', [pk_of(make()) for _ in range(4)]
    held = dict.fromkeys(runs, 0)
    for number, wanted in wishes:
        run = runs[number]
        others = sum(held.values()) - held[run]
        held[run], woken = shared_window.take(own, limit, run, [], wanted)
        assert held[run] == min(wanted, limit - others)
        places = shared_window.read(own)
        assert len(places.taken) == sum(held.values()) <= limit
        assert bool(woken) == (len(places.taken) < limit and places.waiting.keys() - {run} != set())
