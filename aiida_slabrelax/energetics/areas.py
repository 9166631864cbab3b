"""The check that the area of a slab belongs to its bulk."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .errors import NotComparableError

#: The relative tolerance of areas; that of the strain in the plane is half of it.
SAME_LATTICE = 2e-3


def plane_area(primitive_cell: ArrayLike, miller_indices: ArrayLike) -> float:
    """Return the smallest area (Å²) of a cell in a lattice plane.

    :param primitive_cell: shape (3, 3), rows, in Å.
    :param miller_indices: the indices of the plane in that cell, without a common divisor.
    """
    cell = np.asarray(primitive_cell, dtype=float)
    reciprocal = np.linalg.inv(cell).T
    normal = np.asarray(miller_indices, dtype=float) @ reciprocal
    return float(abs(np.linalg.det(cell)) * np.linalg.norm(normal))


def check_area(area: float, smallest: float) -> None:
    """Check that the area of a slab is a multiple of the smallest area in that plane of the bulk.

    A slab thinner than a period of the crystal can have a smaller cell; then the area of the bulk
    is a multiple of the area of the slab.

    :param area: the area of the slab, in Å².
    :param smallest: the area from :func:`plane_area`, in Å².
    :raises NotComparableError: if neither is a multiple of the other.
    """
    ratio = max(area / smallest, smallest / area)
    if abs(ratio - round(ratio)) > SAME_LATTICE * ratio:
        raise NotComparableError(
            f'The area of the slab, {area:.4f} Å², is {area / smallest:.4f} times that of the '
            f'smallest cell in this plane of the bulk, {smallest:.4f} Å²: the slab was cut from '
            'another crystal, or one with other lattice parameters.'
        )
