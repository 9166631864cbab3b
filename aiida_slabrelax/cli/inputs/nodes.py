"""Profiles and nodes by name, pk or uuid. aiida is imported only when there is a configuration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import one_line, reported, shorten
from .configuration import require_configuration
from .reading_options import ReadingOptions
from .sources import is_there, refuse_folder, refuse_reading

if TYPE_CHECKING:
    from aiida.orm import AbstractCode, Node, StructureData

    from ...results.slabs import RunResults


def use_profile(name: str | None) -> None:
    """Load a profile and its storage, unless one is loaded and none is requested.

    Call it before anything imports aiida, which would create the folder of a configuration.

    :raises click.ClickException: if there is no such profile, or its storage cannot be opened.
    """
    require_configuration()
    from aiida.manage import get_manager

    with reported(prefix='cannot load the profile: '):
        get_manager().load_profile(name)
        get_manager().get_profile_storage()


def _check_pk(identifier: str) -> None:
    """Refuse a pk that is too large for a database; the query would fail and lose the session.

    :raises ValueError: if it is one.
    """
    if identifier.isdecimal() and len(identifier) > 18:
        raise ValueError('no pk has so many digits')


def find_node(identifier: str) -> Node:
    """Return the node with this pk or (start of a) uuid.

    :raises click.ClickException: if there is none.
    """
    from aiida.common.exceptions import AiidaException, NotExistent
    from aiida.manage import get_manager
    from aiida.orm import load_node

    try:
        _check_pk(identifier)
        return load_node(identifier)
    except NotExistent as error:
        profile = get_manager().get_profile()
        assert profile is not None
        raise click.ClickException(
            f'{shorten(identifier)}: the profile {profile.name} has no node with this pk or uuid'
        ) from error
    except (AiidaException, ValueError) as error:
        raise click.ClickException(
            f'{shorten(identifier)}: {shorten(one_line(error), 200)}'
        ) from error


def find_code(identifier: str) -> AbstractCode:
    """Return the code with this pk, uuid or label.

    :raises click.ClickException: if there is none.
    """
    from aiida.common.exceptions import AiidaException, NotExistent
    from aiida.orm import load_code

    try:
        _check_pk(identifier)
        return load_code(identifier)
    except NotExistent as error:
        raise click.ClickException(
            f'there is no code {identifier!r}; `verdi code list` shows yours'
        ) from error
    except (AiidaException, ValueError) as error:
        raise click.ClickException(f'{shorten(identifier)}: {one_line(error)}') from error


def find_structure(name: str, reading: ReadingOptions | None = None) -> StructureData:
    """Return the crystal in a file, or that of the node with this pk or uuid.

    :raises click.ClickException: if it is neither, or the file or node holds something else.
    """
    from aiida.common.exceptions import AiidaException
    from aiida.orm import StructureData, load_node

    from .structures import read_structure

    if is_there(name):
        return read_structure(Path(name), reading)
    refuse_folder(name)
    if reading is not None:
        refuse_reading(reading, name)
    try:
        _check_pk(name)
        node = load_node(name)
    except (AiidaException, ValueError) as error:
        raise click.ClickException(
            f'{shorten(name)}: there is neither such a file nor a node with this pk or uuid'
        ) from error
    if not isinstance(node, StructureData):
        raise click.ClickException(f'node {name} is a {type(node).__name__}, not a StructureData')
    return node


def load_results(identifier: str, profile: str | None) -> RunResults:
    """Return the results of the run with this pk or uuid.

    :raises click.ClickException: if there is none.
    """
    use_profile(profile)
    from ...results.slabs import collect

    node = find_node(identifier)
    with reported(ValueError):
        return collect(node)
