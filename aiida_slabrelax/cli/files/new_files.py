"""The only way in which the commands make files: whole or not at all.

A file is written in a hidden folder beside its goal and moved over it when it is complete. Until
then what was there stays; what is half is deleted when the command ends, by an error or a signal
too. After SIGKILL or a loss of power it stays in the hidden folder.
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

from ..errors import one_line
from ..interruption import held_back, interruptible

#: The names of files that are made of labels. Links of AiiDA are called so, unless somebody has
#: changed the database.
_NAME = re.compile(r'[A-Za-z0-9_]([A-Za-z0-9_.+-]*[A-Za-z0-9_])?')

#: How many bytes the name of a file may have.
_LONGEST = 255


def check_names(names: Iterable[str]) -> None:
    """Make sure that each label is the name of a file, and of another one than all others.

    :param names: labels with the endings of their files.
    :raises click.ClickException: if one is a path, has other characters than letters, digits and
        ``_ . + -``, is too long, or differs from another one by upper and lower case only.
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
    """Make sure that files can be made: they are not there, unless they may be replaced.

    :param option: that of the command, which has given the names.
    :raises click.ClickException: if they cannot.
    """
    present = [path for path in paths if os.path.lexists(path)]
    if present and not force:
        names = ', '.join(map(str, present))
        raise click.ClickException(f'there is already {names}; --force replaces what is there')
    for path in present:
        if not (path.is_symlink() or path.is_file()):
            raise click.ClickException(f'{option}: {path} is not a file; it is not replaced')


@contextmanager
def new_file(path: Path, *, force: bool, option: str = '--output') -> Iterator[Path]:
    """Yield where a file is to be written, from where it is moved to its path at the end.

    The parameters and errors are those of :func:`new_files`.
    """
    with new_files(path.parent, [path.name], force=force, option=option) as folder:
        yield folder / path.name


@contextmanager
def new_files(
    folder: Path, names: Collection[str], *, force: bool, option: str = '--output'
) -> Iterator[Path]:
    """Yield a folder where files are to be written, from where they are moved at the end.

    Nothing is moved before all are complete. A link is replaced itself, not what it points to.

    :param folder: where the files belong; made if it is not there.
    :param names: their names; what else is written is deleted.
    :param force: replace files that are there, one after the other.
    :param option: that of the command, which errors begin with.
    :raises click.ClickException: if a file is there already, or cannot be written. It says which of
        several have been moved before one that could not be.
    """
    check_new(*(folder / name for name in names), force=force, option=option)
    moved: list[Path] = []
    try:
        with interruptible(), _scratch_in(folder) as scratch:
            yield scratch
            for name in names:
                _flush(scratch / name)
            with held_back():  # all are moved, or none
                for name in names:
                    _move(scratch / name, folder / name, force)
                    moved.append(folder / name)
                _flush(folder)
    except OSError as error:
        written = f'; {", ".join(map(str, moved))} had been written before' if moved else ''
        raise click.ClickException(f'{option}: {one_line(error)}{written}') from error


@contextmanager
def _scratch_in(folder: Path) -> Iterator[Path]:
    """Yield a new hidden folder in another one, which is deleted with what is left in it.

    If the other one was made for it and stays empty, it is deleted too.
    """
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix='.slabrelax-', dir=folder))
    try:
        yield scratch
    finally:
        with held_back():
            shutil.rmtree(scratch, ignore_errors=True)
            for one in made:
                if any(one.iterdir()):
                    break
                one.rmdir()


def _move(source: Path, goal: Path, force: bool) -> None:
    """Give a file its name; one that has come into being meanwhile is not replaced unasked."""
    if not force:
        try:
            os.link(source, goal)  # unlike a move it fails if there is a file
        except FileExistsError:
            raise
        except OSError:  # not all file systems can link
            if os.path.lexists(goal):
                raise
        else:
            return
    os.replace(source, goal)


def _flush(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk before they count."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
