"""Values that all workers share, in extras of groups of AiiDA; one worker writes at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiida.common.exceptions import IntegrityError, UniquenessError
from aiida.manage import get_manager
from aiida.orm import Group, QueryBuilder
from sqlalchemy.exc import DBAPIError

#: Errors that pass: another worker is just writing.
PASSING = (DBAPIError, IntegrityError, UniquenessError)


def read(label: str, key: str) -> Any:
    """Return a value; ``None`` if it was never written.

    :param label: the label of the group.
    :param key: the key among the extras of the group.
    """
    query = QueryBuilder().append(Group, filters={'label': label}, project=f'extras.{key}')
    return query.first(flat=True)


def change(label: str, key: str, description: str, change: Callable[[Any], Any]) -> Any:
    """Change a value while no other worker can, and return it.

    :param description: what people read of the group.
    :param change: returns the new value for the present one, as JSON can hold it. A database does
        not keep the order of a mapping.
    :raises DBAPIError: or another of :data:`PASSING`, if it cannot be written now.
    """
    group, _ = Group.collection.get_or_create(label=label)
    with get_manager().get_profile_storage().transaction():
        group.description = description  # from here on no other worker can write the row
        value = change(read(label, key))
        group.base.extras.reset({key: value})
    return value
