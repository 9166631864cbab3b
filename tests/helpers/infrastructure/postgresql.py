"""PostgreSQL: a cluster of pgtest, which aiida-core's fixtures start."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from infrastructure.servers import find, missing

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

    @classmethod
    def missing(cls) -> list[str]:
        """Return what is not installed; aiida-core makes its databases with one locale only."""
        locales = subprocess.run(['locale', '-a'], capture_output=True, text=True).stdout.split()
        known = 'en_US.utf8' in locales or 'en_US.UTF-8' in locales
        return [*missing(cls.executables), *([] if known else ['locale en_US.UTF-8'])]

    def watch(self, data: str) -> None:
        """Take over the cluster that pgtest has started.

        :param data: the folder of its data.
        """
        self._data = data

    def restart(self) -> None:
        """Restart the server; connections are cut."""
        assert self._data is not None
        log = Path(self._data).parent / 'pgtest_log.txt'
        command = [self._pg_ctl, 'restart', '-w', '-m', 'fast', '-D', self._data, '-l', str(log)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
