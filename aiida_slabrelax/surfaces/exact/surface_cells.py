"""The cell in the plane that was asked for, in the vectors of the smallest one."""

from __future__ import annotations

import math

import numpy as np

from ...surface_cell import LeastLength, Matrix, SurfaceCell, Wood
from ..bulk.crystal import Integers, Vectors
from ..reasons import SlabGenerationError

SAME = 0.02
"""A vector is one of Wood's notation if it ends within this part of its length; angles are given
with few digits."""


def count_vectors(plane: Vectors, cell: SurfaceCell) -> Integers:
    """Return the vectors of a cell in those of the smallest one, shape (2, 2), as rows.

    :param plane: shape (2, 2), the smallest cell as rows, right-handed, in Å.
    :raises SlabGenerationError: if the lattice has no such cell.
    """
    if isinstance(cell, Matrix):
        return np.array(cell.rows)
    if isinstance(cell, LeastLength):
        lengths = np.linalg.norm(plane, axis=1)
        return np.diag([math.ceil(cell.length / length - 1e-6) for length in lengths])
    for sign in (1, -1):
        found = _turned(plane, cell, math.radians(sign * cell.angle))
        if found is not None:
            return found
    (a, b), gamma = np.linalg.norm(plane, axis=1), _angle(plane)
    raise SlabGenerationError(
        f'The surface has no cell {cell.text}: its smallest one has a = {a:.3f} Å, b = {b:.3f} Å '
        f'and an angle of {gamma:.1f}°.',
        option='surface_cell',
    )


def _turned(plane: Vectors, cell: Wood, angle: float) -> Integers | None:
    cosine, sine = math.cos(angle), math.sin(angle)
    rotation = np.array([[cosine, sine], [-sine, cosine]])
    wanted = plane @ rotation * np.array([[cell.first], [cell.second]])
    if cell.centred:
        wanted = np.array([wanted[0] + wanted[1], wanted[1] - wanted[0]]) / 2
    counts = np.rint(wanted @ np.linalg.inv(plane)).astype(np.int64)
    missed = np.linalg.norm(counts @ plane - wanted, axis=1)
    is_there = np.all(missed < SAME * np.linalg.norm(wanted, axis=1))
    return counts if is_there and round(float(np.linalg.det(counts))) > 0 else None


def _angle(plane: Vectors) -> float:
    a, b = plane
    return math.degrees(math.acos(float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))))
