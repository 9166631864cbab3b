"""What the tests through a daemon look at and wait for."""

from __future__ import annotations

import time
from collections.abc import Callable

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
