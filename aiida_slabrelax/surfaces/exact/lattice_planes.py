"""Vectors in a lattice plane, and their shortest basis."""

from __future__ import annotations

import math

import numpy as np

from ..bulk.crystal import Integers, Vectors


def in_plane_basis(indices: Integers) -> Integers:
    """Return three lattice vectors as rows: two in the plane, and one that leads to the next plane.

    They span the whole lattice.

    :param indices: Miller indices without a common divisor.
    """
    rows, values = np.eye(3, dtype=np.int64), indices.copy()
    while np.count_nonzero(values) > 1:  # Euclid's algorithm on the three
        smallest = min(np.flatnonzero(values), key=lambda index: abs(values[index]))
        for other in range(3):
            if other != smallest:
                factor = values[other] // values[smallest]
                values[other] -= factor * values[smallest]
                rows[other] -= factor * rows[smallest]
    out = int(np.flatnonzero(values)[0])
    first, second = (index for index in range(3) if index != out)
    return np.array([rows[first], rows[second], rows[out] * values[out]])


def reduce_plane(first: Vectors, second: Vectors, outwards: Vectors) -> tuple[Vectors, Vectors]:
    """Reduce two vectors by Gauss's algorithm: the shortest basis, right-handed seen from outside.

    The first is not longer than the second. Of two bases with equal lengths the one with the obtuse
    angle is chosen, the convention for hexagonal cells.

    :param outwards: any vector on the outer side of the plane.
    """
    while True:
        if second @ second < first @ first - 1e-9:
            first, second = second, first
        factor = math.floor(float(first @ second / (first @ first)) + 0.5 - 1e-6)
        if factor == 0:
            break
        second = second - factor * first
    if np.cross(first, second) @ outwards < 0:
        second = -second
    cosine = float(first @ second / (first @ first))
    if cosine > 0.5 - 1e-6:
        second = second - first
    elif cosine > 1e-6 and np.isclose(first @ first, second @ second, rtol=1e-6, atol=0):
        first, second = second, -first
    return first, second
