"""A window that several processes share: in the database, with a place for each child.

A place belongs to a child that its process has launched, or to a process that is about to launch
one. It counts while that child or process has not ended, whoever ran it and whether its worker
lives. A process tells all that it has whenever something changes, so nothing depends on what was
written before its worker died.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiida.engine import ProcessState
from aiida.orm import ProcessNode, QueryBuilder

from . import stored_values
from .children import find_in_state

#: The label of a group is this and the name of the window.
PREFIX = 'window/'
#: The key of the places among the extras of a group.
KEY = 'places'

DESCRIPTION = 'Who has a place in a window of aiida-slabrelax, and who waits for one.'

_ALIVE = (ProcessState.CREATED, ProcessState.RUNNING, ProcessState.WAITING)


@dataclass
class Places:
    """The places of a window.

    :ivar limit: how many there are, if that was chosen for the whole window.
    :ivar taken: for each place the pks of the process that has it and of its child, if there is
        one yet.
    :ivar waiting: how many more places processes want, by pk.
    """

    limit: int | None = None
    taken: list[tuple[int, int | None]] = field(default_factory=list)
    waiting: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, value: dict[str, Any] | None) -> Places:
        """Return the places from a stored value."""
        if value is None:
            return cls()
        taken = [(process, child) for process, child in value['taken']]
        return cls(value['limit'], taken, dict(value['waiting']))

    def as_value(self) -> dict[str, Any]:
        """Return a value to be stored."""
        return {
            'limit': self.limit,
            'taken': [list(place) for place in self.taken],
            'waiting': [[pk, wanted] for pk, wanted in sorted(self.waiting.items())],
        }

    def drop_ended(self) -> None:
        """Drop the places and wishes of what has ended or was deleted."""
        unused = {process for process, child in self.taken if child is None}
        known = unused | {child for _, child in self.taken if child is not None}
        alive = find_in_state(known | self.waiting.keys(), *_ALIVE)
        # Of a process that ended before it told of its children, these count.
        left = find_children_alive(unused - alive)
        self.taken = [
            place for place in self.taken if (place[0] if place[1] is None else place[1]) in alive
        ]
        self.taken += [place for place in left if place not in self.taken]
        self.waiting = {pk: wanted for pk, wanted in self.waiting.items() if pk in alive}

    def to_wake(self, limit: int) -> list[int]:
        """Return who can take the free places: of those that wait the oldest, as many as needed."""
        free, found = limit - len(self.taken), []
        for pk, wanted in sorted(self.waiting.items()):
            if free <= 0:
                break
            found.append(pk)
            free -= wanted
        return found


def take(
    name: str,
    limit: int,
    process: int,
    children: Collection[int],
    wanted: int,
    in_turn: bool = False,
) -> tuple[int, list[int]]:
    """Tell what a process has in the window, and take further places if they are free.

    :param name: the name of the window.
    :param limit: how many places it has, unless :func:`set_limit` has chosen another number.
    :param process: the pk of the process.
    :param children: the pks of its children that have not ended. All its other places are given
        back.
    :param wanted: how many more it wants.
    :param in_turn: whether it takes none while an older process waits that is not paused.
    :returns: how many more it has got, and the pks of processes that can take what is free now.
    :raises DBAPIError: or another error in :data:`.stored_values.PASSING`.
    """
    got, woken = 0, []

    def change(value: dict[str, Any] | None) -> dict[str, Any]:
        nonlocal got, woken
        places = Places.of(value)
        most = limit if places.limit is None else places.limit
        places.taken = [place for place in places.taken if place[0] != process]
        places.taken += [(process, child) for child in sorted(children)]
        places.waiting.pop(process, None)
        if most - len(places.taken) < wanted or places.waiting:
            places.drop_ended()
        got = max(0, min(wanted, most - len(places.taken)))
        if in_turn and _any_goes_on(pk for pk in places.waiting if pk < process):
            got = 0
        places.taken += [(process, None)] * got
        woken = places.to_wake(most)
        if got < wanted:
            places.waiting[process] = wanted - got
        return places.as_value()

    stored_values.change(f'{PREFIX}{name}', KEY, DESCRIPTION, change)
    return got, woken


def has_free(name: str, limit: int) -> bool:
    """Return whether a place is free now; nothing is written."""
    places = read(name)
    most = limit if places.limit is None else places.limit
    if len(places.taken) >= most:
        places.drop_ended()
    return len(places.taken) < most


def read(name: str) -> Places:
    """Return the places of a window as they are stored."""
    return Places.of(stored_values.read(f'{PREFIX}{name}', KEY))


def set_limit(name: str, limit: int) -> None:
    """Choose how many places a window has, for all processes in it, those that wait too."""

    def change(value: dict[str, Any] | None) -> dict[str, Any]:
        places = Places.of(value)
        places.limit = limit
        return places.as_value()

    stored_values.change(f'{PREFIX}{name}', KEY, DESCRIPTION, change)


def _any_goes_on(processes: Iterable[int]) -> bool:
    """Return whether a process is not paused."""
    if not (pks := sorted(processes)):
        return False
    query = QueryBuilder()
    query.append(ProcessNode, filters={'id': {'in': pks}}, project='attributes.paused')
    return not all(query.all(flat=True))


def find_children_alive(processes: Iterable[int]) -> list[tuple[int, int]]:
    """Return the children of processes that have not ended, each after its caller."""
    if not (callers := sorted(processes)):
        return []
    query = QueryBuilder()
    query.append(ProcessNode, filters={'id': {'in': callers}}, project='id', tag='caller')
    states = {'in': [state.value for state in _ALIVE]}
    query.append(
        ProcessNode,
        with_incoming='caller',
        filters={'attributes.process_state': states},
        project='id',
    )
    return [(caller, child) for caller, child in query.all()]
