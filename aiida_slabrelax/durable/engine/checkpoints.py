"""Checkpoints of a process. If one cannot be saved at once, it is tried again without blocking."""

from __future__ import annotations

import logging
from collections.abc import Callable

from aiida.engine import Process
from plumpy import PersistenceError

from ...engine.faults import reach

LOGGER = logging.getLogger(__name__)

#: After how many seconds a checkpoint that could not be saved is tried again, time after time.
PAUSES = (0.1, 0.5, 2.0, 10.0)


class Checkpoints:
    """Saves the checkpoints of a process.

    A database can be locked for a moment. The worker then runs its other processes, and this one
    waits. It excepts after the last failed attempt.

    :param process: the process.
    :param resume: resumes the process if it waits; the process saves a checkpoint then.
    """

    def __init__(self, process: Process, resume: Callable[[], None]) -> None:
        self._process = process
        self._resume = resume
        self._attempts = 0
        self._planned = False
        self._error: PersistenceError | None = None

    @property
    def failed(self) -> bool:
        """Whether the last checkpoint could not be saved."""
        return self._error is not None

    def check(self) -> None:
        """Raise :class:`PersistenceError` if no attempt is left."""
        if self._error is not None and self._attempts > len(PAUSES):
            raise self._error

    def save(self) -> None:
        """Save a checkpoint, now or later."""
        persister = self._process.runner.persister
        assert persister is not None
        reach('before a checkpoint')
        try:
            persister.save_checkpoint(self._process)
        except PersistenceError as error:
            self._error = error
            if not self._planned:
                self._plan(str(error).strip().splitlines()[-1])
            return
        reach('after a checkpoint')
        self._error = None
        self._attempts = 0

    def _plan(self, reason: str) -> None:
        self._planned = True
        pause = PAUSES[self._attempts] if self._attempts < len(PAUSES) else 0.0
        self._attempts += 1
        # Not the logger of the process, which writes to the database.
        LOGGER.warning('%s: the checkpoint could not be saved: %s', self._process.pid, reason)
        self._process.loop.call_later(pause, self._process.call_soon, self._try_again)

    def _try_again(self) -> None:
        self._planned = False
        self._resume()
