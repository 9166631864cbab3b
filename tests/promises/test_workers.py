"""The workers of these tests are those of a user."""

from __future__ import annotations

from collections.abc import Callable

from aiida.orm import WorkChainNode

from quick_workers import TellWorkChain


def test_workers_are_as_at_a_user(submit_and_await: Callable[..., WorkChainNode]) -> None:
    assert submit_and_await(TellWorkChain).outputs.quick.value is False
