"""Rounded coordinates such as 0.333, moved to the special positions that they stand for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]

#: Images of an atom nearer than this (Å) are one atom; every bond is longer.
SAME_ATOM = 0.5

#: How far (fractional) an image may be from where the last step has put it.
_CONVERGED = 1e-9


def to_special_position(
    position: Sequence[float],
    rounding: Sequence[float],
    rotations: Vectors,
    translations: Vectors,
    vectors: Vectors,
) -> Vectors:
    """Return the special position for a rounded position; without one, the position itself.

    The position is moved to the mean of its images under the operations that keep it within the
    error of its digits, if these then keep it exactly.

    :param position: fractional.
    :param rounding: the largest rounding error of each coordinate, fractional.
    :param rotations: shape (n, 3, 3), of the operations x ↦ Rx + t of fractional coordinates.
    :param translations: shape (n, 3).
    :param vectors: the lattice vectors as rows, in Å.
    """
    given = np.array(position, dtype=float)
    error = np.abs(rotations) @ np.array(rounding) + np.array(rounding)
    shifts = rotations @ given + translations - given
    shifts -= np.round(shifts)
    near = np.linalg.norm(shifts @ vectors, axis=1) < SAME_ATOM
    kept = near & np.all(np.abs(shifts) <= error + _CONVERGED, axis=1)
    if kept.sum() < 2:
        return given
    moved = given
    for _ in range(10):
        images = _images(moved, rotations[kept], translations[kept])
        if np.abs(images - moved).max() < _CONVERGED:
            return moved
        moved = images.mean(axis=0)
    return given


def _images(position: Vectors, rotations: Vectors, translations: Vectors) -> Vectors:
    """Return the images of a position that are nearest to it."""
    shifts = rotations @ position + translations - position
    return np.asarray(position + shifts - np.round(shifts))


def rounding_error(text: str) -> float:
    """Return the largest error of a number that was rounded or truncated.

    Numbers with fewer than two decimals count as exact to two decimals.

    :param text: as written in a file, without standard deviation.
    """
    mantissa, _, exponent = text.lower().partition('e')
    decimals = len(mantissa.partition('.')[2]) - int(exponent or 0)
    return float(10.0 ** -max(decimals, 2))
