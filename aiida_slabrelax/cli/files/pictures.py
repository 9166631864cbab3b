"""The pictures that commands make: their names, and how they are saved."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import reported
from .new_files import check_new_file, new_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: The allowed endings of their names.
SUFFIXES = '.png', '.svg', '.pdf'


def check_picture(path: Path, force: bool, option: str = '--output') -> None:
    """Make sure that a picture can be written: its name has a known ending and is not taken.

    :param force: it may replace an existing file.
    :param option: the option of the command that chose the name.
    :raises click.ClickException: if it cannot be written.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise click.ClickException(f'{option}: {path} must end in one of {", ".join(SUFFIXES)}')
    check_new_file(path, force=force, option=option)


def check_width(width_mm: float | None) -> None:
    """Make sure that a figure can have a width (mm); None is its own.

    :raises click.ClickException: if it is too narrow or too wide.
    """
    if width_mm is None:
        return
    from ...plots.layout.sheet import inches

    with reported(ValueError, prefix='--width: '):
        inches(width_mm)


@contextmanager
def styled(styles: Sequence[str]) -> Iterator[None]:
    """Draw in styles of matplotlib.

    :param styles: names or files, as for :func:`matplotlib.style.use`; the last one counts most.
    :raises click.ClickException: if one is unknown or cannot be read.
    """
    from matplotlib import rc_context, style

    with rc_context():
        with reported(OSError, ValueError, prefix='--style: '):
            style.use(list(styles))
        yield


def save_picture(
    figure: Figure,
    path: Path,
    force: bool,
    option: str = '--output',
    *,
    dpi: float | None = None,
) -> None:
    """Save a figure; text in vector graphics stays text. Other parameters: :func:`check_picture`.

    :param dpi: dots per inch, instead of those of the figure.
    :raises click.ClickException: if it cannot be written.
    """
    from matplotlib import rc_context

    refused = reported(ValueError, prefix=f'{option}: ')  # such as a picture of too many pixels
    # The whole figure: a style that crops it would change its width.
    saved: dict[Any, Any] = {'svg.fonttype': 'none', 'pdf.fonttype': 42, 'savefig.bbox': 'standard'}
    as_text = rc_context(saved)
    with refused, as_text, new_file(path, force=force, option=option) as scratch:
        figure.savefig(scratch, dpi=figure.dpi if dpi is None else dpi)


def unused_name(folder: Path, stem: str, suffix: str) -> Path:
    """Return the first of the names ``stem``, ``stem_2``, … that is not used in a folder."""
    endings = chain([''], (f'_{number}' for number in count(2)))
    paths = (folder / f'{stem}{ending}{suffix}' for ending in endings)
    return next(path for path in paths if not os.path.lexists(path))
