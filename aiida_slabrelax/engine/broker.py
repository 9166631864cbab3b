"""Messages to the workers of the daemon, and the errors of the brokers that carry them."""

from __future__ import annotations

import asyncio
import concurrent.futures

import kiwipy
import zmq
from aiida.engine.runners import Runner
from aio_pika.exceptions import AMQPError

#: Errors of a broker that is away: of kiwipy, of RabbitMQ's client and of aiida-core's own broker.
#: Both clients raise plain ``RuntimeError`` if their connection is closed or was never made.
BROKER_ERRORS = (
    AMQPError,
    ConnectionError,
    RuntimeError,
    TimeoutError,
    concurrent.futures.CancelledError,
    kiwipy.CommunicatorClosed,
    kiwipy.DeliveryFailed,
    kiwipy.TaskRejected,
    zmq.ZMQError,
)


def send(runner: Runner, pk: int) -> BaseException | None:
    """Ask the daemon to run a process that is stored and has a checkpoint.

    :returns: the error of the broker, if it may not have received the message.
    """
    assert runner.controller is not None
    try:
        runner.controller.continue_process(pk, nowait=False, no_reply=True)
    except BROKER_ERRORS as error:
        return error
    return None


async def answers(runner: Runner, pk: int, patience: float) -> bool | None:
    """Return whether a worker responds for a process; ``None`` if the broker does not tell.

    :param patience: how long to wait for the answer, in s.
    """
    assert runner.controller is not None
    try:
        await asyncio.wait_for(asyncio.wrap_future(runner.controller.get_status(pk)), patience)
    except kiwipy.UnroutableError:
        return False
    except (*BROKER_ERRORS, kiwipy.RemoteException):
        return None
    except Exception as error:
        if type(error) is not Exception:
            raise
        # The ZeroMQ broker of aiida-core has no class of its own for its errors.
        return False if str(error).startswith('Recipient not found') else None
    return True
