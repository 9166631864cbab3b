"""PostgreSQL: a cluster of pgtest, which aiida-core's fixtures start."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from infrastructure.servers import find, missing
from process_tree import await_that

#: ``pg_ctl`` refuses root: another user runs it, who must own the folder of the cluster.
WRAPPER = """#!/bin/sh
# Stands before the real pg_ctl on the path.
if [ "$(id -u)" != 0 ]; then exec {pg_ctl} "$@"; fi
previous=
for argument; do
    if [ "$previous" = -D ]; then chown -R postgres "$(dirname "$argument")"; fi
    previous=$argument
done
cd / && exec {runuser} -u postgres -- {pg_ctl} "$@"
"""

#: A write that meets the condition stops for good while a test holds the lock. It does not wait for
#: the lock: that is free as soon as the connection of the test is cut, perhaps before its own.
TRIGGER = """
CREATE FUNCTION stop_half_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {condition} THEN
        IF NOT pg_try_advisory_xact_lock_shared(1) THEN
            PERFORM pg_sleep(600);
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stop_half_way AFTER INSERT OR UPDATE ON {table}
    FOR EACH ROW EXECUTE FUNCTION stop_half_way();
"""


@dataclass(frozen=True)
class Write:
    """A write of AiiDA to its database.

    :ivar condition: what the row ``NEW`` meets and, if there is one, the row ``OLD`` before it does
        not, in SQL.
    """

    table: str
    condition: str


def stores_data(node_type: str, attribute: str) -> Write:
    """A data node with an attribute is stored."""
    kind = f"NEW.node_type = '{node_type}' AND NEW.attributes ? '{attribute}'"
    return Write('db_dbnode', f"TG_OP = 'INSERT' AND {kind}")


def stores(process: str) -> Write:
    """The node of a process is stored.

    :param process: the label of the process, its class or function.
    """
    label = f"NEW.attributes->>'process_label' = '{process}'"
    return Write('db_dbnode', f"TG_OP = 'INSERT' AND {label}")


def sets(process: str, attribute: str, pattern: str = '%') -> Write:
    """An attribute of the node of a process comes to be like a pattern."""
    label = f"NEW.attributes->>'process_label' = '{process}'"
    new, old = (f"{row}.attributes->>'{attribute}' LIKE '{pattern}'" for row in ('NEW', 'OLD'))
    return Write('db_dbnode', f'{label} AND {new} AND ({old}) IS NOT TRUE')


def follows(process: str, attribute: str, value: str) -> Write:
    """The node of a process is changed after an attribute has come to be something."""
    label = f"NEW.attributes->>'process_label' = '{process}'"
    return Write('db_dbnode', f"{label} AND OLD.attributes->>'{attribute}' = '{value}'")


def links(process: str, pattern: str) -> Write:
    """A process gets an output whose label is like a pattern."""
    label = f"attributes->>'process_label' = '{process}'"
    node = f'SELECT FROM db_dbnode WHERE id = NEW.input_id AND {label}'
    return Write('db_dblink', f"NEW.label LIKE '{pattern}' AND EXISTS ({node})")


class PostgreSQL:
    """What is needed before and after pgtest: ``pg_ctl`` on the path, and a restart.

    :param folder: for the executable that stands before ``pg_ctl``.
    """

    executables = ('pg_ctl', 'pg_controldata')

    def __init__(self, folder: Path) -> None:
        pg_ctl = find('pg_ctl')
        assert pg_ctl is not None
        wrapper = folder / 'pg_ctl'
        wrapper.write_text(WRAPPER.format(pg_ctl=Path(pg_ctl).resolve(), runuser=find('runuser')))
        wrapper.chmod(0o755)
        #: What the path must begin with.
        self.path = os.pathsep.join([str(folder), str(Path(pg_ctl).resolve().parent)])
        self._pg_ctl = str(wrapper)
        self._data: str | None = None
        self._database: dict[str, Any] = {}

    @classmethod
    def missing(cls) -> list[str]:
        """Return what is not installed; aiida-core makes its databases with one locale only."""
        locales = subprocess.run(['locale', '-a'], capture_output=True, text=True).stdout.split()
        known = 'en_US.utf8' in locales or 'en_US.UTF-8' in locales
        return [*missing(cls.executables), *([] if known else ['locale en_US.UTF-8'])]

    def watch(self, data: str, storage: dict[str, Any] | None = None) -> None:
        """Take over the cluster that pgtest has started.

        :param data: the folder of its data.
        :param storage: what a profile must know of its database, in which writes are to be trapped.
        """
        self._data = data
        if storage is None:
            return
        names = {'host': 'hostname', 'port': 'port', 'user': 'username', 'password': 'password'}
        self._database = {name: storage[f'database_{theirs}'] for name, theirs in names.items()}
        self._database['dbname'] = storage['database_name']

    @contextmanager
    def trap(self, write: Write) -> Iterator[Callable[[Callable[[], None]], None]]:
        """Stop the first such write of AiiDA half-way.

        A function is returned that waits until it stands there, and does something then: the
        transaction has written, and is not committed. Nobody may be connected at the end.
        """
        with self._connect() as connection:
            connection.execute('SELECT pg_advisory_lock(1)')
            connection.execute(TRIGGER.format(table=write.table, condition=write.condition))

            def amid(act: Callable[[], None]) -> None:
                stopped = "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
                # At once: the other worker goes on.
                await_that(lambda: connection.execute(stopped).rowcount > 0, interval=0.01)
                act()

            yield amid
        with self._connect() as connection:
            connection.execute("SET lock_timeout = '10s'")
            connection.execute('DROP FUNCTION stop_half_way CASCADE')

    def cut_connections(self) -> None:
        """Cut the connections of AiiDA, as a server between might do; PostgreSQL goes on."""
        with self._connect() as connection:
            connection.execute(
                'SELECT pg_terminate_backend(pid) FROM pg_stat_activity'
                ' WHERE datname = current_database() AND pid <> pg_backend_pid()'
            )

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(**self._database, autocommit=True)

    def restart(self) -> None:
        """Restart the server; connections are cut."""
        assert self._data is not None
        log = Path(self._data).parent / 'pgtest_log.txt'
        command = [self._pg_ctl, 'restart', '-w', '-m', 'fast', '-D', self._data, '-l', str(log)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
