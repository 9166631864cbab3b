"""Children that a crash has separated from their parent.

A child is stored, with the link to its parent, before it is in the checkpoint of the parent, and
before its message has reached the broker. If a worker dies in between, the parent would create the
child again, and the first one may never run. The parent finds it by its link label, and its
message is sent again when it is certain that no worker has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import cast

from aiida.common import ModificationNotAllowed
from aiida.engine import Process, ProcessState
from aiida.engine.runners import Runner
from aiida.orm import ProcessNode, QueryBuilder, load_node

from .broker import answers, send

#: The time, in s, that a worker may take to start a child before the workers are queried.
PATIENCE = 10.0

#: The states of a terminated process.
ENDED = (ProcessState.FINISHED, ProcessState.EXCEPTED, ProcessState.KILLED)

#: The status of a child that was closed because its worker died while creating it. It is stored
#: in databases, so it must not change.
NEVER_STARTED = 'never started: its worker died while it was made'


def find_child(parent: ProcessNode, label: str) -> ProcessNode | None:
    """Return the child that was called with a link label, if it has run or can still run.

    Labels are not unique: the youngest child counts. A child without a checkpoint, whose worker
    died while creating it, is closed and ignored.

    :param parent: the node of the caller.
    :param label: the ``call_link_label`` of the child.
    """
    query = QueryBuilder()
    query.append(ProcessNode, filters={'id': parent.pk}, tag='parent')
    # A filter of get_outgoing would take the label for a pattern, in which _ is any character.
    query.append(ProcessNode, with_incoming='parent', edge_filters={'label': label})
    return _find_alive(query.all(flat=True))


def find_children(parent: ProcessNode) -> dict[str, ProcessNode]:
    """Return the children that :func:`find_child` would return, by their link label.

    :param parent: the node of the caller.
    """
    called: dict[str, list[ProcessNode]] = {}
    for link in parent.base.links.get_outgoing(ProcessNode).all():
        called.setdefault(link.link_label, []).append(cast(ProcessNode, link.node))
    found = {label: _find_alive(children) for label, children in called.items()}
    return {label: child for label, child in found.items() if child is not None}


def find_in_state(pks: Collection[int], *states: ProcessState) -> set[int]:
    """Return which of these processes are in one of the states, in one query.

    :param pks: of processes.
    """
    if not pks:
        return set()
    wanted = {'in': [state.value for state in states]}
    query = QueryBuilder()
    query.append(
        ProcessNode,
        filters={'id': {'in': list(pks)}, 'attributes.process_state': wanted},
        project='id',
    )
    return set(query.all(flat=True))


def never_started(child: ProcessNode) -> bool:
    """Return whether a child was closed because it never started.

    Its parent has closed it, or a worker that had to continue it (after ``verdi process repair``)
    and found no checkpoint.
    """
    no_checkpoint = f'Calculation<{child.pk}> does not have a saved checkpoint'
    return child.process_status == NEVER_STARTED or no_checkpoint in (child.exception or '')


class LostChildren:
    """Sends children again whose messages an earlier worker has lost.

    A worker does this once for each child, and never for one that it has launched itself: a second
    message can start a process twice.

    :param parent: the process, in the worker that runs it now.
    """

    def __init__(self, parent: Process) -> None:
        self._parent = parent
        self._known: set[int] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def note(self, child: ProcessNode) -> None:
        """Record a child that this worker has launched."""
        self._known.add(cast(int, child.pk))

    def look_after(self, pks: Iterable[int]) -> None:
        """Send children again that no worker has after :data:`PATIENCE` seconds.

        :param pks: the pks of children in any state; only one that is created and not running yet
            can be lost.
        """
        new = set(pks) - self._known
        self._known |= new
        for pk in sorted(find_in_state(new, ProcessState.CREATED)):
            self._send_later(pk)

    def send_later(self, child: ProcessNode, error: BaseException) -> None:
        """Send a child again after :data:`PATIENCE` seconds, unless a worker has it by then.

        :param child: a child that this worker has created.
        :param error: why its message may not have been sent.
        """
        child.logger.warning(f'could not be sent to the daemon, tried again: {error}')
        self.note(child)
        self._send_later(cast(int, child.pk))

    def tasks(self) -> list[asyncio.Task[None]]:
        """Return the tasks that run until each child has been sent or a worker has it."""
        self._tasks = [task for task in self._tasks if not task.done()]
        return list(self._tasks)

    def _send_later(self, pk: int) -> None:
        runner = self._parent.runner
        if runner.controller is not None:
            task = self._parent.loop.create_task(_send_if_lost(runner, pk))
            self._tasks.append(task)


def _find_alive(children: list[ProcessNode]) -> ProcessNode | None:
    for child in sorted(children, key=_age):
        if never_started(child):
            continue
        if child.is_terminated or child.checkpoint is not None:
            return child
        _close(child)
    return None


def _age(child: ProcessNode) -> int:
    return -(child.pk or 0)


def _close(child: ProcessNode) -> None:
    with suppress(ModificationNotAllowed):  # a worker is just closing it
        child.set_process_state(ProcessState.KILLED)
        child.set_process_status(NEVER_STARTED)
        child.seal()


async def _send_if_lost(runner: Runner, pk: int) -> None:
    while True:
        await asyncio.sleep(PATIENCE)
        child = load_node(pk)
        if child.process_state is not ProcessState.CREATED:
            return
        answered = await answers(runner, pk, PATIENCE)
        if answered:
            return
        if answered is False:
            child.logger.report('no worker has it since its caller was restarted: sent again')
            if send(runner, pk) is None:
                return
