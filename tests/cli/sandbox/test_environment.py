"""The folder of a demo."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ENTER = """
import sys
from pathlib import Path
import click
from aiida_slabrelax.cli.sandbox import environment
try:
    with environment.isolated(Path(sys.argv[1])):
        try:
            with environment.isolated(Path(sys.argv[1])):
                pass
        except click.ClickException as error:
            print(error.message)
except click.ClickException as error:
    print(error.message)
"""


def enter(folder: Path) -> str:
    """Enter a folder twice at once in another process, whose environment it changes."""
    command = [sys.executable, '-c', ENTER, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize('content', [None, 'mine'])
def test_a_lock_keeps_the_content_of_the_file(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / '.lock').write_text(content)
    assert enter(tmp_path) == f'another demo is running in {tmp_path}\n'
    assert (tmp_path / '.lock').read_text() == (content or '')


@pytest.mark.parametrize('target', ['mine', 'not there'])
def test_a_lock_follows_no_link(tmp_path: Path, target: str) -> None:
    (tmp_path / 'mine').write_text('mine')
    folder = tmp_path / 'demo'
    folder.mkdir()
    (folder / '.lock').symlink_to(tmp_path / target)
    message = f"[Errno 40] Too many levels of symbolic links: '{folder / '.lock'}'"
    assert enter(folder) == f'--workdir: {message}\n'
    assert (tmp_path / 'mine').read_text() == 'mine'
    assert sorted(path.name for path in tmp_path.iterdir()) == ['demo', 'mine']
