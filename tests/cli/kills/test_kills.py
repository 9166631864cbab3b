"""Commands that write files are killed at any moment: each file is the old one or the new one.

``test_new_files`` kills at moments that have names.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiida.manage import get_config
from aiida.manage.configuration import Profile
from aiida.orm import WorkChainNode

import killed_commands
from sample_structures import copper_slabs

#: How often each command is killed.
KILLS = 6

Run = Callable[..., dict[str, Any]]


def is_page(path: Path) -> bool:
    text = path.read_text('utf-8')
    return text.startswith('<!DOCTYPE html>') and text.endswith('</html>')


def is_archive(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return archive.testzip() is None and 'db.sqlite3' in archive.namelist()


#: The words of the commands, and what tells a whole file where no two are alike.
COMMANDS: dict[str, tuple[list[str], Callable[[Path], bool] | None]] = {
    'report': (['report', 'PK', '-o', 'page.html'], is_page),
    'plot': (['plot', 'slabs', 'PK', '-o', 'slabs.png'], None),
    'preview': (['preview', 'PK', '--plot', 'faces.png'], None),
    'slabs': (['export', 'PK', '--what', 'initial', '-o', '.'], None),
    'one file': (['export', 'PK', '--format', 'extxyz', '--one-file', '-o', '.'], None),
    'table': (['export', 'PK', '--what', 'table', '-o', '.'], None),
    'archive': (['export', 'PK', '--what', 'archive', '-o', '.'], is_archive),
}


@pytest.fixture(scope='module')
def server(aiida_profile: Profile) -> Iterator[subprocess.Popen[str]]:
    """The program that runs the commands."""
    environment = {**os.environ, 'AIIDA_PATH': str(Path(get_config().dirpath).parent)}
    program = [sys.executable, killed_commands.__file__]
    with subprocess.Popen(
        program, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        yield server
        assert server.stdin is not None
        server.stdin.close()


@pytest.fixture
def run_in(server: subprocess.Popen[str], aiida_profile: Profile, tmp_path: Path) -> Run:
    """Return a function that runs a command in the folder of the test, and may kill it."""

    def run(words: list[str], seconds: float | None = None) -> dict[str, Any]:
        assert server.stdin is not None
        assert server.stdout is not None
        words = [*words, '--force', '-p', aiida_profile.name]
        asked = {'words': words, 'folder': str(tmp_path), 'seconds': seconds}
        server.stdin.write(f'{json.dumps(asked)}\n')
        server.stdin.flush()
        answer: dict[str, Any] = json.loads(server.stdout.readline())
        return answer

    return run


@pytest.fixture
def ended(
    instantiate: Callable[..., Any],
    relax: Callable[..., WorkChainNode],
    end_run: Callable[..., WorkChainNode],
) -> WorkChainNode:
    """A run whose three slabs have relaxed."""
    process = instantiate(slabs={**copper_slabs(3), **copper_slabs(4), **copper_slabs(5)})
    for label in process.ctx.slabs:
        relaxation = relax(process, label)
        for node in (*relaxation.called, relaxation):
            node.seal()
    return end_run(process)


@pytest.mark.parametrize('command', COMMANDS)
def test_old_or_new(run_in: Run, ended: WorkChainNode, tmp_path: Path, command: str) -> None:
    words, is_whole = COMMANDS[command]
    words = [str(ended.pk) if word == 'PK' else word for word in words]
    run_in(words)  # the first one takes longer
    whole = run_in(words)
    assert whole['status'] == 0
    new = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert new
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    killed = 0
    for _ in range(KILLS):
        for path in new:
            path.write_bytes(b'old')
        killed += run_in(words, chance.uniform(0, whole['seconds']))['status'] == -signal.SIGKILL
        for path, content in new.items():
            found = path.read_bytes()
            assert found in (b'old', content) or (is_whole and is_whole(path)), (path, seed)
        assert {path for path in tmp_path.iterdir() if not path.name.startswith('.')} == new.keys()
    assert killed, seed
