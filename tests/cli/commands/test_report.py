"""``aiida-slabrelax report``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from aiida.orm import Int, WorkChainNode
from click.testing import Result

Invoke = Callable[..., Result]


def test_an_active_run(invoke: Invoke, run_with_failure: WorkChainNode, tmp_path: Path) -> None:
    path = tmp_path / 'page.html'
    result = invoke('report', run_with_failure.pk, '-o', path)
    assert result.exit_code == 0
    assert result.stdout == f'Report: {path}\n'
    page = path.read_text('utf-8')
    assert page.startswith('<!DOCTYPE html>')
    assert page.endswith('</html>')
    assert 'The maximum number of iterations was exceeded' in page


def test_what_is_refused(invoke: Invoke, run_with_failure: WorkChainNode, tmp_path: Path) -> None:
    path = tmp_path / 'page.html'
    number = Int(1).store()
    for words, message in (
        ((number.pk, '-o', path), f'node {number.pk} is a Int, not a process'),
        ((1, '-o', tmp_path / 'page.txt'), f'--output: {tmp_path / "page.txt"} must end in .html'),
    ):
        result = invoke('report', *words)
        assert (result.exit_code, result.stderr) == (2, f'Error: {message}\n')
    assert not path.exists()
    path.write_text('mine')
    result = invoke('report', run_with_failure.pk, '-o', path)
    assert result.stderr == f'Error: there is already {path}; --force replaces existing files\n'
    assert path.read_text() == 'mine'
    assert invoke('report', run_with_failure.pk, '-o', path, '--force').exit_code == 0
    assert path.read_text('utf-8').startswith('<!DOCTYPE html>')
