"""Signals, and runs that are abandoned: these are killed before their daemon is stopped."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from .errors import CommandFailed
from .printing import print_line

if TYPE_CHECKING:
    from aiida.orm import ProcessNode

#: How long to wait for the end of killed processes, and how often the request is repeated, s.
PATIENCE, ASK_AGAIN = 60.0, 10.0


def kill(node: ProcessNode) -> None:
    """Kill a run and all its descendants; print a message if one survives."""
    from aiida.engine.processes.control import kill_processes

    end, ask = time.monotonic() + PATIENCE, 0.0
    while time.monotonic() < end:
        if all(process.is_terminated for process in (node, *node.called_descendants)):
            return
        if time.monotonic() > ask:
            # No time-out for the reply: a process that runs a calcfunction never sends one.
            kill_processes([node], msg_text='The demo was ended.', timeout=0)
            ask = time.monotonic() + ASK_AGAIN
        time.sleep(0.2)
    message = f'{node.process_label}<{node.pk}> is still alive after {PATIENCE:g} s.'
    print_line(message, error=True)


@contextmanager
def killed_if_given_up(node: ProcessNode) -> Iterator[None]:
    """Kill a run if the block is left by an error before the run has ended."""
    try:
        yield
    except BaseException:  # including Ctrl-C: no run may continue without its daemon
        if not node.is_terminated:
            kill(node)
        raise


def await_end(node: ProcessNode, timeout: float, at_each_look: Callable[[], None]) -> None:
    """Wait for the end of a run.

    :param timeout: the longest time to wait, s.
    :param at_each_look: called before each check; its exceptions end the wait.
    :raises CommandFailed: after the time-out.
    """
    end = time.monotonic() + timeout
    while not node.is_sealed:
        at_each_look()
        if time.monotonic() > end:
            raise CommandFailed(f'{node.process_label}<{node.pk}> not finished after {timeout:g} s')
        time.sleep(0.2)


class _Signals:
    """The state of deferred signals in this process.

    :ivar holding: the number of blocks that defer signals.
    :ivar waits: whether a deferred signal has arrived.
    """

    holding = 0
    waits = False


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block like Ctrl-C, so that it can clean up.

    Ignored signals, such as SIGHUP under ``nohup``, stay ignored.
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
    """Defer the signals of :func:`interruptible` inside the block.

    The yielded function raises ``KeyboardInterrupt`` if one has arrived, as does the end of the
    outermost block. An exception at an arbitrary point could get lost in a destructor, leave the
    database session unusable for killing the run, or prevent the stop of a daemon. Blocks can be
    nested.
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
