"""The planes to cut (one, several, or all up to an index) and their names."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from pymatgen.core.structure import Structure

from ..option_checks import check_count
from .bulk.crystal import Crystal
from .checks import check_miller_indices, format_plane, reduce_miller_indices
from .indices import Plane, in_given_cell

HIGHEST_INDEX = 6
"""The largest ``max_index``; beyond it there are more than a thousand planes to compare."""


def check_surfaces(value: object) -> str | None:
    """Check one set of Miller indices, as :func:`check_miller_indices` does, or a list of them.

    :returns: a message, or None.
    """
    planes = split_surfaces(value)
    if not planes:
        return 'Miller indices must be three integers, or a list of such: the list is empty.'
    messages = (check_miller_indices(plane) for plane in planes)
    return next((message for message in messages if message), None)


def split_surfaces(value: Any) -> list[Any]:
    """Return the sets of Miller indices of one or several surfaces, unchanged."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        return [value]
    several = any(isinstance(index, list | tuple | np.ndarray) for index in value)
    return list(value) if several or not value else [value]


def check_max_index(value: object) -> str | None:
    """Check the largest Miller index of all surfaces: None or an integer from 1 to 6."""
    return None if value is None else check_count('max_index', value, HIGHEST_INDEX)


def planes_up_to(crystal: Crystal, max_index: int, indices_of: str = 'given') -> list[Plane]:
    """Return all symmetry-distinct planes of a crystal, low indices first.

    A plane and its opposite count as one: a slab has both as faces.

    :param max_index: the largest index.
    :param indices_of: the cell that it refers to: ``given`` or ``conventional``.
    :returns: the planes in the given cell.
    """
    indices = range(-max_index, max_index + 1)
    triples = (
        (first, second, third) for first in indices for second in indices for third in indices
    )
    every = (plane for plane in triples if math.gcd(*plane) == 1)
    found: dict[Plane, Plane] = {}
    for standard in sorted(every, key=_simplicity):
        plane = standard if indices_of == 'given' else crystal.from_standard(standard)
        found.setdefault(family(crystal, plane), plane)
    return list(found.values())


def distinct_planes(
    crystal: Crystal, planes: Iterable[Sequence[int]]
) -> tuple[list[Plane], list[tuple[Plane, str]]]:
    """Exclude planes that are equivalent by symmetry to earlier ones.

    :param planes: (hkl) or (hkil) in the given cell.
    :returns: the remaining planes, reduced; and each excluded plane, as given, with the reason.
    """
    found: dict[Plane, Plane] = {}
    repeated = []
    for given in planes:
        plane = reduce_miller_indices(given)
        first = found.setdefault(family(crystal, plane), plane)
        if first is plane:
            continue
        h, k, l = (int(index) for index in (*given[:2], given[-1]))
        same = 'the same plane as' if first == plane else 'equivalent to'
        repeated.append(((h, k, l), f'{same} {format_plane(first)}'))
    return list(found.values()), repeated


def repeated_planes(
    bulk: Structure, planes: Iterable[Sequence[int]], indices_of: str = 'given'
) -> list[Plane]:
    """Return the planes that are equivalent by symmetry to earlier ones.

    :param planes: (hkl) or (hkil).
    :param indices_of: the cell that they refer to, ``given`` or ``conventional``.
    :returns: the planes as given, or in the given cell.
    """
    crystal = Crystal.of(bulk)
    _, repeated = distinct_planes(crystal, in_given_cell(crystal, planes, indices_of))
    return [plane for plane, _ in repeated]


def family(crystal: Crystal, plane: Plane) -> Plane:
    """Return the same plane, in the primitive cell, for all equivalent planes."""
    images = crystal.to_primitive(plane) @ crystal.rotations
    h, k, l = max(map(tuple, np.concatenate([images, -images]).tolist()))
    return h, k, l


def plane_label(plane: Plane) -> str:
    """Write a plane as a part of a label: ``100``, ``1m10``, or ``1_0_12`` with long indices."""
    separator = '_' if max(map(abs, plane)) > 9 else ''
    return separator.join(f'm{-index}' if index < 0 else str(index) for index in plane)


def _simplicity(plane: Plane) -> tuple[int, int, int, tuple[int, ...]]:
    absolute = [abs(index) for index in plane]
    negative = sum(index < 0 for index in plane)
    return max(absolute), sum(absolute), negative, tuple(-index for index in plane)
