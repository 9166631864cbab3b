"""Runs that are given up: none goes on without the daemon that was started for it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from .printing import print_line

if TYPE_CHECKING:
    from aiida.orm import ProcessNode

#: How long to wait until all that was killed is dead, and when to ask again meanwhile, s.
PATIENCE, ASK_AGAIN = 60.0, 10.0


def kill(node: ProcessNode) -> None:
    """Kill a run and everything that it has called; say so if something outlives it."""
    from aiida.engine.processes.control import kill_processes

    end, ask = time.monotonic() + PATIENCE, 0.0
    while time.monotonic() < end:
        if all(process.is_terminated for process in (node, *node.called_descendants)):
            return
        if time.monotonic() > ask:
            # No time for the reply: it never comes from a process that has called a calcfunction.
            kill_processes([node], msg_text='The demo was ended.', timeout=0)
            ask = time.monotonic() + ASK_AGAIN
        time.sleep(0.2)
    message = f'{node.process_label}<{node.pk}> is not dead after {PATIENCE:g} s.'
    print_line(message, error=True)


@contextmanager
def killed_if_given_up(node: ProcessNode) -> Iterator[None]:
    """Kill a run that has not ended when the block is left by an error."""
    try:
        yield
    except BaseException:  # Ctrl-C too: nothing must go on without its daemon
        if not node.is_terminated:
            kill(node)
        raise


def await_end(node: ProcessNode, timeout: float, at_each_look: Callable[[], None]) -> None:
    """Wait until a run has ended.

    :param timeout: the longest time to wait, s.
    :param at_each_look: is called before each look; what it raises ends the wait.
    :raises click.ClickException: after the time-out.
    """
    end = time.monotonic() + timeout
    while not node.is_sealed:
        at_each_look()
        if time.monotonic() > end:
            raise click.ClickException(
                f'{node.process_label}<{node.pk}> not finished after {timeout:g} s'
            )
        time.sleep(0.2)


class _Signals:
    """How many blocks hold the signals back that end the program, and whether one waits."""

    holding = 0
    waits = False


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as Ctrl-C does, so that it can clean up.

    What is ignored, as SIGHUP is under ``nohup``, stays so.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        if not _Signals.holding:
            raise KeyboardInterrupt
        _Signals.waits = True

    before: dict[int, Any] = {
        number: signal.signal(number, interrupt)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def held_back() -> Iterator[Callable[[], None]]:
    """Hold the signals of :func:`interruptible` back; what is given raises what has come.

    An exception that is raised anywhere can get lost in a destructor, leave the session of the
    database in a state in which the run cannot be killed any more, or leave a daemon behind that
    is about to be stopped. Blocks can be nested.
    """

    def let_through() -> None:
        if _Signals.waits:
            _Signals.waits = False
            raise KeyboardInterrupt

    _Signals.holding += 1
    try:
        yield let_through
    finally:
        _Signals.holding -= 1
    let_through()
