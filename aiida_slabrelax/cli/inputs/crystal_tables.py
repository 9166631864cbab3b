"""Tables of crystals: a row for each, with its surfaces and options. aiida is not imported."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from ...plain_yaml import LARGEST_FILE
from ..errors import reported, shorten
from .sources import is_there
from .yaml_files import read_yaml

#: The columns beside those of options of slabs, and their meaning.
COLUMNS = {
    'file': 'the file of the crystal, or the pk or uuid of a StructureData',
    'miller': 'the surfaces: indices separated by blanks, several surfaces by semicolons',
    'max_index': 'instead: all surfaces up to this index',
    'label': 'the name of the run',
    'protocol': 'the protocol',
    'overrides': 'a YAML file like that of --overrides',
}

#: The key of the rows in a YAML file.
ROWS = 'crystals'


@dataclass(frozen=True)
class Crystal:
    """A crystal that was named on the command line or in a table.

    :ivar place: where it was named, for messages.
    :ivar source: the file, pk or uuid.
    :ivar miller: its surfaces; empty if it has none of its own.
    :ivar values: its own values by column, as they are written.
    """

    place: str
    source: str
    miller: tuple[tuple[int, ...], ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


def read_table(path: str, options: Iterable[str]) -> list[Crystal]:
    """Return the rows of a table; relative names of files begin in its folder.

    :param path: a file ``.csv`` (separated by commas or semicolons), ``.tsv``, ``.yaml`` or
        ``.yml``.
    :param options: the names of further columns.
    :raises click.ClickException: if it cannot be read, or a column is unknown; all rows with an
        error are named.
    """
    kind = Path(path).suffix.lower()
    if kind in ('.yaml', '.yml'):
        rows = _read_yaml_rows(path)
    elif kind in ('.csv', '.tsv'):
        rows = _read_text_rows(path, tabs=kind == '.tsv')
    else:
        raise click.ClickException(f'{path}: a table ends in .csv, .tsv, .yaml or .yml')
    if not rows:
        raise click.ClickException(f'{path}: the table has no rows')
    known = [*COLUMNS, *options]
    found, problems = [], []
    for place, row in rows:
        try:
            found.append(_read_row(place, row, known, Path(path).parent))
        except click.ClickException as error:
            problems.append(f'{place}: {error.message}')
    if problems:
        raise click.ClickException('; '.join(problems))
    return found


def _read_row(place: str, row: Mapping[str, Any], known: list[str], folder: Path) -> Crystal:
    values = {_name(name): value for name, value in row.items() if value not in (None, '')}
    for name in values:
        if name not in known:
            nearest = get_close_matches(name, known, n=1)
            hint = f', did you mean {nearest[0]}?' if nearest else ''
            raise click.ClickException(f'there is no column {shorten(name)!r}{hint}')
    if 'file' not in values:
        raise click.ClickException('there is no file')
    miller = _read_planes(values.pop('miller')) if 'miller' in values else ()
    source = str(values.pop('file'))
    if 'overrides' in values:
        values['overrides'] = str(folder / str(values['overrides']))
    return Crystal(place, _in_folder(source, folder), miller, values)


def _name(column: object) -> str:
    return str(column).strip().lower().replace('-', '_').replace(' ', '_')


def _in_folder(source: str, folder: Path) -> str:
    """Return the path of a file as it is named in a folder; a pk or a uuid stays what it is."""
    is_node = re.fullmatch(r'\d+|[0-9a-fA-F-]{8,}', source) and not is_there(folder / source)
    return source if is_node else str(folder / source)


def _read_planes(value: object) -> tuple[tuple[int, ...], ...]:
    """Return surfaces: from a text such as ``1 0 0; 1 1 0``, or a list of YAML."""
    if isinstance(value, str):
        parts: list[Any] = [part.replace(',', ' ').split() for part in value.split(';')]
        parts = [part for part in parts if part]
    elif isinstance(value, list):
        parts = value if all(isinstance(part, list) for part in value) else [value]
    else:
        parts = []
    try:
        planes = tuple(tuple(int(str(index)) for index in part) for part in parts)
    except ValueError:
        planes = ()
    if not planes or any(len(plane) not in (3, 4) for plane in planes):
        raise click.ClickException(
            f'miller: three (hkl) or four (hkil) integers are needed, got {shorten(value)!r}'
        )
    return planes


def _read_text_rows(path: str, tabs: bool) -> list[tuple[str, dict[str, Any]]]:
    """Return the rows of a file of separated values, each with its place."""
    with reported(OSError, UnicodeError, csv.Error, prefix=f'{path} cannot be read: '):
        with Path(path).open('rb') as stream:
            content = stream.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise click.ClickException(f'{path}: more than {LARGEST_FILE} bytes are not read')
        text = content.decode('utf-8-sig')
        head = text.partition('\n')[0]
        separator = '\t' if tabs else ';' if ';' in head and ',' not in head else ','
        reader = csv.reader(text.splitlines(), delimiter=separator, strict=True)
        lines = [(reader.line_num, line) for line in reader if any(cell.strip() for cell in line)]
    if not lines:
        return []
    names = [_name(cell) for cell in lines[0][1]]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise click.ClickException(f'{path}: the column {twice[0]!r} occurs twice')
    rows = []
    for number, line in lines[1:]:
        if len(line) > len(names):
            raise click.ClickException(
                f'{path}, line {number}: {len(line)} values, but {len(names)} columns'
            )
        cells = dict(zip(names, (cell.strip() for cell in line), strict=False))
        rows.append((f'{path}, line {number}', cells))
    return rows


def _read_yaml_rows(path: str) -> list[tuple[str, dict[str, Any]]]:
    content = read_yaml(path)
    rows = content.get(ROWS)
    if set(content) != {ROWS} or not isinstance(rows, list):
        raise click.ClickException(f'{path}: `{ROWS}` must be a list of mappings, and nothing else')
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise click.ClickException(f'{path}, crystal {number}: a mapping is needed, got {row}')
    return [(f'{path}, crystal {number}', row) for number, row in enumerate(rows, 1)]
