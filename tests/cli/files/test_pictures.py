"""Pictures: none is replaced unasked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result
from matplotlib import rcParams
from matplotlib.figure import Figure

from aiida_slabrelax.cli.files.pictures import check_picture, save_picture, styled, unused_name

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
    assert (result.exit_code, result.stdout) == (2, '')
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
        assert (result.exit_code, result.stderr) == (2, f'Error: {message}\n')
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


@pytest.mark.parametrize('suffix', ['.svg', '.pdf'])
def test_text_in_vector_graphics_stays_text(tmp_path: Path, suffix: str) -> None:
    figure = Figure(figsize=(2, 1))
    figure.text(0.5, 0.5, 'surface energy')
    save_picture(figure, tmp_path / f'x{suffix}', False)
    content = (tmp_path / f'x{suffix}').read_bytes()
    if suffix == '.svg':
        assert b'>surface energy</text>' in content
    else:
        assert b'/Subtype /CIDFontType2' in content  # a TrueType font, not outlines
        assert b'/Type3' not in content


def test_a_style_counts_only_while_it_is_used(tmp_path: Path) -> None:
    path = tmp_path / 'wide.mplstyle'
    path.write_text('lines.linewidth: 7\n')
    before = rcParams['lines.linewidth']
    with styled(['grayscale', str(path)]):
        assert (rcParams['lines.linewidth'], rcParams['image.cmap']) == (7, 'gray')
    assert rcParams['lines.linewidth'] == before


def test_an_unknown_style() -> None:
    with (
        pytest.raises(click.ClickException, match=r"^--style: 'nosuch' is not a valid"),
        styled(['nosuch']),
    ):
        pass
