"""Work on an untrusted file in a separate process, with limits on time and memory."""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import psutil

#: Limits on CPU time (s) and on memory (bytes, in addition to the memory in use).
SECONDS = 6
MEMORY = 900 * 1024**2

#: Limit on wall time (s); the processor or the disk may be busy.
PATIENCE = 120.0


class LimitedError(Exception):
    """The work has failed, or has reached a limit."""


class LimitReachedError(LimitedError):
    """The work has reached a limit of time or memory."""


def run_limited(function: Callable[..., Any], *args: Any, seconds: int = SECONDS) -> Any:
    """Run a function in a fork of this process and return its result.

    Output of the libraries is discarded, and their side effects end with the fork.

    :param function: returns data for JSON, and may raise anything.
    :param seconds: limit on the CPU time.
    :raises LimitReachedError: if it exceeds the limit on time or memory.
    :raises LimitedError: if it raises an exception (see the message) or crashes the interpreter.
    """
    receiver, sender = get_context('fork').Pipe(duplex=False)
    process = get_context('fork').Process(
        target=_work, args=(sender, function, args, seconds), daemon=True
    )
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # that a fork drops threads: none of them works
        process.start()
    sender.close()
    try:
        in_time = receiver.poll(PATIENCE)
        answer = receiver.recv_bytes() if in_time else b''
    except EOFError:
        in_time, answer = True, b''
        process.join(1.0)  # it is about to end; its exit code says how
    finally:
        process.kill()
        process.join()
        receiver.close()
    if not in_time:
        raise LimitReachedError(
            f'it takes more than {PATIENCE:g} s by the clock, less than {seconds} s of the '
            'processor: the machine is busy, try again'
        )
    if not answer:
        if process.exitcode in (-signal.SIGXCPU, -signal.SIGKILL):
            raise LimitReachedError(f'it takes more than {seconds} s')
        raise LimitedError('the reader has crashed')
    content = json.loads(answer)
    if 'limit' in content:
        raise LimitReachedError(content['limit'])
    if 'error' in content:
        raise LimitedError(content['error'])
    return content['value']


def _work(
    sender: Connection, function: Callable[..., Any], args: tuple[Any, ...], seconds: int
) -> None:
    faulthandler.disable()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.stdin = sys.stdout = sys.stderr = open(nowhere, 'r+', closefd=False)  # noqa: SIM115 - for good
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    limit = psutil.Process().memory_info().vms + MEMORY
    with suppress(ValueError, OSError):  # not every system has this limit
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        answer = json.dumps({'value': function(*args)})
    except MemoryError:
        answer = json.dumps({'limit': f'it takes more than {MEMORY // 1024**2} MB of memory'})
    except BaseException as error:  # readers raise whatever a broken file leads them to
        reason = str(error) if not isinstance(error, KeyError) else f'there is no {error}'
        answer = json.dumps({'error': reason[:10_000] or type(error).__name__})
    sender.send_bytes(answer.encode('utf-8', 'replace'))
    sender.close()
    os._exit(0)
