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
from aiida.engine import Process
from aiida.engine.utils import instantiate_process
from aiida.manage import get_manager
from plumpy import LoadSaveContext

from aiida_slabrelax.durable import sleep, workflow
from aiida_slabrelax.durable.engine import FunctionRun
from aiida_slabrelax.durable.engine.deaths import DEATHS_EXTRA
from aiida_slabrelax.durable.execution import Execution

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
    if not lives.process.has_terminated():
        lives.process.kill()
    lives.process.close()


@pytest.fixture
def crash(monkeypatch: pytest.MonkeyPatch) -> Callable[[Lives], None]:
    """Return a function that ends a life in the middle of a step of a workflow."""

    def end(*_: Any) -> None:
        raise KeyboardInterrupt

    def crash(lives: Lives) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Execution, 'advance', end)
            with pytest.raises(KeyboardInterrupt):
                lives.step()
        lives.die()

    return crash


def run_function(lives: Lives, function: Any, **arguments: Any) -> None:
    nodes = {name: orm.to_aiida_type(value).store() for name, value in arguments.items()}
    name = f'{function.__module__}:{function.__name__}'
    lives.begin(FunctionRun, function=name, arguments=nodes)


def test_a_workflow_pauses_after_three_starts(lives: Lives, crash: Callable[[Lives], None]) -> None:
    lives.begin(asleep)
    seen = []
    for _ in range(3):
        crash(lives)
        seen.append(lives.deaths)
    assert seen == [0, 1, 2]
    lives.step()
    assert lives.process.paused
    assert lives.process.node.process_status == (
        '3 workers have died while asleep ran: perhaps it crashes, or needs more memory than there '
        f'is; it is not started again before verdi process play {lives.process.pid}'
    )
    assert lives.deaths == 0
    lives.die()
    assert (lives.process.paused, lives.deaths) == (True, 0)


def test_a_workflow_that_has_come_to_wait_begins_to_count_anew(
    lives: Lives, crash: Callable[[Lives], None]
) -> None:
    lives.begin(asleep)
    crash(lives)
    crash(lives)
    assert lives.deaths == 1
    lives.step()
    assert lives.deaths == 0
    lives.die()
    lives.step()
    assert lives.deaths == 0  # while it waits it does no harm


def test_a_workflow_that_was_not_its_turn_is_no_suspect(lives: Lives) -> None:
    """Another process has killed the workers before a step of this one began."""
    lives.begin(asleep)
    for _ in range(4):
        lives.die()
    assert (lives.deaths, lives.process.paused) == (0, False)


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
