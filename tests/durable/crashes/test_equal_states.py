"""Where the same is stored, a worker goes on in the same way: why no such kill is repeated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from aiida.engine import submit
from aiida.orm import ProcessNode

from durable import programs
from durable.crash import Outcome, run_with_kills
from durable.workers import Workers


def launcher(name: str, **inputs: object) -> Callable[[], ProcessNode]:
    return lambda: submit(getattr(programs, name), **inputs)


def recovery(points: list[str], killed: int) -> tuple[str, ...]:
    """Return what follows a kill, up to the next call.

    How many checkpoints come in between depends on when a child ends, and is left out.

    :param killed: the place of the point at which the worker was killed.
    """
    following = [point for point in points[killed + 1 :] if 'a checkpoint:' not in point]
    calls = [n for n, point in enumerate(following) if point.startswith('before a child')]
    return tuple(following[: calls[1] + 1 if len(calls) > 1 else None])


def kill_once(workers: Workers, launch: Callable[[], ProcessNode], count: int) -> Outcome:
    outcome = run_with_kills(workers, launch, kill_at=[count], timeout=120)
    assert outcome.kills == 1
    return outcome


def test_in_every_round_of_a_loop(workers: Workers) -> None:
    """The third and the fourth of five rounds pass the same points, and recover alike."""
    launch = launcher('loop', n=5)
    peace = run_with_kills(workers, launch, kill_at=(), timeout=120)
    places: dict[str, list[int]] = defaultdict(list)
    for place, point in enumerate(peace.points):
        places[point].append(place)
    repeated = {point: found for point, found in places.items() if len(found) > 1}
    assert len(repeated) >= 6
    for point, found in repeated.items():
        ways = {
            recovery(kill_once(workers, launch, place + 1).points, place) for place in found[:2]
        }
        assert len(ways) == 1, point


def test_in_workflows_written_with_the_same_commands(workers: Workers) -> None:
    """A loop, a plain function and loops in loops are one to the engine."""
    ways = defaultdict(set)
    for launch in (launcher('loop', n=4), launcher('plain_loop', n=4), launcher('nested_loops')):
        peace = run_with_kills(workers, launch, kill_at=(), timeout=120)
        for place in (0, 2, 3, 5):
            outcome = kill_once(workers, launch, place + 1)
            ways[peace.points[place]].add(recovery(outcome.points, place))
    assert {len(found) for found in ways.values()} == {1}
    assert len(ways) == 4
