"""A program that runs commands in forks of itself, which has imported all that they need.

A line of JSON on the standard input has the words of a command, the folder in which it runs and
after how many seconds it is killed, if it is; one on the standard output says how it has ended and
after how many seconds.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
import time

from aiida_slabrelax.cli import cli

#: What the commands import only when they run.
LATE_IMPORTS = (
    'aiida.storage.sqlite_dos.backend',
    'aiida.tools.archive',
    'aiida_slabrelax.cli.inputs.structures',
    'aiida_slabrelax.cli.files.slab_files',
    'aiida_slabrelax.plots',
    'aiida_slabrelax.report',
    'matplotlib.backends.backend_agg',
    'matplotlib.backends.backend_svg',
)


def run(words: list[str], folder: str, seconds: float | None) -> dict[str, float]:
    """Run a command in a fork; the result is its status, negative after a signal, and its time."""
    start = time.monotonic()
    pid = os.fork()
    if not pid:
        status = 1
        try:
            os.chdir(folder)
            cli(words)
        except SystemExit as end:
            status = int(end.code or 0)
        finally:
            os._exit(status)
    pidfd = os.pidfd_open(pid)
    select.select([pidfd], [], [], seconds)
    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(pidfd)
    return {'status': status, 'seconds': time.monotonic() - start}


def main() -> None:
    """Serve until the standard input closes."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), 'w', buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the commands print
    for name in LATE_IMPORTS:
        importlib.import_module(name)
    while line := sys.stdin.readline():
        answers.write(f'{json.dumps(run(**json.loads(line)))}\n')


if __name__ == '__main__':
    main()
