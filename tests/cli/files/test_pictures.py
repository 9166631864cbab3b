"""Pictures: none is replaced unasked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result
from matplotlib.figure import Figure

from aiida_slabrelax.cli.files.pictures import check_picture, save_picture, unused_name

Invoke = Callable[..., Result]


@pytest.mark.parametrize('link', [False, True])
def test_preview_replaces_nothing_unasked(
    invoke: Invoke, copper_file: Path, tmp_path: Path, link: bool
) -> None:
    path = tmp_path / 'x.png'
    if link:
        path.symlink_to(tmp_path / 'not there')
    else:
        path.write_text('mine')
    words = ('preview', copper_file, '--miller', 1, 0, 0, '--plot', path)
    result = invoke(*words)
    assert (result.exit_code, result.stdout) == (1, '')
    assert result.stderr == f'Error: there is already {path}; --force replaces existing files\n'
    assert link or path.read_text() == 'mine'
    assert invoke(*words, '--force').exit_code == 0
    assert path.read_bytes().startswith(b'\x89PNG')
    assert [path.name for path in tmp_path.iterdir()] == ['x.png']


def test_demo_replaces_nothing_unasked(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / 'x.png'
    path.write_text('mine')
    for figure, message in (
        (path, f'there is already {path}; --force replaces existing files'),
        (tmp_path / 'x.bmp', f'--figure: {tmp_path / "x.bmp"} must end in one of .png, .svg, .pdf'),
    ):
        result = invoke('demo', '--workdir', tmp_path / 'demo', '--figure', figure)
        assert (result.exit_code, result.stderr) == (1, f'Error: {message}\n')
    assert [path.name for path in tmp_path.iterdir()] == ['x.png']


def test_a_name_that_is_not_there_yet(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        path = unused_name(tmp_path, 'slabs', '.png')
        path.symlink_to(tmp_path / 'not there')
        names.append(path.name)
    assert names == ['slabs.png', 'slabs_2.png', 'slabs_3.png']


def test_a_picture_of_too_many_pixels(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match='--plot: Image size of 9000000x100 pixels'):
        save_picture(Figure(figsize=(90000, 1), dpi=100), tmp_path / 'x.png', False, '--plot')
    assert list(tmp_path.iterdir()) == []
    check_picture(tmp_path / 'x.PNG', force=False)
