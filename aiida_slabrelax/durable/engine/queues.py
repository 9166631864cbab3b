"""Who is inside a semaphore of a profile, and who waits: in the database, as a group of AiiDA.

The group has the tickets in the order in which they came. The first ones are inside, as many as the
semaphore has places. A ticket counts while the workflow that has drawn it has not ended. Each has
the time, in s since the epoch, at which it was drawn, and the number of places by which it counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from aiida.engine import ProcessState
from aiida.orm import Group, QueryBuilder

from ...engine import stored_values
from ...engine.children import find_in_state
from ...engine.stored_values import PASSING as PASSING

#: The label of a group is this and the name of the semaphore.
PREFIX = 'semaphore/'

DESCRIPTION = 'Workflows in a Semaphore of aiida_slabrelax.durable, and those that wait, in order.'

#: The key of the tickets among the extras of a group.
KEY = 'queue'


class Drawn(NamedTuple):
    """How a ticket was drawn: when, and by how many places it counts."""

    time: float
    value: int


#: Tickets in order.
Queue = dict[str, Drawn]

_ALIVE = (ProcessState.CREATED, ProcessState.RUNNING, ProcessState.WAITING)


def is_inside(name: str, value: int, ticket: str) -> bool:
    """Queue up, unless that is done already, and return whether the ticket has a place.

    :param value: how many places there are.
    :param ticket: the pk of a workflow, a colon, and what tells its tickets apart.
    """
    queue = read(name)
    if ticket not in queue:
        drawn = Drawn(time.time(), value)
        _change(name, lambda queue: {**queue, ticket: queue.get(ticket, drawn)})
        queue = read(name)
    before = _find_before(queue, ticket)
    if len(before) >= value and (dead := _find_dead(before)):
        leave(name, dead)
        before = [one for one in before if one not in dead]
    return len(before) < value


def leave(name: str, tickets: Iterable[str]) -> None:
    """Take tickets out of a queue, if they are in it."""
    gone = set(tickets)
    if gone & {*read(name)}:
        _change(name, lambda queue: {one: queue[one] for one in queue if one not in gone})


def read(name: str) -> Queue:
    """Return the tickets of a semaphore."""
    return _as_queue(stored_values.read(f'{PREFIX}{name}', KEY))


def find_waits(owner: int) -> Iterator[tuple[str, float, list[int]]]:
    """Iterate over the places for which a workflow waits.

    :returns: the name of the semaphore, since when, and the pks of the workflows before it.
    """
    query = QueryBuilder().append(
        Group, filters={'label': {'like': f'{PREFIX}%'}}, project=['label', 'extras.queue']
    )
    for label, entries in query.order_by({Group: 'label'}).all():
        queue = _as_queue(entries)
        for ticket, drawn in queue.items():
            before = _find_before(queue, ticket)
            if find_owner(ticket) == owner and len(before) >= drawn.value:
                yield label.removeprefix(PREFIX), drawn.time, [*map(find_owner, before)]


def find_owner(ticket: str) -> int:
    """Return the pk of the workflow that has drawn a ticket."""
    return int(ticket.partition(':')[0])


def _as_queue(entries: Iterable[list[Any]] | None) -> Queue:
    return {ticket: Drawn(*drawn) for ticket, *drawn in entries or []}


def _find_before(queue: Queue, ticket: str) -> list[str]:
    tickets = [*queue]
    return tickets[: tickets.index(ticket)]


def _change(name: str, change: Callable[[Queue], Queue]) -> None:
    def change_entries(entries: list[list[Any]] | None) -> list[list[Any]]:
        return [[ticket, *drawn] for ticket, drawn in change(_as_queue(entries)).items()]

    stored_values.change(f'{PREFIX}{name}', KEY, DESCRIPTION, change_entries)


def _find_dead(tickets: Iterable[str]) -> set[str]:
    """Return the tickets whose workflows have ended, or have been deleted."""
    owners = {ticket: find_owner(ticket) for ticket in tickets}
    alive = find_in_state({*owners.values()}, *_ALIVE)
    return {ticket for ticket, pk in owners.items() if pk not in alive}
