"""The source of slabs: a crystal, or a run that cut them. AiiDA is imported for nodes only."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import reported, shorten
from .reading_options import ReadingOptions

if TYPE_CHECKING:
    from aiida.orm import WorkChainNode
    from pymatgen.core.structure import Structure

#: A pk, or a uuid or its start; a name with anything else in it can only be that of a file.
_IDENTIFIER = re.compile(r'[0-9a-fA-F-]+')


def is_there(name: str | Path) -> bool:
    """Return whether a file exists; its name may be invalid for a file."""
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False


def refuse_folder(name: str | Path) -> None:
    """Make sure that a name is not that of a folder.

    :raises click.ClickException: if it is.
    """
    with suppress(OSError, ValueError):
        if Path(name).is_dir():
            raise click.ClickException(f'{shorten(name)} is a folder; name a file in it')


def find_source(
    name: str, profile: str | None, reading: ReadingOptions
) -> Structure | WorkChainNode:
    """Return the crystal in a file or node, or the node of a run of the work chain.

    A profile is loaded only if the name cannot be that of a file.

    :param name: a file, a pk or a uuid.
    :param reading: the options for reading a file.
    :raises click.ClickException: if it is none of these, or the file or node holds something else.
    """
    if is_there(name):
        from .crystal_files import read

        return read(Path(name), reading).structure
    refuse_folder(name)
    refuse_reading(reading, name)
    if not _IDENTIFIER.fullmatch(name):
        raise click.ClickException(
            f'{shorten(name)}: there is neither such a file nor a node with this pk or uuid'
        )
    return _find_node(name, profile)


def refuse_reading(reading: ReadingOptions, name: str) -> None:
    """Make sure that no option for reading a file was given if there is no file.

    :raises click.ClickException: if one was given.
    """
    if option := reading.check_unused():
        raise click.ClickException(f'{option}: {shorten(name)} is no file')


def _find_node(name: str, profile: str | None) -> Structure | WorkChainNode:
    from .nodes import find_node, use_profile

    use_profile(profile)
    from aiida.orm import StructureData

    from ...calculations.structures import check_bulk_node, to_pymatgen
    from ...results.runs import as_run

    node = find_node(name)
    if not isinstance(node, StructureData):
        try:
            return as_run(node)
        except ValueError as error:
            raise click.ClickException(f'{error} or StructureData') from error
    with reported(ValueError):
        if message := check_bulk_node(node):
            raise click.ClickException(f'StructureData<{node.pk}>: {message}')
        return to_pymatgen(node)
