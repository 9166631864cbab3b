"""Signals that end a command, and what they must not get into."""

from __future__ import annotations

import os
import signal

import pytest

from aiida_slabrelax.cli.interruption import held_back, interruptible

pytestmark = pytest.mark.usefixtures('heeded_signals')

NUMBERS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize('number', NUMBERS)
def test_a_signal_is_like_ctrl_c(number: int) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), interruptible():
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


@pytest.mark.parametrize('number', NUMBERS)
def test_a_signal_that_is_held_back_is_let_through_when_asked(number: int) -> None:
    reached = []

    def work() -> None:
        with interruptible(), held_back() as let_through:
            os.kill(os.getpid(), number)
            reached.append('after the signal')
            let_through()
            reached.append('after the question')

    with pytest.raises(KeyboardInterrupt):
        work()
    assert reached == ['after the signal']


def test_a_signal_that_nobody_asked_for_ends_what_comes_after() -> None:
    reached = []

    def work() -> None:
        with interruptible():
            with held_back():
                os.kill(os.getpid(), signal.SIGTERM)
                reached.append('the end of the block')
            reached.append('what comes after')

    with pytest.raises(KeyboardInterrupt):
        work()
    assert reached == ['the end of the block']


def test_nothing_is_let_through_without_a_signal() -> None:
    with interruptible(), held_back() as let_through:
        let_through()


def test_blocks_within_blocks_hold_back_too() -> None:
    reached = []

    def work() -> None:
        with interruptible(), held_back():
            with held_back():
                pass
            os.kill(os.getpid(), signal.SIGTERM)
            reached.append('after the inner block')

    with pytest.raises(KeyboardInterrupt):
        work()
    assert reached == ['after the inner block']


def test_what_was_let_through_does_not_come_again() -> None:
    with interruptible(), held_back() as let_through:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            let_through()
        let_through()


def test_ignored_signals_stay_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup has it
    try:
        with interruptible():
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
