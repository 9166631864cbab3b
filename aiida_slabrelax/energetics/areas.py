"""Whether the area of a slab is one of its bulk."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .errors import NotComparableError

SAME_LATTICE = 2e-3
"""Areas agree within this fraction; the strain of the plane is half of it."""


def plane_area(primitive_cell: ArrayLike, miller_indices: ArrayLike) -> float:
    """Return the smallest area (Å²) of a cell in a lattice plane.

    :param primitive_cell: shape (3, 3), rows, in Å.
    :param miller_indices: of the plane in that cell, without a common divisor.
    """
    cell = np.asarray(primitive_cell, dtype=float)
    reciprocal = np.linalg.inv(cell).T
    normal = np.asarray(miller_indices, dtype=float) @ reciprocal
    return float(abs(np.linalg.det(cell)) * np.linalg.norm(normal))


def check_area(area: float, smallest: float) -> None:
    """Check that the area of a slab is a multiple of that of a cell in the plane of the bulk.

    A slab thinner than a period of the crystal can have a smaller cell; then the area of the bulk
    is a multiple of that of the slab.

    :param area: of the slab, in Å².
    :param smallest: that of :func:`plane_area`, in Å².
    :raises NotComparableError: if it is not.
    """
    ratio = max(area / smallest, smallest / area)
    if abs(ratio - round(ratio)) > SAME_LATTICE * ratio:
        raise NotComparableError(
            f'The area of the slab, {area:.4f} Å², is {area / smallest:.4f} times that of the '
            f'smallest cell in this plane of the bulk, {smallest:.4f} Å²: the slab was cut from '
            'another crystal, or one with other lattice parameters.'
        )
