"""The services themselves: each answers, and none leaves anything behind."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from aiida.engine.daemon.client import DaemonClient
from aiida.manage import get_manager
from aiida.manage.configuration.profile import Profile
from aiida.orm import InstalledCode

from infrastructure.rabbitmq import RabbitMQ


def test_the_profile_is_on_postgresql_and_rabbitmq(aiida_profile: Profile) -> None:
    assert aiida_profile.storage_backend == 'core.psql_dos'
    assert aiida_profile.process_control_backend == 'core.rabbitmq'
    assert str(get_manager().get_broker()).startswith('RabbitMQ v3.')


def test_two_workers_run(two_workers: DaemonClient) -> None:
    assert two_workers.get_numprocesses()['numprocesses'] == 2


@pytest.mark.parametrize('name', ['vasp_code', 'ssh_code'])
def test_the_computer_passes_the_tests_of_aiida(request: pytest.FixtureRequest, name: str) -> None:
    code: InstalledCode = request.getfixturevalue(name)
    tested = subprocess.run(
        ['verdi', 'computer', 'test', str(code.computer.label)], capture_output=True, text=True
    )
    assert 'Success: all 6 tests succeeded' in tested.stdout, tested.stdout + tested.stderr


def test_a_rabbitmq_that_is_stopped_leaves_no_process(folder: Callable[[str], Path]) -> None:
    place = folder('rabbitmq-2')
    server = RabbitMQ(place)
    server.start()
    server.stop()
    left = [
        process for process in psutil.process_iter(['cmdline']) if str(place) in str(process.info)
    ]
    assert left == []
