"""Processes that are submitted as members of a group, and never without it.

The member is in the group before it can run. Whoever submits may be killed at any moment: what it
leaves is either not in the group and never runs, or in the group and can be sent again.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import cast

from aiida.engine import ProcessBuilder, ProcessState
from aiida.engine.utils import instantiate_process
from aiida.manage import get_manager
from aiida.orm import Group, ProcessNode

from .broker import answers, send
from .children import NEVER_STARTED, find_in_state
from .faults import reach
from .lost import has_arrived

#: How long (s) a worker may take to answer for a process that it has.
PATIENCE = 10.0
#: How long (s) members may take to begin before the workers are asked.
GRACE = 10.0


class NotSentError(Exception):
    """The broker cannot be reached; the process is in its group, and can be sent again."""


def submit_into(group: Group, builder: ProcessBuilder) -> ProcessNode:
    """Submit a process that is a member of a group before the daemon hears of it.

    :raises ValueError: if the inputs are not valid.
    :raises NotSentError: if the broker cannot be reached.
    """
    runner = get_manager().get_runner()
    assert runner.persister is not None
    process = instantiate_process(runner, builder)
    reach('before a member is in its group')
    group.add_nodes([process.node])
    reach('before a member can run')
    runner.persister.save_checkpoint(process)
    process.close()
    reach('before a member is sent')
    if (error := send(runner, cast(int, process.node.pk))) is not None:
        raise NotSentError(str(error)) from error
    reach('after a member is sent')
    return process.node


def take_up(group: Group, members: Collection[ProcessNode]) -> list[ProcessNode]:
    """Send members again that no worker has, and remove those that can never run.

    Their submission was cut off. A process that was sent twice runs once, if it is an
    :class:`.OwnedWorkChain`.

    :param members: of the group.
    :returns: the members that were sent again.
    :raises NotSentError: if the broker cannot be reached.
    """
    broken = [
        node
        for node in members
        if node.process_state is ProcessState.CREATED and node.checkpoint is None
    ]
    for node in broken:
        node.set_process_state(ProcessState.KILLED)
        node.set_process_status(NEVER_STARTED)
        node.seal()
    group.remove_nodes(broken)
    waiting = {cast(int, node.pk): node for node in members if node not in broken}
    created, end = find_in_state(waiting, ProcessState.CREATED), time.monotonic() + GRACE
    while created and time.monotonic() < end:
        time.sleep(0.5)
        created = find_in_state(created, ProcessState.CREATED)
    runner, sent = get_manager().get_runner(), []
    for pk in sorted(created):
        arrived = has_arrived(pk, patience=0)
        if arrived is None:  # this broker does not show its queue
            arrived = runner.loop.run_until_complete(answers(runner, pk, PATIENCE)) is not False
        if not arrived and (error := send(runner, pk)) is None:
            sent.append(waiting[pk])
        elif not arrived and error is not None:
            raise NotSentError(str(error)) from error
    return sent
