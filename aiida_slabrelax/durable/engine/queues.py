"""Who is inside a semaphore of a profile, and who waits: in the database, as a group of AiiDA.

The group has the tickets in the order in which they came. The first ones are inside, as many as the
semaphore has places. A ticket counts while the workflow that has drawn it has not ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiida.common.exceptions import IntegrityError, UniquenessError
from aiida.engine import ProcessState
from aiida.manage import get_manager
from aiida.orm import Group, QueryBuilder
from sqlalchemy.exc import DBAPIError

from ...engine.children import find_in_state

#: The label of a group is this and the name of the semaphore.
PREFIX = 'semaphore/'

DESCRIPTION = 'Workflows in a Semaphore of aiida_slabrelax.durable, and those that wait, in order.'

#: Errors that pass: another worker is just writing.
PASSING = (DBAPIError, IntegrityError, UniquenessError)

_ALIVE = (ProcessState.CREATED, ProcessState.RUNNING, ProcessState.WAITING)


def is_inside(name: str, value: int, ticket: str) -> bool:
    """Queue up, unless that is done already, and return whether the ticket has a place.

    :param value: how many places there are.
    :param ticket: the pk of a workflow, a colon, and what tells its tickets apart.
    """
    queue = read(name)
    if ticket not in queue:
        _change(name, lambda queue: queue if ticket in queue else [*queue, ticket])
        queue = read(name)
    before = queue[: queue.index(ticket)]
    if len(before) >= value and (dead := _find_dead(before)):
        leave(name, dead)
        before = [one for one in before if one not in dead]
    return len(before) < value


def leave(name: str, tickets: Iterable[str]) -> None:
    """Take tickets out of a queue, if they are in it."""
    gone = set(tickets)
    if gone & {*read(name)}:
        _change(name, lambda queue: [one for one in queue if one not in gone])


def read(name: str) -> list[str]:
    """Return the tickets of a semaphore in order."""
    query = QueryBuilder().append(
        Group, filters={'label': f'{PREFIX}{name}'}, project='extras.queue'
    )
    return query.first(flat=True) or []


def _change(name: str, change: Callable[[list[str]], list[str]]) -> None:
    group, _ = Group.collection.get_or_create(label=f'{PREFIX}{name}')
    with get_manager().get_profile_storage().transaction():
        group.description = DESCRIPTION  # from here on no other worker can write the row
        group.base.extras.reset({'queue': change(read(name))})


def _find_dead(tickets: Iterable[str]) -> set[str]:
    """Return the tickets whose workflows have ended, or have been deleted."""
    owners = {ticket: int(ticket.partition(':')[0]) for ticket in tickets}
    alive = find_in_state({*owners.values()}, *_ALIVE)
    return {ticket for ticket, pk in owners.items() if pk not in alive}
