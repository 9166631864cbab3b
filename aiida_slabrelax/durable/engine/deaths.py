"""Processes whose workers die under them: after some starts they pause instead of the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from aiida.engine import Process
from plumpy import ProcessState

#: The extra with the number of interpreters that have died while the process ran; -1 if the last
#: worker was stopped in an orderly way.
DEATHS_EXTRA = 'durable_deaths'


class MortalProcess(Process):
    """A process that is not started for ever if what it does kills its worker.

    A checkpoint in the state *running* that is taken up says that the last worker has died: the
    memory had run out, a library has crashed, or somebody has killed the worker. Each process that
    ran there may be the cause, and the first death counts for all of them. From then on a death
    counts only if it comes while code of the process itself is running.

    :cvar max_starts: how often the process is started before it pauses.
    """

    max_starts: ClassVar[int] = 3

    _deaths = 0
    _has_died = False

    def load_instance_state(self, saved_state: Any, load_context: Any) -> None:
        """Load the process from its checkpoint."""
        super().load_instance_state(saved_state, load_context)
        self._has_died = self.state is ProcessState.RUNNING and not self.paused

    def init(self) -> None:
        """Take the process up."""
        super().init()
        self._deaths = self.node.base.extras.get(DEATHS_EXTRA, 0)

    def on_kill(self, msg: Any) -> None:
        """Be killed, also while paused: otherwise the worker keeps the task for good."""
        if self.paused:
            self.play()
        super().on_kill(msg)

    def count_first_death(self) -> None:
        """Count the death of the last worker, if there was one and it is the first."""
        if self._has_died and self._deaths < 1:
            self.set_deaths(self._deaths + 1)
        self._has_died = False

    @contextmanager
    def own_code(self) -> Iterator[None]:
        """Count a death that comes within the block, if the process is a suspect."""
        before = self._deaths
        if before:
            self.set_deaths(before + 1)
        try:
            yield
        finally:
            self.set_deaths(before)

    @property
    def is_given_up(self) -> bool:
        """Whether the process has died so often that it must not be started again."""
        return self._deaths >= self.max_starts

    def describe_deaths(self, what: str, sure: str) -> str:
        """Return why the process pauses.

        :param what: what has died.
        :param sure: what follows the name of the process: how sure it is that it is the cause.
        """
        return (
            f'{self._deaths} {what} have died while {self.node.process_label} ran{sure} it '
            'crashes, or needs more memory than there is; it is not started again before verdi '
            f'process play {self.pid}'
        )

    def set_deaths(self, number: int) -> None:
        """Note how many interpreters have died."""
        if number != self._deaths:
            self._deaths = number
            self.node.base.extras.set(DEATHS_EXTRA, number)
