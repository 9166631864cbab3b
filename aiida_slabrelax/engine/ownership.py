"""Work chains that only one worker runs, even if two have the task.

When a worker loses its broker for a while, the broker delivers its tasks to other workers. The
first worker still runs the process, and both would launch the same children and write the same
outputs.
"""

from __future__ import annotations

import inspect
import logging
from typing import Any
from uuid import uuid4

from aiida.common.log import LOG_LEVEL_REPORT
from aiida.engine import WorkChain
from aiida.orm import QueryBuilder, WorkChainNode
from plumpy.process_states import Excepted, State
from sqlalchemy.exc import DBAPIError

LOGGER = logging.getLogger(__name__)

#: The extra with the token of the instance that loaded a process last.
OWNER_EXTRA = 'process_owner'


class Superseded(BaseException):
    """Another worker has loaded the process: this one must release it without writing anything."""


class CutOff(BaseException):
    """The connection to the database was cut: the process must stay as in its checkpoint."""


def is_cut(error: BaseException | None) -> bool:
    """Return whether an error comes from a connection to the database that was cut."""
    while error is not None:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            return True
        error = error.__cause__ or error.__context__
    return False


class OwnedWorkChain(WorkChain):
    """A work chain that belongs to the worker that loaded it last; any other one releases it."""

    _loaded = False
    _token: str | None = None

    def load_instance_state(self, saved_state: Any, load_context: Any) -> None:
        """Load the process from its checkpoint."""
        self._loaded = True
        super().load_instance_state(saved_state, load_context)  # type: ignore[no-untyped-call] # plumpy

    def init(self) -> None:
        """Become the owner of the process: from now on only this instance may write."""
        super().init()
        if self._loaded:
            token = self._token = str(uuid4())
            self.node.base.extras.set(OWNER_EXTRA, token)

    def on_entering(self, state: State) -> None:
        """Enter the next state, unless another worker has loaded the process.

        A process that has lost its connection to the database has not failed: this step is
        discarded.
        """
        if isinstance(state, Excepted) and is_cut(state.exception):
            raise CutOff
        self.check_owner()
        super().on_entering(state)

    async def step_until_terminated(self) -> None:
        """Run to the end, or until the process has to be released."""
        try:
            await super().step_until_terminated()
        except Superseded:
            self.logger.warning('another worker has loaded the process: this one releases it')
            self.leave()
        except CutOff:
            # Not the logger of the process, which writes to the database.
            LOGGER.warning(
                '%d: lost the connection to the database; its last checkpoint remains',
                self.pid,
            )
            self.leave()

    def report(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Log a message with the pk, the class, and the method that reports it, as any process.

        aiida-core looks up the source of all functions on the stack for that, which takes some 10
        ms each time.
        """
        frame = inspect.currentframe()
        method = frame.f_back.f_code.co_name if frame is not None and frame.f_back else '?'
        message = f'[{self.node.pk}|{self.__class__.__name__}|{method}]: {msg}'
        self.logger.log(LOG_LEVEL_REPORT, message, *args, **kwargs)

    def check_owner(self) -> None:
        """Make sure that this instance may write.

        :raises Superseded: if another instance has loaded the process.
        """
        if self._token is not None:
            query = QueryBuilder()
            query.append(
                WorkChainNode, filters={'id': self.node.pk}, project=f'extras.{OWNER_EXTRA}'
            )
            if query.first(flat=True) != self._token:
                raise Superseded

    def leave(self) -> None:
        """Release the process without writing anything; the task of the daemon ends."""
        self.close()
        if not self._future.done():
            self._future.set_result(None)
