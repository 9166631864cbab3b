"""Crystals from files, for the command line. Import it inside a command: it is slow."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import one_line, shorten
from ..printing import print_line
from .reading_options import ReadingOptions
from .sources import is_there, refuse_folder

if TYPE_CHECKING:
    from ...crystals import Reading

#: The names of options in messages of the reader, and on the command line.
_WORDS = (
    (re.compile(r'read_anyway=True'), '--read-anyway'),
    (re.compile(r'\bindex=(-?\d+)'), r'--index \1'),
    (re.compile(r'leave out elements'), 'leave out --elements'),
    (re.compile(r'^elements:'), '--elements:'),
    (re.compile(r'(?<=: )elements:'), '--elements:'),
)


def read(path: Path, options: ReadingOptions) -> Reading:
    """Read the crystal in a file, and print remarks on it.

    :raises click.ClickException: if there is no such file, or it cannot be read, or not reliably.
    """
    from ...crystals import CrystalFileError, read_file

    if not is_there(path):
        refuse_folder(path)
        raise click.ClickException(f'{shorten(path)}: there is no such file')
    try:
        reading = read_file(
            path,
            elements=options.elements,
            index=options.index,
            read_anyway=options.read_anyway,
        )
    except CrystalFileError as error:
        raise click.ClickException(_in_words_of_options(one_line(error))) from error
    for remark in reading.remarks:
        print_line(f'{path}: {remark}', error=True)
    return reading


def _in_words_of_options(message: str) -> str:
    for words, option in _WORDS:
        message = words.sub(option, message)
    return re.sub(
        r'elements=\[([^\]]*)\]',
        lambda match: f'--elements {re.sub(r"[^A-Za-z ]", "", match[1])}',
        message,
    )
