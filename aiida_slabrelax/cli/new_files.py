"""Files that a command is about to make."""

from __future__ import annotations

from pathlib import Path

import click


def check_new(path: Path, force: bool) -> None:
    """Make sure that a file is not there, unless it may be replaced.

    :raises click.ClickException: if it is.
    """
    if path.exists() and not force:
        raise click.ClickException(f'there is already {path}; --force replaces what is there')
