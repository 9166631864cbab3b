"""Plain functions on another computer, called by a workflow whose worker is killed."""

from __future__ import annotations

import pytest
from aiida import orm
from aiida.engine import submit

from aiida_slabrelax.durable import replay
from durable import remote_programs as programs
from durable.crash import family, orphans, outputs, run_with_kills, stand
from durable.workers import Workers


@pytest.mark.timeout(600)
def test_the_recorded_jobs_answer_after_a_kill(python: orm.InstalledCode, workers: Workers) -> None:
    def launch() -> orm.ProcessNode:
        return submit(programs.squares, place=python.full_label)

    peace = run_with_kills(workers, launch, kill_at=())
    assert peace.node.exit_status == 0, stand(peace.node)
    middle = len(peace.reached) // 2
    outcome = run_with_kills(workers, launch, kill_at=(middle,))
    assert outcome.kills == 1
    assert outcome.node.exit_status == 0, stand(outcome.node)
    assert outputs(outcome.node) == outputs(peace.node)
    assert len(family(outcome.node)) == len(family(peace.node))
    assert orphans(outcome.node) == []
    replay(outcome.node)
