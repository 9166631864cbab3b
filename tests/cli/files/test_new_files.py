"""Files are made whole or not at all."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aiida_slabrelax.cli.files.new_files import (
    check_names,
    check_new,
    check_new_file,
    new_file,
    new_files,
)

pytestmark = pytest.mark.usefixtures('heeded_signals')


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def write(
    folder: Path,
    names: str,
    during: Callable[[], object] = lambda: None,
    text: str = 'new',
    force: bool = True,
) -> None:
    """Write files of names of one character; something happens before they are moved."""
    with new_files(folder, names, force=force) as scratch:
        for name in names:
            (scratch / name).write_text(text)
        during()


def refusal(error: pytest.ExceptionInfo[click.ClickException]) -> str:
    return error.value.message


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file gets larger than so many bytes, as on a disk with no more space."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(('umask', 'mode'), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
@pytest.mark.parametrize('force', [False, True])
def test_a_new_file(tmp_path: Path, umask: int, mode: int, force: bool) -> None:
    path = tmp_path / 'new' / 'folder' / 'x.txt'
    before = os.umask(umask)
    try:
        with new_files(path.parent, [path.name], force=force) as scratch:
            (scratch / path.name).write_text('all')
            assert not path.exists()
    finally:
        os.umask(before)
    assert contents(path.parent) == {'x.txt': 'all'}
    assert path.stat().st_mode & 0o777 == mode


def test_an_existing_file_is_replaced_at_the_end_with_force(tmp_path: Path) -> None:
    path = tmp_path / 'x.txt'
    path.write_text('mine')
    with pytest.raises(click.ClickException) as error, new_file(path, force=False):
        raise AssertionError
    assert refusal(error) == f'there is already {path}; --force replaces existing files'
    with new_file(path, force=True) as scratch:
        scratch.write_text('new')
        assert path.read_text() == 'mine'
    assert contents(tmp_path) == {'x.txt': 'new'}


@pytest.mark.parametrize('target', ['there', 'not there'])
def test_a_link_is_not_followed(tmp_path: Path, target: str) -> None:
    folder = tmp_path / 'folder'
    folder.mkdir()
    (tmp_path / 'there').write_text('of others')
    path = folder / 'x.txt'
    path.symlink_to(tmp_path / target)
    with pytest.raises(click.ClickException, match='there is already'):
        check_new(path, force=False)
    with new_file(path, force=True) as scratch:
        scratch.write_text('new')
    assert contents(folder) == {'x.txt': 'new'}
    assert not path.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ['folder', 'there']
    assert (tmp_path / 'there').read_text() == 'of others'


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / 'x.txt'
    path.mkdir()
    with pytest.raises(click.ClickException) as error:
        check_new(path, force=True, option='--plot')
    assert refusal(error) == f'--plot: {path} is not a file; it is not replaced'


def test_a_file_that_comes_into_being_meanwhile_is_not_replaced_unasked(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match='File exists'):
        write(tmp_path, 'x', lambda: (tmp_path / 'x').write_text('of others'), force=False)
    assert contents(tmp_path) == {'x': 'of others'}


def _raise() -> None:
    raise ValueError('a defect')


BREAKS: dict[str, tuple[Callable[[], None], type[BaseException]]] = {
    'an exception': (_raise, ValueError),
    'Ctrl-C': (lambda: os.kill(os.getpid(), signal.SIGINT), KeyboardInterrupt),
    'SIGTERM': (lambda: os.kill(os.getpid(), signal.SIGTERM), KeyboardInterrupt),
    'SIGHUP': (lambda: os.kill(os.getpid(), signal.SIGHUP), KeyboardInterrupt),
}


@pytest.mark.parametrize('what', BREAKS)
def test_an_incomplete_file_is_deleted_and_the_old_one_stays(tmp_path: Path, what: str) -> None:
    cut_off, error = BREAKS[what]
    (tmp_path / 'x').write_text('old')
    for folder in (tmp_path, tmp_path / 'new' / 'folder'):
        with pytest.raises(error):
            write(folder, 'xy', cut_off)
    assert contents(tmp_path) == {'x': 'old'}


def test_a_full_disk(tmp_path: Path) -> None:
    (tmp_path / 'x').write_text('old')
    with pytest.raises(click.ClickException) as error, full_disk(1000):
        write(tmp_path, 'x', text='half' * 1000)
    assert refusal(error) == '--output: [Errno 27] File too large'
    assert contents(tmp_path) == {'x': 'old'}


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / 'file').write_text('mine')
    with pytest.raises(click.ClickException) as error:
        write(tmp_path / 'file' / 'below', 'x')
    assert refusal(error).startswith('--output: [Errno 20] Not a directory: ')
    assert contents(tmp_path) == {'file': 'mine'}


def test_of_several_none_is_moved_before_all_are_there(tmp_path: Path) -> None:
    (tmp_path / 'a').write_text('old')
    with new_files(tmp_path, 'ab', force=True) as scratch:
        (scratch / 'a').write_text('new')
        assert (tmp_path / 'a').read_text() == 'old'
        (scratch / 'b').write_text('new')
    assert contents(tmp_path) == {'a': 'new', 'b': 'new'}
    with pytest.raises(click.ClickException), new_files(tmp_path, 'ab', force=True) as scratch:
        (scratch / 'a').write_text('newer')
    assert contents(tmp_path) == {'a': 'new', 'b': 'new'}


def test_the_error_names_the_files_that_were_moved_before(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException) as error:
        write(tmp_path, 'abc', (tmp_path / 'b').mkdir)
    assert refusal(error).startswith('--output: [Errno 21] Is a directory: ')
    assert refusal(error).endswith(f'; {tmp_path / "a"} had been written before')
    assert sorted(path.name for path in tmp_path.iterdir()) == ['a', 'b']


def test_all_that_are_there_are_named(tmp_path: Path) -> None:
    for name in 'ab':
        (tmp_path / name).write_text('mine')
    with pytest.raises(click.ClickException) as error:
        check_new(*(tmp_path / name for name in 'abc'), force=False)
    assert refusal(error) == (
        f'there is already {tmp_path / "a"}, {tmp_path / "b"}; --force replaces existing files'
    )


def test_a_signal_does_not_part_files_that_belong_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def interrupted(*paths: Path) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        replace(*paths)

    monkeypatch.setattr(os, 'replace', interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, 'ab')
    assert contents(tmp_path) == {'a': 'new', 'b': 'new'}


KILLED = """
import os, signal, sys
from pathlib import Path
from aiida_slabrelax.cli.files.new_files import new_files

where, folder = sys.argv[1], Path(sys.argv[2])
calls = 0

def killing(function):
    def call(*arguments):
        global calls
        calls += 1
        if calls == int(where[-1]):
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments)
    return call

if where != 'half':
    name = where.split()[0]
    setattr(os, name, killing(getattr(os, name)))
with new_files(folder, ['a', 'b'], force=True) as scratch:
    (scratch / 'a').write_text('new')
    if where == 'half':
        os.kill(os.getpid(), signal.SIGKILL)
    (scratch / 'b').write_text('new')
"""


@pytest.mark.parametrize(
    ('where', 'after'),
    [
        ('half', 'old old'),
        ('fsync 1', 'old old'),
        ('replace 1', 'old old'),
        ('replace 2', 'new old'),
        ('fsync 3', 'new new'),
    ],
)
def test_killed(tmp_path: Path, where: str, after: str) -> None:
    for name in 'ab':
        (tmp_path / name).write_text('old')
    done = subprocess.run([sys.executable, '-c', KILLED, where, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert f'{(tmp_path / "a").read_text()} {(tmp_path / "b").read_text()}' == after


@pytest.mark.parametrize(
    'name',
    [
        '../x',
        '../../x.vasp',
        '/etc/passwd',
        'a/b',
        '.',
        '..',
        '.hidden',
        '-rf.vasp',
        'x.',
        '',
        ' ',
        'a b',
        'a\0b',
        'a\nb',
        'a\x1b[2J',
        'a\u202eb',
        'ä.vasp',
        'a\\b',
        '~x',
        '$HOME',
        'x@0',
    ],
)
def test_invalid_names(name: str) -> None:
    with pytest.raises(click.ClickException) as error:
        check_names([name])
    assert refusal(error) == (
        f'{name!r} cannot be the name of a file: only letters, digits and _ . + - can be in it, at '
        'its ends no sign but _; --only chooses other slabs'
    )


def test_a_name_that_is_too_long() -> None:
    check_names(['a' * 255])
    with pytest.raises(click.ClickException, match='it has 256 characters, at most 255'):
        check_names(['a' * 256])


def test_names_that_differ_by_case_only() -> None:
    with pytest.raises(click.ClickException, match='A_1 and a_1 would be one file'):
        check_names(['A_1', 'b', 'a_1'])
    check_names(['a_1', 'a_1'])


@given(st.text(st.characters(codec='ascii') | st.characters(), min_size=1, max_size=300))
@example('slab_00.vasp')
@example('h100_slab_00.extxyz')
def test_a_name_stays_in_its_folder(name: str) -> None:
    try:
        check_names([name])
    except click.ClickException:
        return
    path = os.path.normpath(os.path.join('/folder', name))
    assert os.path.dirname(path) == '/folder'
    assert os.path.basename(path) == name
    assert len(os.fsencode(name)) <= 255


def test_no_folder_is_made_for_a_single_file(tmp_path: Path) -> None:
    path = tmp_path / 'plots' / 'slabs.png'
    refused = re.escape(f'--plot: there is no folder {path.parent}')
    with pytest.raises(click.ClickException, match=f'^{refused}$'):
        check_new_file(path, force=False, option='--plot')
    with (
        pytest.raises(click.ClickException, match=f'^{refused}$'),
        new_file(path, force=True, option='--plot'),
    ):
        pytest.fail('it has not been refused')
    assert list(tmp_path.iterdir()) == []
