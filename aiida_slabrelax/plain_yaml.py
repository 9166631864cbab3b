"""YAML and JSON files of users: plain data, read without silent loss.

PyYAML keeps the last of two equal keys, and expands each alias as often as it occurs. Here the
events of a file are checked before any object is constructed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: The largest file that is read, in bytes.
LARGEST_FILE = 1_000_000
#: The largest number of keys and values in a file, with aliases expanded. The moments of 1000 sites
#: as vectors are 3000.
MOST_NODES = 20_000
#: The largest number of characters of a number.
LONGEST_NUMBER = 400
#: The largest depth of nesting.
DEEPEST = 50

_PLAIN = {f'tag:yaml.org,2002:{name}' for name in ('str', 'int', 'float', 'bool', 'null')}
_TEXT = 'tag:yaml.org,2002:str'
_MERGE = 'tag:yaml.org,2002:merge'


class YamlFileError(ValueError):
    """A file cannot be read, or is no plain mapping; the message, one line, says where."""


class _NotPlainError(Exception):
    """The content of a file is not plain data; the message says where."""


def read_mapping(path: Path | str) -> dict[str, Any]:
    """Return the mapping in a YAML file; an empty file gives an empty mapping.

    :raises YamlFileError: if it cannot be read, is too large, has a duplicate key, or contains
        anything but mappings, lists, text, numbers, true, false and null.
    """
    import yaml

    try:
        content = _construct(_read(Path(path)))
    except _NotPlainError as error:
        raise YamlFileError(f'{path}: {error}') from error
    except (OSError, ValueError, OverflowError, yaml.YAMLError) as error:
        reason = ' '.join(str(error).split())
        raise YamlFileError(f'{path} cannot be read: {reason}') from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise YamlFileError(f'{path} contains a {type(content).__name__}, not a mapping')
    return content


def _read(path: Path) -> str:
    # A device or a pipe may never end, and says nothing about its size.
    with path.open('rb') as stream:
        content = stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise _NotPlainError(f'more than {LARGEST_FILE} bytes are not read')
    return content.decode('utf-8')


def _construct(text: str) -> Any:
    """Return the data of a document; its events are checked first."""
    import yaml

    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise _NotPlainError(f'{_line(event)}: nested deeper than {DEEPEST}')
        if number > 2 * MOST_NODES:
            raise _NotPlainError(f'it expands to more than {MOST_NODES} keys and values')
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _Check().look_at(node, ())
        return loader.construct_document(node)
    finally:
        loader.dispose()


class _Check:
    """Checks each node of a document once, and counts the nodes after the expansion of aliases."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}

    def look_at(self, node: Any, above: tuple[int, ...]) -> int:
        """Check a node and return the number of its keys and values, with aliases expanded.

        :param above: the nodes that contain it.
        """
        import yaml

        if id(node) in above:
            raise _NotPlainError(f'{_line(node)}: an alias refers to a node that contains it')
        if (known := self.counts.get(id(node))) is not None:
            return known
        if isinstance(node, yaml.ScalarNode):
            if node.tag not in _PLAIN:
                raise _NotPlainError(
                    f'{_line(node)}: {node.value!r} is read as a {_kind(node)}; quote it'
                )
            if node.tag != _TEXT and len(node.value) > LONGEST_NUMBER:
                raise _NotPlainError(
                    f'{_line(node)}: a number of more than {LONGEST_NUMBER} characters'
                )
            total = 1
        elif node.tag in ('tag:yaml.org,2002:map', 'tag:yaml.org,2002:seq'):
            parts = _parts(node)
            total = 1 + sum(self.look_at(part, (*above, id(node))) for part in parts)
        else:
            raise _NotPlainError(f'{_line(node)}: a {_kind(node)} is no plain data')
        if total > MOST_NODES:
            raise _NotPlainError(f'it expands to more than {MOST_NODES} keys and values')
        self.counts[id(node)] = total
        return total


def _parts(node: Any) -> Iterator[Any]:
    """Yield the values of a list, or the keys and values of a mapping, and check its keys."""
    import yaml

    if isinstance(node, yaml.SequenceNode):
        yield from node.value
        return
    lines: dict[str, int] = {}
    for key, value in node.value:
        yield value
        if key.tag not in (_TEXT, _MERGE):
            what = repr(key.value) if isinstance(key, yaml.ScalarNode) else 'a collection'
            raise _NotPlainError(
                f'{_line(key)}: the key {what} is read as a {_kind(key)}, not as text; quote it'
            )
        if key.value in lines:
            raise _NotPlainError(
                f'{_line(key)}: the key {key.value!r} is a duplicate of line {lines[key.value]}'
            )
        lines[key.value] = key.start_mark.line + 1
        if key.tag != _MERGE:
            yield key


def _kind(node: Any) -> str:
    return str(node.tag).removeprefix('tag:yaml.org,2002:')


def _line(marked: Any) -> str:
    return f'line {marked.start_mark.line + 1}'
