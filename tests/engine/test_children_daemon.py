"""A message that never reached the broker, through a real daemon."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient
from aiida.engine.processes.workchains.awaitable import construct_awaitable
from aiida.engine.utils import instantiate_process
from aiida.manage import get_manager
from aiida.orm import ProcessNode

from aiida_slabrelax.engine import children
from aiida_slabrelax.engine.broker import answers
from aiida_slabrelax.engine.window import WindowWorkChain
from process_tree import await_that
from sample_structures import copper_slabs


class Parent(WindowWorkChain):
    """A work chain that has nothing to do but to wait."""

    @classmethod
    def define(cls, spec: Any) -> None:
        super().define(spec)
        spec.outline(cls.nothing)

    def nothing(self) -> None: ...

    def work_waits(self) -> bool:
        return False

    def describe_progress(self) -> str:
        return 'waiting'


@pytest.fixture
def builder(slab_relax_builder: Callable[..., Any]) -> Any:
    return slab_relax_builder(
        slabs=copper_slabs(3),
        environment={'VASP_STANDIN_MODEL': 'instant', 'VASP_STANDIN_FAIL': 'slow=5'},
    )


@pytest.fixture
def look_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[ProcessNode], None]:
    """Return a function that looks after a child as its parent does after a restart."""
    monkeypatch.setattr(children, 'PATIENCE', 2.0)

    def look(node: ProcessNode) -> None:
        runner = get_manager().get_runner()
        runner.loop.run_until_complete(children._send_if_lost(runner, node.pk))

    return look


def test_a_lost_child_is_sent_again(
    started_daemon_client: DaemonClient, builder: Any, look_after: Callable[[ProcessNode], None]
) -> None:
    runner = get_manager().get_runner()
    lost = instantiate_process(runner, builder)
    runner.persister.save_checkpoint(lost)
    lost.close()  # its worker dies here
    time.sleep(5)
    assert str(lost.node.process_state) == 'ProcessState.CREATED'
    look_after(lost.node)
    await_that(lambda: bool(lost.node.is_sealed))
    assert (lost.node.exit_status, lost.node.exit_message) == (0, None)


def test_a_lost_child_is_sent_again_when_it_is_awaited_again(
    started_daemon_client: DaemonClient, builder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its parent was between two steps when its worker died, and awaited nothing."""
    monkeypatch.setattr(children, 'PATIENCE', 2.0)
    runner = get_manager().get_runner()
    parent, lost = instantiate_process(runner, Parent), instantiate_process(runner, builder)
    runner.persister.save_checkpoint(lost)
    lost.close()  # its worker dies here
    awaitable = construct_awaitable(lost.node)
    awaitable.key = 'lost'
    parent.await_again(awaitable)
    end = time.monotonic() + 60
    while str(lost.node.process_state) == 'ProcessState.CREATED':
        assert time.monotonic() < end
        runner.loop.run_until_complete(asyncio.sleep(0.2))
    await_that(lambda: bool(lost.node.is_sealed))
    assert (lost.node.exit_status, lost.node.exit_message) == (0, None)


def test_a_worker_answers_for_what_it_has(
    started_daemon_client: DaemonClient, builder: Any
) -> None:
    node, runner = submit(builder), get_manager().get_runner()
    await_that(lambda: len(node.called) > 0)
    assert runner.loop.run_until_complete(answers(runner, node.pk, 10.0))
    await_that(lambda: bool(node.is_sealed))
    assert not runner.loop.run_until_complete(answers(runner, node.pk, 10.0))
