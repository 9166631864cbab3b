"""The pictures that commands make: their names, and how they are saved."""

from __future__ import annotations

import os
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import reported
from .new_files import check_new, new_file

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
    check_new(path, force=force, option=option)


def save_picture(figure: Figure, path: Path, force: bool, option: str = '--output') -> None:
    """Save a figure; the parameters are those of :func:`check_picture`.

    :raises click.ClickException: if it cannot be written.
    """
    refused = reported(ValueError, prefix=f'{option}: ')  # such as a picture of too many pixels
    with refused, new_file(path, force=force, option=option) as scratch:
        figure.savefig(scratch)


def unused_name(folder: Path, stem: str, suffix: str) -> Path:
    """Return the first of the names ``stem``, ``stem_2``, … that is not used in a folder."""
    endings = chain([''], (f'_{number}' for number in count(2)))
    paths = (folder / f'{stem}{ending}{suffix}' for ending in endings)
    return next(path for path in paths if not os.path.lexists(path))
