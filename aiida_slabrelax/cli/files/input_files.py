"""The input files of calculations, in a folder for each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .new_files import check_names, check_new, new_files


def write_input_files(
    contents: Mapping[str, Mapping[str, str]], folder: Path, *, force: bool, option: str
) -> list[Path]:
    """Write files into a folder for each label; each folder is complete or not changed.

    :param contents: the content of each file by label and name.
    :param folder: the folder of the folders.
    :param force: replace existing files.
    :param option: the option of the command, with which errors begin.
    :returns: the folders.
    :raises click.ClickException: if a file exists already or cannot be written.
    """
    check_names(contents)
    paths = [folder / label / name for label, files in contents.items() for name in files]
    check_new(*paths, force=force, option=option)
    for label, files in contents.items():
        with new_files(folder / label, list(files), force=force, option=option) as scratch:
            for name, content in files.items():
                (scratch / name).write_text(content, encoding='utf-8')
    return [folder / label for label in contents]
