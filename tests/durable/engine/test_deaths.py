"""A process whose workers die under it pauses after three starts; they die by being forgotten."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiida import orm
from aiida.engine import Process, calcfunction
from aiida.engine.utils import instantiate_process
from aiida.manage import get_manager
from plumpy import LoadSaveContext

from aiida_slabrelax.durable import sleep, workflow
from aiida_slabrelax.durable.engine import FunctionRun
from aiida_slabrelax.durable.engine.deaths import DEATHS_EXTRA

GATE = threading.Event()


def wait_at_the_gate() -> None:
    GATE.wait(60)


def name_the_interpreter(folder: str) -> int:
    """Leave a mark, and die where a file says so."""
    with (Path(folder) / 'starts').open('a') as file:
        file.write('x')
    if (Path(folder) / 'deadly').exists():
        os.abort()
    return os.getpid()


ON_RUN: list[Callable[[], None]] = []


@workflow
async def asleep() -> None:
    for look in ON_RUN:
        look()
    await sleep(600)


@calcfunction
def look_around() -> None:
    for look in ON_RUN:
        look()


@workflow
async def calls_directly() -> None:
    look_around()
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
        checkpoint = self.checkpoint()
        self.process.close()
        self.process = checkpoint.unbundle(LoadSaveContext(runner=self.runner))

    def die_in_the_function(self) -> None:
        """Take up what is stored while the function runs, the extra too."""
        before, seen = self.checkpoint(), []
        ON_RUN.append(lambda: seen.append(self.deaths))
        self.step()
        ON_RUN.clear()
        self.process.close()
        self.process = before.unbundle(LoadSaveContext(runner=self.runner))
        self.process.set_deaths(seen[0])
        assert self.runner.persister is not None
        self.runner.persister.save_checkpoint(self.process)

    def checkpoint(self) -> Any:
        assert self.runner.persister is not None
        return self.runner.persister.load_checkpoint(self.process.pid)

    @property
    def deaths(self) -> int:
        return int(self.process.node.base.extras.get(DEATHS_EXTRA, 0))


@pytest.fixture
def lives() -> Iterator[Lives]:
    GATE.clear()
    lives = Lives()
    yield lives
    GATE.set()
    if not lives.process.has_terminated():
        lives.process.kill()
    lives.process.close()


def run_function(lives: Lives, function: Any, **arguments: Any) -> None:
    nodes = {name: orm.to_aiida_type(value).store() for name, value in arguments.items()}
    name = f'{function.__module__}:{function.__name__}'
    lives.begin(FunctionRun, function=name, arguments=nodes)


def test_a_workflow_pauses_after_three_starts(lives: Lives) -> None:
    lives.begin(asleep)
    seen = []
    for _ in range(3):
        assert not lives.process.paused
        lives.die_in_the_function()
        seen.append(lives.deaths)
    assert seen == [0, 2, 3]
    lives.step()
    assert lives.process.paused
    assert lives.process.node.process_status == (
        '3 workers have died while asleep ran: perhaps it crashes, or needs more memory than there '
        f'is; it is not started again before verdi process play {lives.process.pid}'
    )
    assert lives.deaths == 0
    lives.die()
    assert (lives.process.paused, lives.deaths) == (True, 0)


def test_a_calcfunction_is_code_of_the_workflow_that_calls_it(lives: Lives) -> None:
    lives.begin(calls_directly)
    lives.die()
    seen: list[int] = []
    ON_RUN.append(lambda: seen.append(lives.deaths))
    lives.step()
    ON_RUN.clear()
    assert (seen, lives.deaths) == ([2], 0)


def test_a_workflow_that_has_come_to_wait_begins_to_count_anew(lives: Lives) -> None:
    lives.begin(asleep)
    lives.die_in_the_function()
    lives.die_in_the_function()
    assert lives.deaths == 2
    lives.step()
    assert lives.deaths == 0
    lives.die()
    lives.step()
    assert lives.deaths == 0  # while it waits it does no harm


def test_a_workflow_whose_own_code_did_not_run_is_no_suspect(lives: Lives) -> None:
    """Other processes have killed the workers."""
    lives.begin(asleep)
    for _ in range(5):
        lives.die()
        lives.process.count_first_death()
        assert (lives.deaths, lives.process.is_given_up) == (1, False)


def test_a_function_whose_worker_has_died_runs_in_an_interpreter_of_its_own(
    lives: Lives, tmp_path: Path
) -> None:
    run_function(lives, name_the_interpreter, folder=str(tmp_path))
    lives.die()
    lives.step()
    assert lives.process.node.is_finished_ok
    assert lives.process.node.outputs.result.value != os.getpid()


def test_what_kills_its_interpreter_pauses(lives: Lives, tmp_path: Path) -> None:
    (tmp_path / 'deadly').touch()
    run_function(lives, name_the_interpreter, folder=str(tmp_path))
    lives.die()  # the first start
    lives.step()
    assert lives.process.paused
    assert lives.process.node.process_status == (
        '3 interpreters have died while name_the_interpreter ran, the last one with SIGABRT: it '
        'crashes, or needs more memory than there is; it is not started again before verdi process '
        f'play {lives.process.pid}'
    )
    assert (tmp_path / 'starts').stat().st_size == 2
    (tmp_path / 'deadly').unlink()
    lives.process.play()
    lives.step()
    assert lives.process.node.is_finished_ok


def test_a_bystander_does_not_pause_however_many_workers_die(lives: Lives) -> None:
    run_function(lives, wait_at_the_gate)
    for _ in range(5):
        lives.die()

        async def run_for_a_moment() -> None:
            step = asyncio.ensure_future(lives.process.step())
            await asyncio.sleep(0.1)
            step.cancel()
            await asyncio.gather(step, return_exceptions=True)

        lives.runner.loop.run_until_complete(run_for_a_moment())
        assert (lives.deaths, lives.process.paused) == (1, False)


def test_an_orderly_end_of_a_worker_does_not_count(lives: Lives) -> None:
    run_function(lives, wait_at_the_gate)

    async def be_shut_down() -> None:
        step = asyncio.ensure_future(lives.process.step())
        await asyncio.sleep(0.1)
        step.cancel()
        await asyncio.gather(step, return_exceptions=True)

    for _ in range(4):
        lives.runner.loop.run_until_complete(be_shut_down())
        lives.die()
        assert (lives.deaths, lives.process.paused) == (-1, False)


def test_a_process_that_is_killed_while_it_is_paused_is_released(lives: Lives) -> None:
    lives.begin(asleep)
    lives.process.pause('a bug')

    async def be_killed() -> None:
        run = asyncio.ensure_future(lives.process.step_until_terminated())
        for _ in range(10):  # until it waits
            await asyncio.sleep(0)
        lives.process.kill('not wanted')
        await asyncio.wait_for(run, 10)

    lives.runner.loop.run_until_complete(be_killed())
    assert lives.process.node.is_killed
    assert lives.process.node.process_status == 'not wanted'
