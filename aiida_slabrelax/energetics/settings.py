"""Whether two energies were computed alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import NotComparableError

POTENTIALS = 'potentials'
"""The key of the potentials; an element by itself has none of the others of a compound."""


def check_settings(
    name: str, settings: Mapping[str, Any], other: str, expected: Mapping[str, Any]
) -> None:
    """Check that two calculations had the same settings.

    :param name: what was computed.
    :param settings: how: cut-off, functional, potentials, k-point density, … by name; nested
        mappings are compared key by key. Of ``potentials``, which are by element, those of elements
        that both have are compared.
    :param other: what it is to be compared with.
    :param expected: the settings of that.
    :raises NotComparableError: if any differs; the message names each with both values.
    """
    differences = _differences(settings, expected)
    if differences:
        listed = '; '.join(
            f'{key} is {_say(mine)}, not {_say(theirs)}' for key, mine, theirs in differences
        )
        raise NotComparableError(f'{name} was not computed like {other}: {listed}.')


def _differences(
    one: Mapping[str, Any], two: Mapping[str, Any], prefix: str = ''
) -> list[tuple[str, Any, Any]]:
    found: list[tuple[str, Any, Any]] = []
    for key in sorted(one.keys() | two.keys()):
        mine, theirs = one.get(key), two.get(key)
        if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            if key == POTENTIALS:
                common = mine.keys() & theirs.keys()
                mine, theirs = ({name: each[name] for name in common} for each in (mine, theirs))
            found += _differences(mine, theirs, f'{prefix}{key}.')
        elif mine != theirs:
            found.append((f'{prefix}{key}', mine, theirs))
    return found


def _say(value: Any) -> str:
    return 'not given' if value is None else repr(value)
