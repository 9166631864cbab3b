"""Fault points: counting them, and dying at one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from aiida_slabrelax.engine import faults

ALPHABET = 'from aiida_slabrelax.engine.faults import reach\nfor name in "abc": reach(name)'


def live(folder: Path) -> int:
    """Run a process that reaches three fault points, and return how it ended."""
    environment = {**os.environ, 'DURABLE_FAULTS': str(folder)}
    return subprocess.run([sys.executable, '-c', ALPHABET], env=environment).returncode


def test_without_a_folder_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(faults, 'folder', None)
    faults.reach('a')
    assert list(tmp_path.iterdir()) == []


def test_points_are_counted_over_all_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert live(tmp_path) == 0
    monkeypatch.setattr(faults, 'folder', tmp_path)
    faults.reach('journal written')
    assert (tmp_path / 'reached').read_text() == '1 a\n2 b\n3 c\n4 journal written\n'


def test_each_count_kills_once(tmp_path: Path) -> None:
    (tmp_path / 'kill_at').write_text('2\n3\n')
    assert [live(tmp_path) for _ in range(3)] == [-signal.SIGKILL, -signal.SIGKILL, 0]
    assert (tmp_path / 'reached').read_text() == '1 a\n2 b\n3 a\n4 a\n5 b\n6 c\n'


def test_a_point_that_is_named_kills_once(tmp_path: Path) -> None:
    (tmp_path / 'kill_at').write_text('b\na')
    assert [live(tmp_path) for _ in range(3)] == [-signal.SIGKILL, -signal.SIGKILL, 0]
    assert (tmp_path / 'reached').read_text() == '1 a\n2 a\n3 b\n4 a\n5 b\n6 c\n'
    assert (tmp_path / 'kill_at').read_text() == ''


def test_the_record_follows_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, 'folder', tmp_path)
    monkeypatch.setattr(faults, 'annotate', lambda: ' of one')
    faults.reach('a child')
    assert (tmp_path / 'reached').read_text() == '1 a child of one\n'
