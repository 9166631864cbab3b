"""Every workflow of the suite, with its worker killed at every fault point it reaches.

Each run has up to six kills, a sixth of the way apart, so that a kill after a kill is seen too.
"""

from __future__ import annotations

import pytest
from aiida.engine import submit
from aiida.orm import ProcessNode

from aiida_slabrelax.durable import replay
from durable import programs
from durable.crash import family, orphans, outputs, run_with_kills, stand
from durable.workers import Workers


@pytest.mark.parametrize('name', programs.EXPECTED)
@pytest.mark.timeout(1800)
def test_a_kill_at_every_fault_point(name: str, workers: Workers) -> None:
    """The result, the children that have ended, and their results are those of a run in peace."""

    def launch() -> ProcessNode:
        return submit(getattr(programs, name))

    peace = run_with_kills(workers, launch, kill_at=(), timeout=120)
    assert peace.node.exit_status == programs.EXPECTED[name][0]
    end = len(peace.reached)
    left, failures = set(range(1, end + 1)), []
    while left:
        kill_at = list(range(min(left), end + 1, (end + 5) // 6))
        outcome = run_with_kills(workers, launch, kill_at=kill_at, timeout=120)
        reached = len(outcome.reached)
        kill_at = [count for count in kill_at if count <= reached]
        assert outcome.kills == len(kill_at)
        if kill_at:
            # After a kill points are passed again, or not at all: what follows counts from the end.
            left -= {kill_at[0], *(end - reached + count for count in kill_at[1:])}
        else:
            # Another run in peace, with fewer points: children that end together are one step.
            left = {count for count in left if count <= reached}
        node = outcome.node
        same = (
            node.exit_status == peace.node.exit_status
            and outputs(node) == outputs(peace.node)
            and family(node) == family(peace.node)
            and not orphans(node)
        )
        if not same:
            killed = [f'{count} {outcome.reached[count - 1]}' for count in kill_at]
            failures.append(f'{killed}\n{stand(node)}')
        replay(node)
    assert failures == []
