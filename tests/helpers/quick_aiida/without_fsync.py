"""Commits of SQLite that do not wait for the disk, in a process that imports this.

What has been committed outlives SIGKILL without fsync too; only a power cut could lose it. Each
commit waits some 10 ms for it, which was a third of the time of tests that store nodes.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Engine, event


@event.listens_for(Engine, 'connect')
def _switch_off(connection: Any, _: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute('PRAGMA synchronous = OFF')
