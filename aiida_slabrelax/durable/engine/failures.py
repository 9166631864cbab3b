"""What a user's function raises, as an ordinary failure of its process."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging

from plumpy.process_states import Interruption

from ..scheduling.tasks import Task

LOGGER = logging.getLogger(__name__)

#: Exceptions that mean something else to asyncio, or to plumpy, when they come out of a function.
_MISTAKEN = (
    StopIteration,
    StopAsyncIteration,
    asyncio.CancelledError,
    concurrent.futures.CancelledError,
    Interruption,
)


def as_failure(error: BaseException, function: str) -> Exception:
    """Return an exception that ends the process of a function, and nothing else.

    ``SystemExit`` and ``KeyboardInterrupt`` would end the worker; a cancellation or a
    ``StopIteration`` would leave the process running for ever.

    :param function: the name of the function, for the message.
    """
    if isinstance(error, Exception) and not isinstance(error, _MISTAKEN):
        return error
    failure = RuntimeError(f'{function} has raised {error!r}')
    failure.__cause__ = error
    return failure


def log_abandoned(task: Task, function: str) -> str:
    """Log that a task has not let itself be ended, and return the message.

    :param function: the name of the workflow, for the message.
    """
    file, number = task.source()
    message = (
        f'{file}:{number}: {function} catches what ends it (by a bare except, or except '
        'BaseException) and tries again: it was abandoned there; except Exception would let it end'
    )
    LOGGER.error(message)
    return message
