"""Processes that are submitted as members of a group, and never without it.

The description of a process names its group, and it is a member before it can run. Whoever submits
may be killed at any moment: what it leaves is found again, and sent if it was not.
"""

from __future__ import annotations

import time
from typing import cast

from aiida.engine import ProcessBuilder, ProcessState
from aiida.engine.utils import instantiate_process
from aiida.manage import get_manager
from aiida.orm import Group, ProcessNode, QueryBuilder

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
    builder['metadata']['description'] = describe(group)
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


def describe(group: Group) -> str:
    """Return the description of the members of a group, by which they are found."""
    return f'submitted into the group {group.label}'


def take_up(group: Group) -> list[ProcessNode]:
    """Send processes again whose submission into a group was cut off.

    Those that were stored and are no members become members; those that can never run are removed.
    A process that is sent twice runs once, if it is an :class:`.OwnedWorkChain`.

    :returns: the processes that were sent again.
    :raises NotSentError: if the broker cannot be reached.
    """
    group.add_nodes(_find_described(group))
    waiting = _find_created(group)
    broken = [node for node in waiting.values() if node.checkpoint is None]
    for node in broken:
        node.set_process_state(ProcessState.KILLED)
        node.set_process_status(NEVER_STARTED)
        node.seal()
    group.remove_nodes(broken)
    created, end = set(waiting) - {cast(int, node.pk) for node in broken}, time.monotonic() + GRACE
    while (created := find_in_state(created, ProcessState.CREATED)) and time.monotonic() < end:
        time.sleep(0.5)
    runner, sent = get_manager().get_runner(), []
    for pk in sorted(created):
        arrived = has_arrived(pk, patience=0)
        if arrived is None:  # this broker does not show its queue
            arrived = runner.loop.run_until_complete(answers(runner, pk, PATIENCE)) is not False
        if arrived:
            continue
        if (error := send(runner, pk)) is not None:
            raise NotSentError(str(error)) from error
        sent.append(waiting[pk])
    return sent


def _find_created(group: Group) -> dict[int, ProcessNode]:
    """Return the members of a group that have not begun, by pk."""
    created = {'attributes.process_state': ProcessState.CREATED.value}
    query = QueryBuilder().append(Group, filters={'id': group.pk}, tag='group')
    query.append(ProcessNode, with_group='group', filters=created, project=['id', '*'])
    return dict(query.all())


def _find_described(group: Group) -> list[ProcessNode]:
    """Return the processes that were submitted into a group and have not ended."""
    active = [
        state.value for state in (ProcessState.CREATED, ProcessState.RUNNING, ProcessState.WAITING)
    ]
    filters = {'description': describe(group), 'attributes.process_state': {'in': active}}
    return list(QueryBuilder().append(ProcessNode, filters=filters).all(flat=True))
