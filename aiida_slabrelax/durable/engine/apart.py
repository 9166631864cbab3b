"""Plain functions in an interpreter of their own, which may die without harm to the worker."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, cast

from aiida import load_profile, orm
from aiida.manage import get_manager

from ..signatures.functions import bind_nodes
from .threads import run_reading

_COMMAND = f'from {__name__} import serve; serve()'


class InterpreterDiedError(Exception):
    """The interpreter has died before the function had returned or raised.

    :param status: its exit status, or the negative number of a signal.
    """

    def __init__(self, status: int) -> None:
        self.cause = signal.Signals(-status).name if status < 0 else f'exit status {status}'
        super().__init__(self.cause)


class _ThereError(Exception):
    """The traceback of the other interpreter, as text."""

    def __str__(self) -> str:
        return f'\n{self.args[0]}'


class Apart:
    """A function in an interpreter of its own, which ends with this one.

    The function is not imported here before it has returned there: even that may be deadly. What
    comes back is pickled: both sides are this program, and nothing of it is stored.

    :param function: its name, ``module:name``.
    :param nodes: the arguments, as stored nodes.
    :param nothing: the names of arguments that are ``None``.
    """

    def __init__(
        self, function: str, nodes: Mapping[str, orm.Data], nothing: Iterable[str] = ()
    ) -> None:
        profile = get_manager().get_profile()
        assert profile is not None
        pks = {name: node.pk for name, node in nodes.items()}
        self._message = (sys.path, profile.name, function, pks, [*nothing])
        self._process = subprocess.Popen(
            [sys.executable, '-c', _COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(self) -> tuple[Any, BaseException | None]:
        """Wait, and return what the function has returned, and what it has raised.

        :raises InterpreterDiedError: if it has done neither.
        """
        answer = b''
        with suppress(BrokenPipeError), self._process as process:
            assert process.stdin is not None
            assert process.stdout is not None
            pickle.dump(self._message, process.stdin)
            process.stdin.flush()
            answer = process.stdout.read()
        if self._process.returncode or not answer:
            raise InterpreterDiedError(self._process.returncode)
        returned, raised, text = pickle.loads(answer)
        if raised is not None:
            raised.__cause__ = _ThereError(text)
        return returned, raised

    def kill(self) -> None:
        """End the interpreter, if it has not ended."""
        self._process.kill()


def attempt(function: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    """Return what a function returns, and what it raises: futures do not take every exception."""
    try:
        return function(), None
    except BaseException as error:  # raised again in the process
        return None, error


def serve() -> None:
    """Be the other interpreter: run the function that comes from the standard input."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), 'wb')
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the function prints
    sys.path[:], profile, function, pks, nothing = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_the_worker, daemon=True).start()
    load_profile(profile)
    nodes = {name: cast(orm.Data, orm.load_node(pk)) for name, pk in pks.items()}
    returned, raised = attempt(lambda: run_reading(bind_nodes(function, nodes, nothing), function))
    answers.write(pack(returned, raised))
    answers.flush()
    os._exit(0)  # what the function has left cannot keep the interpreter


def _end_with_the_worker() -> None:
    while sys.stdin.buffer.read(1):
        pass
    os._exit(1)


def pack(returned: Any, raised: BaseException | None) -> bytes:
    """Return the answer, pickled: what does not come back from that is told in words."""
    text = '' if raised is None else ''.join(traceback.format_exception(raised))
    try:
        answer = pickle.dumps((returned, raised, text))
        pickle.loads(answer)
    except Exception as error:  # classes of users can do anything
        failure: Exception = TypeError(f'what it has returned cannot be kept: {error}')
        if raised is not None:
            failure = RuntimeError(f'{type(raised).__name__}: {raised}')
        return pickle.dumps((None, failure, text))
    return answer
