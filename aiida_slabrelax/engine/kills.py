"""Requests to end children, repeated until a worker has heard them.

A request reaches a process only while a worker has it. After the death of a worker its processes
are taken up one after the other, and whoever is first would ask the others in vain.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import cast

from aiida.engine import Process
from aiida.orm import ProcessNode, load_node

from .broker import BROKER_ERRORS, answers

LOGGER = logging.getLogger(__name__)

#: After how many seconds a process that no worker has had is asked again.
INTERVAL = 1.0

#: How long a worker may take to answer, in s.
PATIENCE = 10.0

#: How often descendants are asked. A child that was lost is sent again meanwhile; what it had made
#: and not sent before its end never runs.
ROUNDS = 60


class Kills:
    """Ends children of a process, with all below them.

    :param parent: the process.
    """

    def __init__(self, parent: Process) -> None:
        self._parent = parent
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def request(self, child: ProcessNode, message: str) -> None:
        """Ask a child to end, and whatever of its descendants that does not reach."""
        pk = cast(int, child.pk)
        if pk not in self._tasks:
            self._tasks[pk] = self._parent.loop.create_task(self._end(pk, message))

    def tasks(self) -> list[asyncio.Task[None]]:
        """Return the tasks that run until all have heard of it."""
        return [task for task in self._tasks.values() if not task.done()]

    async def _end(self, pk: int, message: str) -> None:
        runner = self._parent.runner
        assert runner.controller is not None
        told: set[int] = set()
        for _ in range(ROUNDS):
            child = cast(ProcessNode, load_node(pk))
            below = sorted(cast(int, one.pk) for one in child.called_descendants)
            alive = [one for one in (pk, *below) if one not in told and not _has_ended(one)]
            if not alive:
                return
            for one in alive:
                if await answers(runner, one, PATIENCE):
                    with suppress(*BROKER_ERRORS):
                        runner.controller.kill_process(one, msg_text=message)
                        told.add(one)
                    break  # it tells its children
            await asyncio.sleep(INTERVAL)
        LOGGER.warning('%d: no worker has %s, which was to end', self._parent.pid, alive)


def _has_ended(pk: int) -> bool:
    return bool(cast(ProcessNode, load_node(pk)).is_terminated)
