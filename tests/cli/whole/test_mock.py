"""``aiida-slabrelax mock``, run as a program with an empty home, and on an existing profile."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiida.engine.daemon.client import DaemonClient
from aiida.manage.configuration import Profile
from aiida.orm import load_node
from click.testing import Result

from demo import BIN

HEADING = 'Mock scatter-gather workflow finished:'
VALUE = re.compile(r'^    (value_\d\d) = (\S+)  pk (\d+)  uuid ([0-9a-f-]{36})$', re.MULTILINE)


@dataclass
class Mock:
    """A folder in which the program runs, with an empty home."""

    folder: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        inherited = {k: v for k, v in os.environ.items() if k not in ('AIIDA_PATH', 'PYTHONPATH')}
        environment = {**inherited, 'HOME': str(self.folder / 'home')}
        if program == 'verdi' or '--profile' in arguments:
            environment['AIIDA_PATH'] = str(self.folder / 'demo')
        return subprocess.run(
            [str(BIN / program), *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


@pytest.fixture(scope='module')
def mock(tmp_path_factory: pytest.TempPathFactory) -> Mock:
    folder = tmp_path_factory.mktemp('m')
    (folder / 'home').mkdir()
    return Mock(folder)


@pytest.fixture(scope='module')
def finished(mock: Mock) -> subprocess.CompletedProcess[str]:
    return mock.run('aiida-slabrelax', 'mock', '--count', '3', '--delta', '0.5')


def test_the_values(finished: subprocess.CompletedProcess[str]) -> None:
    assert finished.returncode == 0, finished.stderr
    before, _, after = finished.stdout.partition(f'\n{HEADING}\n')
    assert before.startswith('Submitted scatter_gather<')
    sources, _, shifted = after.partition('  shifted values:\n')
    assert sources.startswith('  source values:\n')
    assert [(label, value) for label, value, _, _ in VALUE.findall(sources)] == [
        ('value_00', '0.0'),
        ('value_01', '1.0'),
        ('value_02', '2.0'),
    ]
    assert [(label, value) for label, value, _, _ in VALUE.findall(shifted)] == [
        ('value_00', '0.5'),
        ('value_01', '1.5'),
        ('value_02', '2.5'),
    ]


def test_it_says_how_to_look_further(
    mock: Mock, finished: subprocess.CompletedProcess[str]
) -> None:
    (pk,) = re.findall(r'verdi process status (\d+)', finished.stdout)
    status = mock.run('verdi', 'process', 'status', pk).stdout
    assert status.splitlines()[0].startswith(f'scatter_gather<{pk}> Finished [0]')
    assert status.count('shift<') == 3
    _, _, node, uuid = VALUE.findall(finished.stdout)[-1]
    assert uuid in mock.run('verdi', 'node', 'show', node).stdout


def test_the_daemon_is_stopped_and_the_home_is_empty(
    mock: Mock, finished: subprocess.CompletedProcess[str]
) -> None:
    status = mock.run('verdi', 'daemon', 'status')
    assert 'not running' in status.stdout + status.stderr
    assert list((mock.folder / 'home').rglob('*')) == []


def test_an_existing_profile(
    invoke: Callable[..., Result],
    aiida_profile: Profile,
    started_daemon_client: DaemonClient,
) -> None:
    result = invoke('mock', '--count', 1, '--delta', -1, '--profile', aiida_profile.name)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[1] == HEADING
    found = VALUE.findall(result.stdout)
    assert [(label, value) for label, value, _, _ in found] == [
        ('value_00', '0.0'),
        ('value_00', '-1.0'),
    ]
    for _, value, pk, uuid in found:
        node = load_node(int(pk))
        assert (node.uuid, node.value) == (uuid, float(value))
    assert 'AIIDA_PATH' not in result.stdout


@pytest.mark.usefixtures('finished')
def test_a_profile_whose_daemon_is_not_running(mock: Mock) -> None:
    result = mock.run('aiida-slabrelax', 'mock', '--profile', 'demo')
    assert result.returncode == 2
    assert result.stderr == 'Error: the daemon is not running: `verdi daemon start` starts it\n'
    assert result.stdout == ''


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (('--count', '0'), "Invalid value for '--count': 0 is not in the range x>=1."),
        (('--count', '-3'), "Invalid value for '--count': -3 is not in the range x>=1."),
        (('--count', '1.5'), "Invalid value for '--count': '1.5' is not a valid integer range."),
        (('--delta', 'much'), "Invalid value for '--delta': 'much' is not a valid float."),
        (('--delta', 'nan'), "Invalid value for '--delta': nan is not a finite number."),
        (('--delta', '-inf'), "Invalid value for '--delta': -inf is not a finite number."),
    ],
)
def test_bad_input(
    invoke: Callable[..., Result], tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    result = invoke('mock', '--workdir', tmp_path / 'new', *options)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == f'Error: {message}'
    assert not (tmp_path / 'new').exists()
