"""The workers of tests in the ring `daemon` are quick."""

from __future__ import annotations

from collections.abc import Callable

from aiida.orm import WorkChainNode

from quick_workers import TellWorkChain


def test_workers_are_quick(submit_and_await: Callable[..., WorkChainNode]) -> None:
    assert submit_and_await(TellWorkChain).outputs.quick.value is True
