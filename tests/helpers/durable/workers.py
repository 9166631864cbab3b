"""The daemon of a test profile with its workers replaced by those of the fork server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from aiida.engine.daemon.client import DaemonClient
from aiida.manage import get_config

from process_tree import await_that, leave_broker, stop_daemon


def await_despite_deaths(condition: Callable[[], bool], timeout: float = 120.0) -> None:
    """Wait until a condition holds, and have the broker look for dead workers every 5 s."""
    last = time.monotonic()

    def holds() -> bool:
        nonlocal last
        if condition():
            return True
        if time.monotonic() > last + 5:
            leave_broker()
            last = time.monotonic()
        return False

    await_that(holds, timeout)


def change_workers(daemon: DaemonClient, number: int) -> None:
    """Give the daemon so many workers more, or fewer; while it is still starting it refuses."""

    def changed() -> bool:
        if number > 0:
            answer = daemon.increase_workers(number)
        else:
            answer = daemon.decrease_workers(-number, wait=True)
        return bool(answer['status'] == 'ok')

    await_that(changed, 30)


class Death(NamedTuple):
    """The end of a worker."""

    pid: int
    #: The exit status, or the negative number of the signal that killed the worker.
    status: int
    #: Seconds since the epoch.
    time: float


class Workers:
    """A daemon with its real broker and no workers, and one worker at a time beside it.

    :param folder: for the fault points and the log of the fork server.
    :param modules: imported once by the fork server, so that no worker has to.
    """

    def __init__(self, daemon: DaemonClient, folder: Path, modules: Iterable[str]) -> None:
        self.daemon = daemon
        self.log = folder / 'fork_server.log'
        #: The folder of :mod:`aiida_slabrelax.engine.faults`.
        self.faults = folder / 'faults'
        self.faults.mkdir()
        #: A folder on the path of the workers for modules that change from one to the next.
        self.modules = folder / 'modules'
        self.modules.mkdir()
        environment = daemon.get_env()
        path = os.pathsep.join([str(self.modules), environment['PYTHONPATH']])
        command = [sys.executable, '-m', 'durable.fork_server', daemon.profile.name, *modules]
        with self.log.open('w') as log:
            self._server = subprocess.Popen(
                command,
                env={
                    **environment,
                    'DURABLE_FAULTS': str(self.faults),
                    'PYTHONPATH': path,
                    # What is compiled is told from its source by the second of its change.
                    'PYTHONDONTWRITEBYTECODE': '1',
                },
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._restart_daemon()
        self._answer()

    def _restart_daemon(self) -> None:
        """Start the daemon and its broker without tasks and without workers."""
        stop_daemon(self.daemon)
        for task in self.tasks:
            task.unlink()
        self.daemon.start_daemon(number_workers=1)  # it refuses to start with none
        change_workers(self.daemon, -1)
        leave_broker()

    def _answer(self) -> dict[str, Any]:
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        assert line, f'the fork server has ended\n{self.log.read_text()}'
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _ask(self, command: str, **options: Any) -> dict[str, Any]:
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps({'command': command, **options}) + '\n')
        self._server.stdin.flush()
        return self._answer()

    def start(
        self, respawn: bool = True, poll_interval: int | None = None, is_real: bool = False
    ) -> int:
        """Start a worker unless there is one, and return its pid.

        :param respawn: whether a worker that is killed by ``SIGKILL`` is followed by a new one.
        :param poll_interval: seconds after which a parent looks whether its child has ended, in
            case it missed the broadcast. The default is that of the profile of the tests, 1 s,
            which hides a lost broadcast; ordinary profiles have 60 s. A worker with another
            interval is stopped first.
        :param is_real: whether processes under which workers die pause, as in a real worker, and
            fault points have their names only. A worker of the other kind is stopped first.
        """
        options = {'respawn': respawn, 'poll_interval': poll_interval, 'is_real': is_real}
        pid: int = self._ask('start', **options)['pid']
        return pid

    def stop(self) -> None:
        """End the worker."""
        self._ask('stop')

    @property
    def pid(self) -> int | None:
        """The pid of the worker."""
        pid: int | None = self._ask('report')['pid']
        return pid

    @property
    def deaths(self) -> list[Death]:
        """The ends of all workers that were not asked to stop, in order."""
        return [Death(**death) for death in self._ask('report')['deaths']]

    @property
    def tasks(self) -> list[Path]:
        """The tasks that the broker has and no worker has acknowledged."""
        folder = Path(get_config().filepaths(self.daemon.profile)['broker_service']['dir'])
        return sorted(folder.glob('storage/tasks/*/*.json'))

    def reset(self) -> None:
        """Forget all tasks, so that no process of a test that failed gets into the next one."""
        self.stop()
        self._restart_daemon()

    def close(self) -> None:
        """End the fork server with its worker, and the daemon, which has no worker of its own."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        try:
            self._server.wait(timeout=20)
        finally:
            self._server.kill()
            self._server.stdout.close()
            stop_daemon(self.daemon)
