"""Where a workflow is: its line, what it waits for, what it has published."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from aiida import orm
from aiida.common import timezone

from ..engine import SOURCE_ATTRIBUTE, queues
from ..errors import read_exception
from ..publishing import read_published
from .journal import Journal
from .replay import find_journal


@dataclass(frozen=True)
class Wait:
    """Something that a workflow waits for.

    :ivar what: a process, ``relax<12> (running)``, a time, or a place in a semaphore, ``a place in
        vasp@cluster, after relax_all<10> (paused)``.
    :ivar seconds: how long it has been going on, in s; for a time how long it still takes.
    """

    what: str
    seconds: float


@dataclass(frozen=True)
class Status:
    """Where a workflow is.

    :ivar name: its name and pk.
    :ivar state: ``created``, ``running``, ``waiting``, ``paused``, ``finished [0]``, ``excepted``
        or ``killed``.
    :ivar message: why it is paused or has failed; else empty.
    :ivar line: the file and line at which it waits; empty if it does not.
    :ivar waits: what it waits for.
    :ivar published: what it has published, by name.
    :ivar calls: how many processes it has called so far.
    """

    name: str
    state: str
    message: str
    line: str
    waits: tuple[Wait, ...]
    published: Mapping[str, object]
    calls: int

    def __str__(self) -> str:
        rows = [f'{self.name}: {self.state}']
        rows += [f'  {line}' for line in self.message.splitlines()]
        rows += [f'at {self.line}'] if self.line else []
        rows += [f'waits for {wait.what}: {wait.seconds:.0f} s' for wait in self.waits]
        rows += [f'{name} = {value}' for name, value in self.published.items()]
        return '\n'.join([*rows, f'{self.calls} calls so far'])


def status(node: orm.ProcessNode) -> Status:
    """Return where a workflow is, running, paused or ended; nothing is run or changed.

    :raises ValueError: if the node is not that of a workflow, or its record is damaged.
    """
    if SOURCE_ATTRIBUTE not in node.base.attributes.all:
        raise ValueError(f'{node.process_label}<{node.pk}> is not a durable workflow')
    called = sorted(node.called, key=lambda child: child.pk or 0)
    state, message = _describe_state(node)
    text = '' if node.is_terminated or state == 'paused' else node.process_status or ''
    place = re.search(r' at (\S+:[0-9]+) ', text)
    waits: list[Wait] = []
    if not node.is_terminated:
        waits = [_describe_child(child) for child in called if not child.is_terminated]
        if 'a time' in text:
            waits += _find_times(Journal.loads(find_journal(node)))
        waits += _find_places(node)
    return Status(
        name=f'{node.process_label}<{node.pk}>',
        state=state,
        message=message,
        line=place[1] if place else '',
        waits=tuple(waits),
        published=read_published(node),
        calls=sum(child.process_label != 'store_outputs' for child in called),
    )


def _describe_state(node: orm.ProcessNode) -> tuple[str, str]:
    state = node.process_state.value if node.process_state else 'created'
    if node.is_terminated:
        if node.is_finished:
            return f'finished [{node.exit_status}]', node.exit_message or ''
        return state, read_exception(node) if node.is_excepted else node.process_status or ''
    if node.paused:
        return 'paused', node.process_status or ''
    return state, ''


def _describe_child(child: orm.ProcessNode) -> Wait:
    age = (timezone.now() - child.ctime).total_seconds()
    return Wait(_name(child), age)


def _name(process: orm.ProcessNode) -> str:
    return f'{process.process_label}<{process.pk}> ({_describe_state(process)[0]})'


def _find_times(journal: Journal) -> list[Wait]:
    """Return the timers that are not over; one that was given up is among them."""
    waits = []
    for position, (command, deadline) in journal.values.items():
        timer = (*position[:-1], position[-1] + 1)
        if command == 'sleep()' and timer not in journal.order:
            moment = datetime.fromtimestamp(deadline, tz=UTC)
            left = (moment - timezone.now()).total_seconds()
            waits.append(Wait(f'the time {moment:%Y-%m-%d %H:%M:%S} UTC', max(0.0, left)))
    return waits


def _find_places(node: orm.ProcessNode) -> list[Wait]:
    """Return the places for which a workflow waits, with the workflows before it."""
    waits = []
    for name, since, before in queues.find_waits(cast(int, node.pk)):
        query = orm.QueryBuilder().append(orm.ProcessNode, filters={'id': {'in': before}})
        owners = sorted(query.all(flat=True), key=lambda owner: before.index(owner.pk))
        what = f'a place in {name}, after {", ".join(map(_name, owners))}'
        waits.append(Wait(what, timezone.now().timestamp() - since))
    return waits
