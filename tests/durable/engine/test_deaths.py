"""A process whose workers die under it pauses after three starts; they die by being forgotten."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from aiida.engine import Process
from aiida.engine.utils import instantiate_process
from aiida.manage import get_manager
from plumpy import LoadSaveContext

from aiida_slabrelax.durable import sleep, workflow
from aiida_slabrelax.durable.engine import FunctionRun
from aiida_slabrelax.durable.engine.deaths import DEATHS_EXTRA

GATE = threading.Event()


def wait_at_the_gate() -> None:
    GATE.wait(60)


@workflow
async def asleep() -> None:
    await sleep(600)


class Lives:
    """A process in one worker after another."""

    def __init__(self) -> None:
        self.runner = get_manager().get_runner()
        self.process: Any = None

    def begin(self, process_class: type[Process], **inputs: Any) -> None:
        """Store the process, and begin to run it."""
        self.process = instantiate_process(self.runner, process_class, **inputs)
        self.step()

    def step(self) -> None:
        self.runner.loop.run_until_complete(self.process.step())

    def die(self) -> None:
        """Forget the process, and take it up from its checkpoint."""
        pk = self.process.pid
        self.process.close()
        assert self.runner.persister is not None
        checkpoint = self.runner.persister.load_checkpoint(pk)
        self.process = checkpoint.unbundle(LoadSaveContext(runner=self.runner))

    @property
    def deaths(self) -> int:
        return int(self.process.node.base.extras.get(DEATHS_EXTRA, 0))


@pytest.fixture
def lives() -> Iterator[Lives]:
    GATE.clear()
    lives = Lives()
    yield lives
    GATE.set()
    lives.process.kill()
    lives.process.close()


FUNCTION = {'function': f'{__name__}:wait_at_the_gate', 'arguments': {}}


@pytest.mark.parametrize(('process_class', 'inputs'), [(asleep, {}), (FunctionRun, FUNCTION)])
def test_it_pauses_after_three_starts(
    lives: Lives, process_class: type[Process], inputs: dict[str, Any]
) -> None:
    lives.begin(process_class, **inputs)
    seen = []
    for _ in range(3):
        assert not lives.process.paused
        lives.die()
        seen.append(lives.deaths)
    assert seen == [1, 2, 0]
    assert lives.process.paused
    assert lives.process.node.paused
    assert lives.process.node.process_status == (
        f'3 workers have died while {lives.process.node.process_label} ran: perhaps it crashes, or '
        'needs more memory than there is; it is not started again before verdi process play '
        f'{lives.process.pid}'
    )
    lives.die()
    assert (lives.process.paused, lives.deaths) == (True, 0)


def test_a_workflow_that_has_come_to_wait_begins_to_count_anew(lives: Lives) -> None:
    lives.begin(asleep)
    lives.die()
    lives.die()
    assert lives.deaths == 2
    lives.step()
    assert lives.deaths == 0
    lives.die()
    assert lives.deaths == 0  # while it waits it does no harm


def test_an_orderly_end_of_a_worker_does_not_count(lives: Lives) -> None:
    lives.begin(FunctionRun, **FUNCTION)

    async def be_shut_down() -> None:
        step = asyncio.ensure_future(lives.process.step())
        await asyncio.sleep(0.1)
        step.cancel()
        await asyncio.gather(step, return_exceptions=True)

    for _ in range(4):
        lives.runner.loop.run_until_complete(be_shut_down())
        lives.die()
        assert (lives.deaths, lives.process.paused) == (0, False)
