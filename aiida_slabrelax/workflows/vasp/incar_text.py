"""Text on its way into the files of VASP: it must not become more than the value that it is.

aiida-vasp writes ``TAG = value`` with text as it is. VASP ends a statement at a line break or a
semicolon, takes what is after ``!`` and ``#`` for a comment, what is after a backslash for the same
line, and all up to the next quotation mark for one value; braces hold tags of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

#: The name of a tag; a group of its own stands before a slash (``KERNEL_TRUNCATION/LTRUNCATE``).
_TAG = re.compile(r'[A-Za-z][A-Za-z0-9_]*(/[A-Za-z][A-Za-z0-9_]*)*')
#: What means something to VASP in an INCAR, wherever it stands.
SIGNS = '!#;\\"={}'


def check_tags(incar: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the names of tags: their signs, or that two differ in case only."""
    given: dict[str, str] = {}
    for tag in map(str, incar):
        if not _TAG.fullmatch(tag):
            yield f'{tag!r} is no tag of the INCAR: letters, digits and underscores'
        elif tag.lower() in given:
            yield f'the tag {tag.upper()} is there twice, as {given[tag.lower()]} and as {tag}'
        given[tag.lower()] = tag


def check_text(value: Any, name: str) -> Iterator[str]:
    """Yield what is wrong with text in a value, at any depth.

    :param name: of the tag or the key that has the value.
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
    """Return whether the label or a kind of a structure could break the lines of the POSCAR.

    :param structure: a StructureData; aiida-vasp writes its label into the first line, and the
        names of its kinds, between blanks, into the sixth.
    """
    if not structure.label.isprintable():
        return f'the label of the structure is to be on one line, got {structure.label!r}'
    for kind in structure.kinds:
        if not kind.name.isprintable() or kind.name.split() != [kind.name]:
            return f'the name of a kind has no blanks and no line breaks, got {kind.name!r}'
    return None
