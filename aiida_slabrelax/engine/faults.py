"""Fault points: places at which a test can kill the process, as a crash would.

The engine calls :func:`reach` before and after each write. That does nothing unless the environment
variable ``DURABLE_FAULTS`` names a folder, which has two files:

``reached``
    One line for each fault point reached, ``<count> <name>``. The count starts at 1 and continues
    in the worker that replaces a killed one. Only one worker may write the file at a time.

``kill_at``
    One line for each ``SIGKILL`` that the worker sends itself: the count of a fault point, or its
    name. A name is removed from the file, so that it kills once.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

#: The folder of the two files, or ``None`` for no faults.
folder: Path | None = Path(os.environ['DURABLE_FAULTS']) if 'DURABLE_FAULTS' in os.environ else None

#: Returns a suffix for the name of a fault point.
annotate: Callable[[], str] = str


def reach(name: str) -> None:
    """Record that a fault point was reached, and die there if a test asks for it.

    :param name: names the write that comes next or has just been done, in a single line.
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
        planned = plan.read_text().splitlines()
    except FileNotFoundError:
        return
    if point in planned:
        planned.remove(point)
        plan.write_text('\n'.join(planned))
    elif str(count) not in planned:
        return
    os.kill(os.getpid(), signal.SIGKILL)
