"""Files of protocols that a daemon reads have absolute paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiida_slabrelax.cli.runs.energy_runs import absolute_protocol


def test_a_path_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute_protocol('test@./group.yaml') == f'test@{tmp_path}/group.yaml'
    assert absolute_protocol(f'@{tmp_path}/a.yml') == f'@{tmp_path}/a.yml'


@pytest.mark.parametrize('protocol', ['fast', 'production@group', '@group'])
def test_a_name_stays(protocol: str) -> None:
    assert absolute_protocol(protocol) == protocol
