"""A fork server of daemon workers: a process that has imported everything and waits to fork.

A worker that is started in the ordinary way spends seconds on imports. Here a worker that was
killed is followed by a fork, which calls the same function as ``verdi daemon worker``. Commands
and answers are lines of JSON on the standard input and output. The server ends when its standard
input closes, and its worker ends with it, even if the server itself is killed.

What sets the forks apart from real workers: all have the hash seed of the server, so that sets
keep their order from one worker to the next; and modules named on the command line are imported
once, so that a change of their source is not seen.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import random
import select
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from aiida.engine.daemon.worker import start_daemon_worker
from aiida.manage import get_config
from aiida.plugins.entry_point import eps
from sqlalchemy.orm import configure_mappers

import quick_aiida  # noqa: F401 - for its effect
from aiida_slabrelax.durable.engine import FunctionRun
from aiida_slabrelax.durable.engine.deaths import MortalProcess
from aiida_slabrelax.engine import children, faults
from durable.stored_state import stored_state

_PR_SET_PDEATHSIG = 1

#: What a worker imports only when it loads its profile or takes up a process.
LATE_IMPORTS = (
    'aiida.brokers.zeromq',
    'aiida.cmdline.utils.log',
    'aiida.engine.processes.launcher',
    'aiida.manage.configuration.config',
    'aiida.manage.profile_access',
    'aiida.orm.autogroup',
    'aiida.schedulers.plugins.direct',
    'aiida.storage.sqlite_dos.backend',
    'aiida.transports.plugins.local',
    'aiida_slabrelax.durable',
    'logging.config',
    'packaging.version',
)


class ForkServer:
    """The one worker of a profile, and what became of those before it."""

    def __init__(self, profile_name: str) -> None:
        self.profile_name = profile_name
        self.poll_interval: int | None = None
        self.respawn = False
        self.is_real = False
        self.pid: int | None = None
        self.pidfd = -1
        self.deaths: list[dict[str, int | float]] = []

    def serve(self) -> None:
        """Obey until the standard input closes."""
        self.answer()
        while True:
            watched = [sys.stdin.fileno()] + ([self.pidfd] if self.pid else [])
            ready, _, _ = select.select(watched, [], [])
            if self.pid and self.pidfd in ready:
                pid, status = self.pid, self.reap()
                self.deaths.append({'pid': pid, 'status': status, 'time': time.time()})
                if self.respawn and status == -signal.SIGKILL:
                    self.fork()
            elif line := sys.stdin.readline():
                self.obey(**json.loads(line))
                self.answer()
            else:
                self.stop()
                return

    def obey(self, command: str, **options: Any) -> None:
        """Do what a line of the standard input says: ``start``, ``stop`` or ``report``."""
        if command == 'start':
            kind = options['poll_interval'], options['is_real']
            if kind != (self.poll_interval, self.is_real):
                self.stop()
            self.poll_interval, self.is_real = kind
            self.respawn = options['respawn']
            if self.pid is None:
                self.fork()
        elif command == 'stop':
            self.stop()

    def answer(self) -> None:
        """Write the pid of the worker and the unasked ends of workers to the standard output."""
        print(json.dumps({'pid': self.pid, 'deaths': self.deaths}), flush=True)

    def reap(self) -> int:
        """Return how the worker ended: its exit status, or the negative number of a signal."""
        assert self.pid is not None
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.pidfd)
        self.pid = None
        return status

    def stop(self, grace: float = 5.0) -> None:
        """Ask the worker to end, and kill it after so many seconds."""
        self.respawn = False
        if self.pid is None:
            return
        os.kill(self.pid, signal.SIGTERM)
        if not select.select([self.pidfd], [], [], grace)[0]:
            os.kill(self.pid, signal.SIGKILL)
        self.reap()

    def fork(self) -> None:
        """Start a worker."""
        server = os.getpid()
        pid = os.fork()
        if pid:
            self.pid, self.pidfd = pid, os.pidfd_open(pid)
            return
        status = 1
        try:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() == server:
                self.work()
                status = 0
        except BaseException:  # a fork must not go on as its server
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)

    def work(self) -> None:
        """Be a worker, as ``verdi daemon worker`` is one."""
        os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        # A real worker has random numbers of its own; a fork would have those of the last one.
        random.seed()
        np.random.seed()  # noqa: NPY002 - what a library may use
        config = get_config()
        profile = config.get_profile(self.profile_name)
        database = Path(profile.storage_config['filepath']) / 'database.sqlite'
        if not self.is_real:
            # The tests kill workers, not what runs in them.
            MortalProcess.max_starts = FunctionRun.apart_after = 1000
            faults.annotate = lambda: f': {stored_state(database)}'
        if self.poll_interval is not None:
            profile.set_option('runner.poll.interval', self.poll_interval)
        start_daemon_worker(foreground=False, profile_name=self.profile_name)


if __name__ == '__main__':
    for _module in (*LATE_IMPORTS, *sys.argv[2:]):
        importlib.import_module(_module)
    children.PATIENCE = 0.7  # with one worker a message that comes twice does no harm
    configure_mappers()
    eps()  # the entry points are read once and kept
    gc.collect()
    gc.freeze()  # or each fork would look through all of it, and so copy it
    with suppress(KeyboardInterrupt):
        ForkServer(sys.argv[1]).serve()
