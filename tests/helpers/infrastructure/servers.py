"""A server of a test's own: started in the foreground, ended by its pid."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from glob import glob
from pathlib import Path

import psutil

from process_tree import await_that

#: Where Debian keeps executables that are not on the path of every user.
FOLDERS = [
    '/usr/sbin',
    '/sbin',
    *sorted(glob('/usr/lib/postgresql/*/bin')),
    '/usr/lib/rabbitmq/bin',
]


def find(name: str) -> str | None:
    """Return the path of an executable."""
    return shutil.which(name, path=os.pathsep.join([*FOLDERS, os.environ['PATH']]))


def missing(names: Iterable[str]) -> list[str]:
    """Return which executables are not installed."""
    return [name for name in names if find(name) is None]


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        port: int = listener.getsockname()[1]
    return port


def listens(port: int) -> bool:
    """Return whether somebody accepts connections on a port of this machine."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(('127.0.0.1', port)) == 0


class Server:
    """One process in the foreground, and all that it has started.

    :param command: the executable and its arguments.
    :param folder: where its log is written.
    :param ready: whether it answers.
    """

    def __init__(
        self,
        command: list[str],
        folder: Path,
        ready: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        path = find(command[0])
        assert path is not None, f'{command[0]} is not installed'
        self._command = [path, *command[1:]]
        self._ready = ready
        self._environment = {**os.environ, **(environment or {})}
        self._log = folder / f'{Path(path).name}.log'
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self._log.open('ab') as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests
            )
        process = self._process
        try:
            await_that(lambda: process.poll() is not None or self._ready(), 60)
        finally:
            if process.poll() is not None or not self._ready():
                self.stop()
                raise AssertionError(f'{self._command} has not started\n{self._log.read_text()}')

    def stop(self) -> None:
        """Ask it to end, and kill what has not ended after 20 s."""
        if self._process is None:
            return
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self._process.pid)
            family = [*process.children(recursive=True), process]
            for one in family:
                with suppress(psutil.NoSuchProcess):
                    one.terminate()
            for one in psutil.wait_procs(family, timeout=20)[1]:
                one.kill()
        self._process.wait()
        self._process = None

    def restart(self) -> None:
        """Stop it and start it again."""
        self.stop()
        self.start()
