"""Processes whose workers die under them: after some starts they pause instead of the next."""

from __future__ import annotations

from typing import Any, ClassVar

from aiida.engine import Process
from plumpy import ProcessState

#: The extra with the number of workers that have died one after the other while the process ran.
DEATHS_EXTRA = 'durable_deaths'


class MortalProcess(Process):
    """A process that is not started for ever if what it does kills its worker.

    A checkpoint in the state *running* that is taken up says that the last worker has died, unless
    it was stopped and has said so: the memory had run out, a library has crashed, or somebody has
    killed the worker. The process was there; that it was the cause is not sure.

    :cvar max_starts: how often the process is started before it pauses.
    """

    max_starts: ClassVar[int] = 3

    _deaths = 0
    _was_running = False

    def load_instance_state(self, saved_state: Any, load_context: Any) -> None:
        """Load the process from its checkpoint."""
        super().load_instance_state(saved_state, load_context)
        self._was_running = self.state is ProcessState.RUNNING and not self.paused

    def init(self) -> None:
        """Take the process up, or pause it if too many workers have died under it."""
        super().init()
        if self._was_running:
            self._deaths = self.node.base.extras.get(DEATHS_EXTRA, 0) + 1
            self._write_deaths()
        if self._deaths >= self.max_starts:
            reason = (
                f'{self._deaths} workers have died while {self.node.process_label} ran: perhaps it '
                'crashes, or needs more memory than there is; it is not started again before '
                f'verdi process play {self.pid}'
            )
            self.survive()
            self.report(reason)
            self.pause(reason)

    def survive(self) -> None:
        """Forget the deaths: the process has come to a point at which none can be its fault."""
        if self._deaths:
            self._deaths = 0
            self._write_deaths()

    def expect_stop(self) -> None:
        """Note that the worker is shut down in an orderly way while the process runs."""
        self._deaths -= 1
        self._write_deaths()

    def _write_deaths(self) -> None:
        self.node.base.extras.set(DEATHS_EXTRA, self._deaths)
