"""Checks that text in the inputs of VASP stays a single value.

aiida-vasp writes ``TAG = value`` without escaping. For VASP, a line break or a semicolon ends a
statement, ``!`` and ``#`` begin a comment, a backslash continues a line, quotation marks delimit a
value, and braces contain other tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

#: The name of a tag, after an optional group and a slash (``KERNEL_TRUNCATION/LTRUNCATE``).
_TAG = re.compile(r'[A-Za-z][A-Za-z0-9_]*(/[A-Za-z][A-Za-z0-9_]*)*')
#: Characters with a meaning in an INCAR, wherever they occur.
SIGNS = '!#;\\"={}'


def check_tags(incar: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the names of tags: characters, or names that differ only in case."""
    seen: dict[str, str] = {}
    for tag in map(str, incar):
        if not _TAG.fullmatch(tag):
            yield f'{tag!r} is not a tag of the INCAR: letters, digits and underscores'
        elif tag.lower() in seen:
            yield f'the tag {tag.upper()} is there twice, as {seen[tag.lower()]} and as {tag}'
        seen[tag.lower()] = tag


def check_text(value: Any, name: str) -> Iterator[str]:
    """Yield what is wrong with text in a value, at any depth.

    :param name: the name of the tag or the key of the value.
    """
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from check_text(str(key), name)
            yield from check_text(inner, str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from check_text(inner, name)
    elif isinstance(value, str):
        wrong = sorted({sign for sign in value if sign in SIGNS or not sign.isprintable()})
        if wrong:
            yield (
                f'{name.upper()} = {value!r} has {", ".join(map(repr, wrong))}, which VASP does '
                'not take for a part of the value'
            )


def check_names(structure: Any) -> str | None:
    """Return a message if the label or a kind of a structure would break the lines of the POSCAR.

    :param structure: a StructureData; aiida-vasp writes its label into the first line, and the
        names of its kinds, separated by blanks, into the sixth.
    """
    if not structure.label.isprintable():
        return f'the label of the structure must be a single line, got {structure.label!r}'
    for kind in structure.kinds:
        if not kind.name.isprintable() or kind.name.split() != [kind.name]:
            return f'the name of a kind must not have blanks or line breaks, got {kind.name!r}'
    return None
