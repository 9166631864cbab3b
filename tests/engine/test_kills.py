"""Children that are to end before a worker has them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiida.engine.daemon.client import DaemonClient
from aiida.engine.utils import instantiate_process
from aiida.manage import get_manager

from aiida_slabrelax.engine import kills
from aiida_slabrelax.engine.broker import answers, send
from durable import poison
from process_tree import await_that


def test_a_child_ends_as_soon_as_a_worker_has_it(
    started_daemon_client: DaemonClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = get_manager().get_runner()
    parent = instantiate_process(runner, poison.napping)
    child = instantiate_process(runner, poison.napping)
    runner.persister.save_checkpoint(child)
    child.close()
    asked: list[bool | None] = []

    async def ask(runner: Any, pk: int, patience: float) -> bool | None:
        asked.append(await answers(runner, pk, patience))
        if asked == [False]:
            send(runner, child.pid)
        return asked[-1]

    monkeypatch.setattr(kills, 'answers', ask)
    monkeypatch.setattr(kills, 'INTERVAL', 0.1)
    parent.kills.request(child.node, 'not wanted')
    parent.kills.request(child.node, 'asked twice')
    (task,) = parent.kills.tasks()
    runner.loop.run_until_complete(asyncio.wait_for(task, 60))
    await_that(lambda: bool(child.node.is_sealed))
    assert child.node.is_killed
    assert child.node.process_status == 'not wanted'
    assert parent.kills.tasks() == []
    assert asked[0] is False
    assert asked[-1] is True
    parent.close()


def test_one_that_no_worker_ever_has_is_left_alone(
    started_daemon_client: DaemonClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    runner = get_manager().get_runner()
    parent = instantiate_process(runner, poison.napping)
    child = instantiate_process(runner, poison.napping)
    child.close()
    monkeypatch.setattr(kills, 'INTERVAL', 0.0)
    monkeypatch.setattr(kills, 'ROUNDS', 2)
    parent.kills.request(child.node, 'not wanted')
    (task,) = parent.kills.tasks()
    runner.loop.run_until_complete(asyncio.wait_for(task, 60))
    assert f'no worker has [{child.pid}], which was to end' in caplog.text
    parent.close()
