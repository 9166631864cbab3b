"""Queries of aiida-core that are made of aliases that there are, in a process that imports this.

aiida-core makes a new alias of each table for each query, for which SQLAlchemy makes all its
columns anew, and a hash of the query, by which it would know the query if it was asked again. The
two took a good half of the time of a query, and queries two fifths of that of tests that store
nodes. Now the first alias of a table in a query is the first one in every other query, and so on.
The SQL stays as it is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from threading import local
from typing import Any

import sqlalchemy.orm
from aiida.storage.psql_dos.orm.querybuilder import joiner, main


class _Aliases(local):
    def __init__(self) -> None:
        self.known: defaultdict[Any, list[Any]] = defaultdict(list)
        #: How many of each table are in the query that is being built.
        self.used: Counter[Any] = Counter()


_aliases = _Aliases()


def _aliased(table: Any) -> Any:
    known, number = _aliases.known[table], _aliases.used[table]
    _aliases.used[table] += 1
    if number == len(known):
        known.append(sqlalchemy.orm.aliased(table))
    return known[number]


def _get_query(self: main.SqlaQueryBuilder, data: Any) -> main.BuiltQuery:
    _aliases.used.clear()
    return self._build(data)


main.SqlaQueryBuilder.get_query = _get_query
main.aliased = joiner.aliased = _aliased
