"""A daemon whose worker is killed at fault points and comes back at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aiida.engine.daemon.client import DaemonClient

from durable.workers import Workers

#: The workflows that no worker has to import by itself.
MODULES = ('durable.classic', 'durable.programs', 'durable.invented')


@pytest.fixture(scope='package')
def package_workers(
    daemon_client: DaemonClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workers]:
    """The fork server; no test of another folder meets the daemon without workers."""
    workers = Workers(daemon_client, tmp_path_factory.mktemp('durable'), MODULES)
    yield workers
    workers.close()


@pytest.fixture
def workers(package_workers: Workers) -> Iterator[Workers]:
    """The workers, with no task left by an earlier test."""
    yield package_workers
    if package_workers.tasks:
        package_workers.reset()
