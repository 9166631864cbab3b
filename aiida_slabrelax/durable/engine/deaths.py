"""Processes whose workers die under them: after some starts they pause instead of the next."""

from __future__ import annotations

from typing import Any, ClassVar

from aiida.engine import Process
from plumpy import ProcessState

#: The extra with the number of interpreters that have died one after the other while code of the
#: user ran in the process; -1 if the last worker was stopped in an orderly way.
DEATHS_EXTRA = 'durable_deaths'


class MortalProcess(Process):
    """A process that is not started for ever if what it does kills its worker.

    A checkpoint in the state *running* that is taken up says that the last worker has died: the
    memory had run out, a library has crashed, or somebody has killed the worker. That counts when
    code of the user is about to run again, not before: a process that only stood in the same worker
    as another one that kills it comes to an end of its code in between.

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

    def count_death(self) -> None:
        """Count the death of the last worker, if there was one."""
        if self._has_died:
            self._has_died = False
            self.set_deaths(self._deaths + 1)

    @property
    def is_given_up(self) -> bool:
        """Whether the process has died so often that it must not be started again."""
        return self._deaths >= self.max_starts

    def set_deaths(self, number: int) -> None:
        """Note how many interpreters have died."""
        if number != self._deaths:
            self._deaths = number
            self.node.base.extras.set(DEATHS_EXTRA, number)
