"""Workflows invented by chance, with their worker killed at fault points chosen by chance."""

from __future__ import annotations

import time
from typing import Any

import pytest
from aiida.engine import submit
from aiida.orm import ProcessNode
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from aiida_slabrelax.durable import replay
from durable import invented
from durable.crash import Outcome, family, orphans, run_with_kills
from durable.workers import Workers

#: Programs have to end in seconds: so many processes at the most.
MOST_CALLS = 12

#: So many programs run however busy the machine is.
LEAST = 4


def count_calls(program: list[Any]) -> int:
    """Return the number of processes that a program calls at the most."""
    total = 0
    for kind, *arguments in program:
        if kind == 'repeat':
            total += arguments[0] * count_calls(arguments[1])
        elif kind == 'branch':
            total += max(map(count_calls, arguments))
        elif kind in ('gather', 'limited', 'workflow'):
            total += sum(map(count_calls, arguments)) + (kind == 'workflow')
        elif kind == 'ordered':
            total += arguments[0]
        elif kind not in ('sleep', 'local'):
            total += 1
    return total


def statements(bodies: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Statements with others in them."""
    body = st.lists(bodies, min_size=1, max_size=2)
    several = st.lists(body, min_size=2, max_size=3)
    return st.one_of(
        st.tuples(st.just('repeat'), st.integers(1, 3), body).map(list),
        st.tuples(st.just('branch'), body, body).map(list),
        several.map(lambda parts: ['gather', *parts]),
        several.map(lambda parts: ['limited', *parts]),
        body.map(lambda part: ['workflow', part]),
    )


SIMPLE = st.one_of(
    st.sampled_from([['double'], ['increase'], ['add'], ['fail'], ['sleep'], ['local']]),
    st.integers(1, 3).map(lambda n: ['ordered', n]),
)
PROGRAMS = st.lists(st.recursive(SIMPLE, statements, max_leaves=6), min_size=1, max_size=4).filter(
    lambda program: 2 <= count_calls(program) <= MOST_CALLS
)


def run(workers: Workers, program: list[Any], kill_at: list[int]) -> Outcome:
    def launch() -> ProcessNode:
        return submit(invented.program_workflow, program=program, x=1.0)

    return run_with_kills(workers, launch, kill_at, timeout=120)


@pytest.mark.timeout(2400)
def test_kills_do_not_change_what_a_program_does(
    workers: Workers, request: pytest.FixtureRequest
) -> None:
    """The same programs each time, as many as there is time for; others with ``--every-crash``."""
    by_chance = request.config.getoption('every_crash')
    end = time.monotonic() + (1800 if by_chance else 90)
    done = 0

    @settings(
        max_examples=300 if by_chance else 12,
        derandomize=not by_chance,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(program=PROGRAMS, parts=st.lists(st.floats(0, 1), min_size=1, max_size=3))
    @example(program=[['ordered', 3], ['gather', [['double']], [['add'], ['fail']]]], parts=[0.5])
    @example(program=[['workflow', [['limited', [['double']], [['increase']]]]]], parts=[0.3, 0.9])
    def check(program: list[Any], parts: list[float]) -> None:
        nonlocal done
        if done >= LEAST and time.monotonic() > end:
            return
        peace = run(workers, program, [])
        assert peace.node.exit_status == 0
        assert peace.node.outputs.x.value == pytest.approx(invented.compute(program, 1.0))
        points = len(peace.reached)
        outcome = run(workers, program, sorted({1 + int(part * (points - 1)) for part in parts}))
        assert outcome.kills >= 1
        assert outcome.node.exit_status == 0
        assert outcome.node.outputs.x.value == peace.node.outputs.x.value
        assert family(outcome.node) == family(peace.node)
        assert orphans(outcome.node) == []
        replay(outcome.node)
        done += 1

    check()
    print(f'{done} programs')
    assert done >= LEAST
