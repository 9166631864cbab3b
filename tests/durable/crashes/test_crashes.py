"""Every workflow of the suite, with its worker killed at every fault point it reaches.

Each run has up to eight kills, evenly spread, so that a kill after a kill is seen too. A point at
which two workflows that are written with the same commands meet the same stored state is the same
point for the engine: it is not repeated (``test_equal_states``), unless pytest is told
``--every-crash``.
"""

from __future__ import annotations

import fcntl
import inspect
import re
from pathlib import Path

import pytest
from aiida.engine import submit
from aiida.orm import ProcessNode

from aiida_slabrelax import durable
from aiida_slabrelax.durable import replay
from durable import programs
from durable.crash import family, orphans, outputs, run_with_kills, stand
from durable.workers import Workers

#: How many kills a run has at the most.
KILLS = 8


def commands(name: str) -> str:
    """Return the commands of the engine with which a workflow is written."""
    source = inspect.getsource(getattr(programs, name).function)
    if 'chain(' in source:
        source += inspect.getsource(programs.chain)
    words = {*re.findall(r'\w+', source)}
    return ' '.join(sorted(words & {*durable.__all__, 'add', 'refuse'}))


class Killed:
    """The points at which a worker was killed in this run of pytest, by whichever process.

    :param path: where they are kept, a line each.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> set[str]:
        return {*self._path.read_text().splitlines()} if self._path.exists() else set()

    def add(self, points: set[str]) -> None:
        with self._path.open('a') as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.writelines(f'{point}\n' for point in sorted(points))


@pytest.fixture
def killed(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str, request: pytest.FixtureRequest
) -> Killed | None:
    """The points that need not be repeated; none if every crash is asked for."""
    if request.config.getoption('every_crash'):
        return None
    base = tmp_path_factory.getbasetemp()
    # The processes of xdist have their folders in one.
    return Killed((base if worker_id == 'master' else base.parent) / 'killed')


@pytest.mark.parametrize('name', programs.EXPECTED)
@pytest.mark.timeout(1800)
def test_a_kill_at_every_fault_point(name: str, workers: Workers, killed: Killed | None) -> None:
    """The result, the children that have ended, and their results are those of a run in peace."""

    def launch() -> ProcessNode:
        return submit(getattr(programs, name))

    peace = run_with_kills(workers, launch, kill_at=(), timeout=120)
    assert peace.node.exit_status == programs.EXPECTED[name][0]
    ended = family(peace.node)
    written = commands(name)
    points = [*dict.fromkeys(peace.points)]
    left, failures, by_chance = points, [], []
    while True:
        done = killed.read() if killed else set()
        left = [point for point in left if f'{written} | {point}' not in done]
        if not left:
            break
        kill_at = left[:: -(-len(left) // KILLS)]
        outcome = run_with_kills(workers, launch, kill_at=kill_at, timeout=120)
        met = {*kill_at} - {*outcome.missed}
        assert outcome.kills == len(met)
        if killed:
            killed.add({f'{written} | {point}' for point in met})
        if kill_at[0] not in met:
            by_chance.append(kill_at[0])
        left = [point for point in left if point not in met | {kill_at[0]}]
        node = outcome.node
        same = (
            node.exit_status == peace.node.exit_status
            and outputs(node) == outputs(peace.node)
            and family(node) == ended
            and not orphans(node)
        )
        if not same:
            failures.append('\n'.join([*sorted(met), stand(node)]))
        replay(node)
    assert failures == []
    # What has come by chance, since children end when they like, need not come again.
    assert len(by_chance) <= len(points) // 5, by_chance
