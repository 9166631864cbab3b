"""The daemon of a demo, when a signal comes at the worst moment."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from aiida.engine.daemon.client import DaemonClient, get_daemon_client
from aiida.manage.configuration import Profile

from aiida_slabrelax.cli.interruption import interruptible
from aiida_slabrelax.cli.sandbox import environment


def with_signal(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method of the daemon's client in whose beginning a signal comes."""

    def call(*arguments: Any, **options: Any) -> Any:
        os.kill(os.getpid(), signal.SIGTERM)
        return method(*arguments, **options)

    return call


@pytest.mark.parametrize(
    ('method', 'reached'),
    [('stop_daemon', True), ('call_client', True), ('_await_condition', False)],
)
def test_a_signal_while_the_daemon_is_started_or_stopped(
    no_daemon: None,
    daemon_client: DaemonClient,
    aiida_profile: Profile,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    reached: bool,
) -> None:
    changed = with_signal(getattr(DaemonClient, method))
    static = isinstance(vars(DaemonClient)[method], staticmethod)
    monkeypatch.setattr(DaemonClient, method, staticmethod(changed) if static else changed)
    inside = []

    def work() -> None:
        with interruptible(), environment.daemon() as let_through:
            let_through()
            inside.append(get_daemon_client(aiida_profile.name).is_daemon_running)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert inside == [True] * reached
    assert not daemon_client.is_daemon_running
