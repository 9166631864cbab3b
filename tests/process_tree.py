"""What the tests through a daemon look at and wait for."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import psutil
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import WorkChainNode


def relaxations(run: WorkChainNode) -> list[WorkChainNode]:
    """Return the work chains that a run has called."""
    return [child for child in run.called if isinstance(child, WorkChainNode)]


def await_that(condition: Callable[[], bool], timeout: float = 120.0) -> None:
    """Wait until a condition holds; an error after so many seconds."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, f'not within {timeout} s'
        time.sleep(0.2)


def kill_daemon(daemon: DaemonClient) -> None:
    """Kill the daemon, its workers and its broker, so that none can put its things in order."""
    pid = daemon.get_daemon_pid()
    assert pid is not None
    supervisor = psutil.Process(pid)
    family = [supervisor, *supervisor.children(recursive=True)]
    for process in family:
        with suppress(psutil.NoSuchProcess):  # a command of the worker that has ended meanwhile
            process.kill()
    psutil.wait_procs(family, timeout=30)
