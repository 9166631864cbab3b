"""Every workflow of the suite, with its worker killed at every fault point it reaches."""

from __future__ import annotations

import pytest
from aiida.engine import submit
from aiida.orm import ProcessNode

from aiida_slabrelax.durable import replay
from durable import programs
from durable.crash import family, orphans, outputs, run_with_kills
from durable.workers import Workers


@pytest.mark.parametrize('name', programs.EXPECTED)
@pytest.mark.timeout(1800)
def test_a_kill_at_every_fault_point(name: str, workers: Workers) -> None:
    """The result, the children that have ended, and their results are those of a run in peace."""

    def launch() -> ProcessNode:
        return submit(getattr(programs, name))

    peace = run_with_kills(workers, launch, kill_at=(), timeout=120)
    assert peace.node.exit_status == programs.EXPECTED[name][0]
    failures = []
    for count, point in enumerate(peace.reached, start=1):
        outcome = run_with_kills(workers, launch, kill_at=[count], timeout=120)
        assert outcome.kills == 1
        node = outcome.node
        same = (
            node.exit_status == peace.node.exit_status
            and outputs(node) == outputs(peace.node)
            and family(node) == family(peace.node)
            and not orphans(node)
        )
        if not same:
            failures.append((count, point, node.pk, node.exit_status))
        replay(node)
    assert failures == []
