"""The only module through which commands write files: completely or not at all.

A file is written in a hidden folder beside its target and moved there when it is complete. Until
then an existing file stays. Incomplete files are deleted when the command ends, also by an error or
a signal. After SIGKILL or a power failure they stay in the hidden folder.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ..errors import CommandFailed, one_line
from ..interruption import held_back, interruptible

#: Allowed names of files from labels. Labels of AiiDA's links match unless the database was edited.
_NAME = re.compile(r'[A-Za-z0-9_]([A-Za-z0-9_.+-]*[A-Za-z0-9_])?')

#: The largest length of a file name, bytes.
_LONGEST = 255


def check_names(names: Iterable[str]) -> None:
    """Make sure that labels are valid and distinct names of files.

    :param names: labels with the endings of their files.
    :raises click.ClickException: if a name has characters other than letters, digits and
        ``_ . + -``, is too long, or differs from another one only in case.
    """
    seen: dict[str, str] = {}
    for name in names:
        if not _NAME.fullmatch(name):
            raise click.ClickException(
                f'{name!r} cannot be the name of a file: only letters, digits and _ . + - can be '
                'in it, at its ends no sign but _; --only chooses other slabs'
            )
        if len(name) > _LONGEST:
            raise click.ClickException(
                f'{name[:20]}… cannot be the name of a file: it has {len(name)} characters, at '
                f'most {_LONGEST} are allowed; --only chooses other slabs'
            )
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise click.ClickException(
                f'{other} and {name} would be one file where case does not count; --only chooses '
                'one of them'
            )


def check_new(*paths: Path, force: bool, option: str = '--output') -> None:
    """Make sure that files do not exist yet, or may be replaced.

    :param option: the option of the command that chose the names.
    :raises click.ClickException: if a file exists and may not be replaced.
    """
    present = [path for path in paths if os.path.lexists(path)]
    if present and not force:
        names = ', '.join(map(str, present))
        raise click.ClickException(f'there is already {names}; --force replaces existing files')
    for path in present:
        if not (path.is_symlink() or path.is_file()):
            raise click.ClickException(f'{option}: {path} is not a file; it is not replaced')


def check_new_file(path: Path, *, force: bool, option: str = '--output') -> None:
    """Make sure that a single file can be written: its folder exists, and it is not there yet.

    :param option: the option of the command that chose the name.
    :raises click.ClickException: if it cannot be written.
    """
    if not path.parent.is_dir():
        raise click.ClickException(f'{option}: there is no folder {path.parent}')
    check_new(path, force=force, option=option)


@contextmanager
def new_file(path: Path, *, force: bool, option: str = '--output') -> Iterator[Path]:
    """Yield a temporary path for a file, which is moved to its own path at the end.

    The parameters and errors are those of :func:`new_files`, but that its folder must exist.
    """
    check_new_file(path, force=force, option=option)
    with new_files(path.parent, [path.name], force=force, option=option) as folder:
        yield folder / path.name


@contextmanager
def new_files(
    folder: Path, names: Collection[str], *, force: bool, option: str = '--output'
) -> Iterator[Path]:
    """Yield a temporary folder for files, which are moved to their own folder at the end.

    Nothing is moved before all files are complete. A link itself is replaced, not its target.

    :param folder: the folder of the files; created if necessary.
    :param names: the names of the files; other files are deleted.
    :param force: replace existing files, one after the other.
    :param option: the option of the command, with which errors begin.
    :raises click.ClickException: if a file exists already.
    :raises CommandFailed: if one cannot be written. The message says which files had been moved
        before.
    """
    check_new(*(folder / name for name in names), force=force, option=option)
    moved: list[Path] = []
    try:
        with interruptible(), _scratch_in(folder) as scratch:
            yield scratch
            for name in names:
                _flush(scratch / name)
            with held_back():  # a signal must not come between two moves
                for name in names:
                    _move(scratch / name, folder / name, force)
                    moved.append(folder / name)
                _flush(folder)
    except OSError as error:
        written = f'; {", ".join(map(str, moved))} had been written before' if moved else ''
        raise CommandFailed(f'{option}: {one_line(error)}{written}') from error


@contextmanager
def _scratch_in(folder: Path) -> Iterator[Path]:
    """Yield a new hidden folder in another one, and delete it with its contents at the end.

    If the other folder was created for it and stays empty, it is deleted too.
    """
    created = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix='.slabrelax-', dir=folder))
    try:
        yield scratch
    finally:
        with held_back():
            shutil.rmtree(scratch, ignore_errors=True)
            for path in created:
                if any(path.iterdir()):
                    break
                path.rmdir()


def _move(source: Path, goal: Path, force: bool) -> None:
    """Move a file to its path; without ``force``, a file that was created meanwhile is kept."""
    if not force:
        try:
            os.link(source, goal)  # unlike a move, it fails if the file exists
        except FileExistsError:
            raise
        except OSError:  # not all file systems can link
            if os.path.lexists(goal):
                raise
        else:
            return
    os.replace(source, goal)


def _flush(path: Path) -> None:
    """Write a file, or the entries of a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
