"""The check that two energies were computed with the same settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import NotComparableError

#: The key of the potentials, of which only those of common elements are compared.
POTENTIALS = 'potentials'


def check_settings(
    name: str, settings: Mapping[str, Any], other: str, expected: Mapping[str, Any]
) -> None:
    """Check that two calculations had the same settings.

    :param name: the name of the first calculation.
    :param settings: its settings by name: cut-off, functional, potentials, k-point density, …
        Nested mappings are compared key by key. ``potentials``, which are by element, are compared
        for the elements that both have.
    :param other: the name of the calculation that it is compared with.
    :param expected: the settings of that calculation.
    :raises NotComparableError: if any differ; the message names each with both values.
    """
    differences = _differences(settings, expected)
    if differences:
        listed = '; '.join(
            f'{key} is {_say(value)}, not {_say(wanted)}' for key, value, wanted in differences
        )
        raise NotComparableError(f'{name} was not computed like {other}: {listed}.')


def _differences(
    settings: Mapping[str, Any], expected: Mapping[str, Any], prefix: str = ''
) -> list[tuple[str, Any, Any]]:
    differences: list[tuple[str, Any, Any]] = []
    for key in sorted(settings.keys() | expected.keys()):
        value, wanted = settings.get(key), expected.get(key)
        if isinstance(value, Mapping) and isinstance(wanted, Mapping):
            if key == POTENTIALS:
                common = value.keys() & wanted.keys()
                value, wanted = ({name: each[name] for name in common} for each in (value, wanted))
            differences += _differences(value, wanted, f'{prefix}{key}.')
        elif value != wanted:
            differences.append((f'{prefix}{key}', value, wanted))
    return differences


def _say(value: Any) -> str:
    return 'not given' if value is None else repr(value)
