"""Work chains that only one worker runs, even if two have the task.

When a worker loses its broker for a while, the broker gives its tasks to other workers; the first
one goes on all the same, and both would launch the same children and write the same outputs.
"""

from __future__ import annotations

import logging
from typing import Any
from uuid import uuid4

from aiida.engine import WorkChain
from aiida.orm import QueryBuilder, WorkChainNode
from plumpy.process_states import Excepted, State
from sqlalchemy.exc import DBAPIError

LOGGER = logging.getLogger(__name__)

#: The extra with the token of the instance that took a process up last.
OWNER_EXTRA = 'process_owner'


class Superseded(BaseException):
    """Another worker has taken the process up: this one has to let go of it, without a trace."""


class CutOff(BaseException):
    """The connection to the database was cut: the process has to stay as its checkpoint has it."""


def is_cut(error: BaseException | None) -> bool:
    """Return whether an error comes from a connection to the database that was cut."""
    while error is not None:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            return True
        error = error.__cause__ or error.__context__
    return False


class OwnedWorkChain(WorkChain):
    """A work chain that belongs to the worker that took it up last; any other one lets go of it."""

    _loaded = False
    _token: str | None = None

    def load_instance_state(self, saved_state: Any, load_context: Any) -> None:
        """Load the process from its checkpoint."""
        self._loaded = True
        super().load_instance_state(saved_state, load_context)  # type: ignore[no-untyped-call] # plumpy

    def init(self) -> None:
        """Take the process up: from now on it is this instance that may write."""
        super().init()
        if self._loaded:
            token = self._token = str(uuid4())
            self.node.base.extras.set(OWNER_EXTRA, token)

    def on_entering(self, state: State) -> None:
        """Go on to the next state, unless another worker has taken the process up.

        A process that was cut off from the database has not failed: nothing of this step counts.
        """
        if isinstance(state, Excepted) and is_cut(state.exception):
            raise CutOff
        self.check_owner()
        super().on_entering(state)

    async def step_until_terminated(self) -> None:
        """Run to the end, or until the process has to be let go of."""
        try:
            await super().step_until_terminated()
        except Superseded:
            self.logger.warning('another worker has taken the process up: this one leaves it')
            self.leave()
        except CutOff:
            # Not the logger of the process, which writes to the database.
            LOGGER.warning(
                '%d: cut off from the database, left as its checkpoint has it',
                self.pid,
            )
            self.leave()

    def check_owner(self) -> None:
        """Make sure that this instance may write.

        :raises Superseded: if another instance has taken the process up.
        """
        if self._token is not None:
            query = QueryBuilder()
            query.append(
                WorkChainNode, filters={'id': self.node.pk}, project=f'extras.{OWNER_EXTRA}'
            )
            if query.first(flat=True) != self._token:
                raise Superseded

    def leave(self) -> None:
        """Forget the process without a trace; the task of the daemon ends."""
        self.close()
        if not self._future.done():
            self._future.set_result(None)
