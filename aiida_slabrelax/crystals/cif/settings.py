"""Settings of space groups in a CIF: unique axes, cell choices and origins, by their codes."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .sites import NOTHING

#: Space groups that the International Tables describe from two origins.
_TWO_ORIGINS = frozenset(
    (
        *(48, 50, 59, 68, 70, 85, 86, 88, 125, 126, 129, 130, 133, 134, 137, 138, 141, 142),
        *(201, 203, 222, 224, 227, 228),
    )
)

#: Of all settings of all space groups.
_HALL_NUMBERS = range(1, 531)

_CODE = '_space_group_it_coordinate_system_code'
_NUMBERS = ('_space_group_it_number', '_symmetry_int_tables_number')
_NAMES = re.compile('_(symmetry|space_group)_.*name_h-?m.*')

#: What follows a colon at the end of a name, as in ``F d -3 m :2``.
_SUFFIX = re.compile(r':\s*(\S+)\s*$')


def find_code(tags: Mapping[str, Any]) -> str | None:
    """Return the code of the setting as written in a CIF; ``None`` without one.

    :param tags: of a block, with names in lower case.
    """
    code = tags.get(_CODE)
    if isinstance(code, str) and code not in NOTHING:
        return code.strip()
    for name, value in tags.items():
        if _NAMES.fullmatch(name) and isinstance(value, str) and (match := _SUFFIX.search(value)):
            return match[1]
    return None


def find_operations(tags: Mapping[str, Any], code: str) -> list[str] | None:
    """Return the operations of a space group in a setting, as ``-x, y+1/2, -z``.

    :param tags: of a block, with names in lower case.
    :param code: of the setting, as in the International Tables.
    :returns: ``None``, if there is no such setting.
    """
    number = _number(tags)
    if number is None:
        return None
    import spglib
    from pymatgen.core.operations import SymmOp

    wanted = _normalized(code)

    def type_of(hall: int) -> Any:
        return spglib.get_spacegroup_type(hall)

    # They are sorted by the number of the space group, and it takes 0.5 ms to look up one.
    first = bisect_left(_HALL_NUMBERS, number, key=lambda hall: int(type_of(hall).number))
    settings = ((hall, type_of(hall)) for hall in _HALL_NUMBERS[first:])
    for hall, group in takewhile(lambda one: one[1].number == number, settings):
        if _normalized(group.choice) == wanted:
            found: Any = spglib.get_symmetry_from_database(hall)
            pairs = zip(found['rotations'], found['translations'], strict=True)
            return [
                SymmOp.from_rotation_and_translation(rotation, translation).as_xyz_str()
                for rotation, translation in pairs
            ]
    return None


def has_two_origins(
    rotations: NDArray[np.float64],
    translations: NDArray[np.float64],
    vectors: NDArray[np.float64],
) -> bool:
    """Return whether the International Tables describe a space group from two origins."""
    import spglib

    group = spglib.get_spacegroup_type_from_symmetry(
        np.rint(rotations).astype('intc'), translations, lattice=vectors
    )
    return group is not None and group.number in _TWO_ORIGINS


def _number(tags: Mapping[str, Any]) -> int | None:
    """Return the number of the space group, or the number for its name."""
    for name in _NUMBERS:
        if re.fullmatch(r'\d{1,3}', str(tags.get(name, '')).strip()):
            return int(tags[name])
    return next(_numbers_of_names(tags), None)


def _numbers_of_names(tags: Mapping[str, Any]) -> Iterator[int]:
    from pymatgen.symmetry.groups import SpaceGroup

    for name, value in tags.items():
        if _NAMES.fullmatch(name) and isinstance(value, str):
            try:
                yield int(SpaceGroup(re.sub(r'\s', '', _SUFFIX.sub('', value))).int_number)
            except ValueError:
                continue


def _normalized(code: str) -> str:
    """Return a code as spglib writes it: ``b`` for ``b1``, ``2`` for ``2abc``."""
    return re.sub(r'^(-?[abc])1$', r'\1', code.strip().lower().replace('abc', ''))
