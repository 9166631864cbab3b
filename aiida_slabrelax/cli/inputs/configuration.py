"""Where AiiDA keeps its profiles, found without aiida: its import creates that folder."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click


def find_configuration() -> Path | None:
    """Return the folder of AiiDA's configuration, or ``None`` if there is no configuration.

    When aiida has been imported already, its own folder is there, and it is not looked for.
    """
    folder = _folder()
    return folder if 'aiida.manage' in sys.modules or (folder / 'config.json').exists() else None


def profile_names() -> list[str]:
    """Return the names of the profiles; none if the configuration cannot be read."""
    try:
        return sorted(json.loads((_folder() / 'config.json').read_text('utf-8'))['profiles'])
    except (OSError, ValueError, KeyError, TypeError):  # a completion has no place for a message
        return []


def require_configuration() -> None:
    """Make sure that AiiDA is configured, before anything imports aiida.

    :raises click.ClickException: if it is not.
    """
    if find_configuration() is None:
        raise click.ClickException(
            f'there is no profile of AiiDA in {_folder()}: `verdi presto` makes one, '
            '`aiida-slabrelax doctor` says what else is missing'
        )


@contextmanager
def no_new_configuration() -> Iterator[None]:
    """Let a block import aiida without a trace: what it creates is deleted at the end."""
    if find_configuration() is not None:
        yield
        return
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.filterwarnings('ignore', 'Creating AiiDA configuration folder')
        os.environ['AIIDA_PATH'] = folder
        yield


def _folder() -> Path:
    """Return the folder as aiida-core chooses it: the first of AIIDA_PATH that exists, or the last.

    >>> os.environ['AIIDA_PATH'] = '/no/such:/data/run/.aiida'
    >>> _folder()
    PosixPath('/data/run/.aiida')
    """
    folder = Path('~/.aiida').expanduser()
    for word in filter(None, os.environ.get('AIIDA_PATH', '').split(os.pathsep)):
        path = Path(word).expanduser()
        folder = path if path.name == '.aiida' else path / '.aiida'
        if folder.is_dir():
            break
    return folder
