"""YAML and JSON that a user hands over: plain data, of which nothing is lost in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from aiida_slabrelax.plain_yaml import (
    DEEPEST,
    LARGEST_FILE,
    MOST_NODES,
    YamlFileError,
    read_mapping,
)

properties = settings(max_examples=100, derandomize=True, database=None)

BOMB = '\n'.join(
    ['a: &a0 [x, x, x, x, x, x, x, x, x, x]']
    + [f'b{n}: &a{n} [{", ".join([f"*a{n - 1}"] * 10)}]' for n in range(1, 10)]
)
MERGES = '\n'.join(
    ['a: &a0 {x: 1, y: 2}']
    + [f'b{n}: &a{n} {{k: *a{n - 1}, <<: [*a{n - 1}, *a{n - 1}]}}' for n in range(1, 30)]
)


def refusal(folder: Path, content: bytes | str) -> str:
    """Return the message of a refusal without the path; it is one line."""
    path = folder / 'given.yaml'
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(YamlFileError) as info:
        read_mapping(str(path))
    assert '\n' not in str(info.value)
    assert str(info.value).startswith(str(path))
    return str(info.value).removeprefix(str(path)).lstrip(': ')


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / 'empty.yaml'
    path.touch()
    assert read_mapping(str(path)) == {}


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(YamlFileError, match=r'nothing\.yaml cannot be read: '):
        read_mapping('nothing.yaml')


def test_json_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / 'given.json'
    path.write_text('{"vasp": {"parameters": {"incar": {"encut": 400}}}}')
    assert read_mapping(str(path)) == {'vasp': {'parameters': {'incar': {'encut': 400}}}}


def test_anchors_and_merged_mappings_are_for_people(tmp_path: Path) -> None:
    path = tmp_path / 'given.yaml'
    path.write_text('a: &base {x: 1, y: 2}\nb: {<<: *base, y: 3}\nc: *base\n')
    base = {'x': 1, 'y': 2}
    assert read_mapping(str(path)) == {'a': base, 'b': {'x': 1, 'y': 3}, 'c': base}


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('- 1', 'contains a list, not a mapping'),
        ('encut: 400\nnsw: 60\nencut: 500', "line 3: the key 'encut' is a duplicate of line 1"),
        ('a: {"x": 1,\n  x: 2}', "line 2: the key 'x' is a duplicate of line 1"),
        ('{"a": 1, "a": 2}', "line 1: the key 'a' is a duplicate of line 1"),
        ('<<: {a: 1}\n<<: {a: 2}', "line 2: the key '<<' is a duplicate of line 1"),
        ('a: 0x' + 'f' * 5000, 'line 1: a number of more than 400 characters'),
        ('a: ' + '9' * 5000, 'line 1: a number of more than 400 characters'),
        ('a: &x [*x]', 'line 1: an alias refers to a node that contains it'),
        ('a: &x\n  b: {<<: *x}', 'line 1: an alias refers to a node that contains it'),
        ('a: 1\nNo: No', "line 2: the key 'No' is read as a bool, not as text; quote it"),
        ('1: 2', "line 1: the key '1' is read as a int, not as text; quote it"),
        ('? [a]\n: 2', 'line 1: the key a collection is read as a seq, not as text; quote it'),
        ('a: 2026-01-01', "line 1: '2026-01-01' is read as a timestamp; quote it"),
        ('a: !!binary aGVsbG8=', "line 1: 'aGVsbG8=' is read as a binary; quote it"),
        ('a: !!set {x, y}', 'line 1: a set is no plain data'),
        ('a: !!omap [x: 1]', 'line 1: a omap is no plain data'),
        (
            'a: !!python/object/apply:os.system [touch]',
            'line 1: a python/object/apply:os.system is no plain data',
        ),
        (BOMB, f'it expands to more than {MOST_NODES} keys and values'),
        (MERGES, f'it expands to more than {MOST_NODES} keys and values'),
        (
            'a: [' + '1, ' * 3 * MOST_NODES + ']',
            f'it expands to more than {MOST_NODES} keys and values',
        ),
        ('a: ' + '[' * (DEEPEST + 1), f'line 1: nested deeper than {DEEPEST}'),
        (b'#' * (LARGEST_FILE + 1), f'more than {LARGEST_FILE} bytes are not read'),
    ],
)
def test_what_is_refused(tmp_path: Path, content: bytes | str, message: str) -> None:
    assert refusal(tmp_path, content) == message


@pytest.mark.parametrize(
    'content',
    ['a: [', b'\xff\xfe\x00', b'a: "\x07"', 'a: 1\n---\nb: 2', 'a: *x'],
)
def test_what_cannot_be_read(tmp_path: Path, content: bytes | str) -> None:
    assert refusal(tmp_path, content).startswith('cannot be read: ')


def test_a_device_without_an_end() -> None:
    with pytest.raises(YamlFileError, match=f'more than {LARGEST_FILE} bytes are not read'):
        read_mapping('/dev/zero')


@properties
@given(st.binary(max_size=300) | st.text(alphabet='ab:{}[]&*!<,- \n"\'|>?%@#', max_size=100))
def test_random_files_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes | str
) -> None:
    path = tmp_path_factory.mktemp('random') / 'given.yaml'
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        read = read_mapping(str(path))
    except YamlFileError as error:
        read = {'refused': str(error).splitlines()}
    assert isinstance(read, dict)
    assert len(read.get('refused') or '.') == 1


#: PyYAML writes some control characters as line breaks.
text = st.text(st.characters(exclude_categories=('C', 'Z')), max_size=9)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@properties
@given(st.dictionaries(text, plain, max_size=4))
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp('plain') / 'given.yaml'
    path.write_text(yaml.safe_dump(content, allow_unicode=True), 'utf-8')
    assert read_mapping(str(path)) == content
