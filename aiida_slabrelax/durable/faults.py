"""Fault points: places at which a test can kill the process, as a crash would.

The engine calls :func:`reach` before and after everything it writes. That does nothing unless the
environment variable ``DURABLE_FAULTS`` names a folder, which has two files:

``reached``
    One line for each fault point reached, ``<count> <name>``. The count begins with 1 and goes on
    in the workers that follow one that was killed. Only one worker may write it at a time.

``kill_at``
    One line for each ``SIGKILL`` that the worker gives itself: the count of a fault point, or its
    whole line without the count. The latter is struck out, so that it kills once.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

#: The folder of the two files, or ``None`` for no faults.
folder: Path | None = Path(os.environ['DURABLE_FAULTS']) if 'DURABLE_FAULTS' in os.environ else None

#: Returns what follows the name of a fault point in its line.
annotate: Callable[[], str] = str


def reach(name: str) -> None:
    """Note that a fault point was reached, and die there if a test wants it.

    :param name: what is about to be written, or has just been written; a single line.
    """
    if folder is None:
        return
    point = name + annotate()
    descriptor = os.open(folder / 'reached', os.O_RDWR | os.O_CREAT | os.O_APPEND)
    with open(descriptor, 'rb+', buffering=0) as reached:
        count = reached.read().count(b'\n') + 1
        # What was written outlives SIGKILL without fsync; only a crash of the machine takes it.
        reached.write(f'{count} {point}\n'.encode())
    plan = folder / 'kill_at'
    try:
        left = plan.read_text().splitlines()
    except FileNotFoundError:
        return
    if point in left:
        left.remove(point)
        plan.write_text('\n'.join(left))
    elif str(count) not in left:
        return
    os.kill(os.getpid(), signal.SIGKILL)
