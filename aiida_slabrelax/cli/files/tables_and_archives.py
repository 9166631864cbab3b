"""Other files that `export` writes for a run: its table, or the whole run as an AiiDA archive."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import CommandFailed, reported
from ..for_programs import to_csv, to_json
from ..printing import print_line
from .new_files import check_new, new_files

if TYPE_CHECKING:
    from aiida.orm import Node, ProcessNode

    from ...results.columns import Row

#: The kinds of these files, and their formats, the default first.
FORMATS = {'table': ('csv', 'json'), 'archive': ('aiida',)}


def check_format_of(what: str, form: str | None) -> str:
    """Return the format of a table or an archive.

    :raises click.ClickException: if there is no such format.
    """
    known = FORMATS[what]
    if form is not None and form.lower() not in known:
        raise click.ClickException(f'--format: the {what} is written as {" or ".join(known)}')
    return known[0] if form is None else form.lower()


def export_all(
    identifier: str, what: str, form: str, folder: Path, force: bool, profile: str | None
) -> None:
    """Write the table or the archive of a process into a folder.

    :param form: the format from :func:`check_format_of`.
    :raises click.ClickException: if there is no such table or archive, or its file exists already.
    """
    from ..inputs.nodes import find_node, use_profile

    use_profile(profile)
    node = _as_process(find_node(identifier))
    path = folder / f'{"slabs" if what == "table" else "run"}_{node.pk}.{form}'
    check_new(path, force=force)
    if what == 'archive':
        _check_ended(node)
    else:
        text = _as_json(node) if form == 'json' else _as_csv(_rows(node))
    with new_files(folder, [path.name], force=force) as scratch:
        if what == 'archive':
            _write_archive(node, scratch / path.name)
        else:
            (scratch / path.name).write_text(text, 'utf-8')
    print_line(f'{node.process_label}<{node.pk}>: {what}, {path}')


def _as_process(node: Node) -> ProcessNode:
    from aiida.orm import ProcessNode

    if not isinstance(node, ProcessNode):
        raise click.ClickException(f'node {node.pk} is a {type(node).__name__}, not a process')
    return node


def _rows(node: ProcessNode) -> list[Row]:
    """Return the rows of the surface energies of a process, or of the slabs of a run.

    :raises click.ClickException: if the process has neither.
    """
    from ...results.columns import slab_records, surface_records
    from ...results.energies.surface_energies import collect_surface_energies, has_surface_energies
    from ...results.slabs import collect

    with reported(ValueError):
        if has_surface_energies(node):
            return surface_records(collect_surface_energies(node))
        return slab_records(collect(node))


def _as_csv(rows: Sequence[Row]) -> str:
    return to_csv(list(rows[0]) if rows else [], rows)


def _as_json(node: ProcessNode) -> str:
    content = {'process': node.process_label, 'uuid': node.uuid, 'rows': _rows(node)}
    return to_json(content) + '\n'


def _check_ended(node: ProcessNode) -> None:
    if not node.is_sealed:
        raise click.ClickException(
            f'{node.process_label}<{node.pk}> is active; an archive needs a terminated process'
        )


def _write_archive(node: ProcessNode, path: Path) -> None:
    """Write the process and its descendants, with their inputs and outputs.

    :raises OSError: if the archive cannot be written.
    """
    from aiida.common.log import override_log_level
    from aiida.tools.archive import create_archive
    from sqlalchemy.exc import OperationalError

    # aiida-core would report the contents of the archive and the temporary name of its file.
    with reported(raising=CommandFailed), override_log_level():
        try:
            create_archive([node], path)
        except OperationalError as error:  # SQLite raises it for a full disk
            raise OSError(str(error.orig)) from error
