"""Slices of a region of stability: some chemical potentials fixed, the others free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import ConvexHull

from ..errors import NotComparableError
from .stability import find_vertices

Array = NDArray[np.float64]


def slice_region(
    elements: Sequence[str], vertices_ev: ArrayLike, fixed_ev: Mapping[str, float]
) -> tuple[list[str], Array]:
    """Return the slice of a region of stability at fixed chemical potentials.

    :param elements: the elements whose potentials span the region, in the order of the columns.
    :param vertices_ev: shape (v, n), the corners of the region, Δμ in eV.
    :param fixed_ev: Δμ (eV) of some of the elements.
    :returns: the other elements, and the corners of the slice, shape (w, n − fixed), in eV: the
        ends of an interval, or the corners of a polygon in order.
    :raises NotComparableError: if an element does not belong to the region, no element is left
        free, or the slice is empty.
    """
    for element in fixed_ev:
        if element not in elements:
            raise NotComparableError(
                f'Δμ of {element} is not free; those of {", ".join(elements)} are.'
            )
    corners = np.asarray(vertices_ev, dtype=float)
    free = [element for element in elements if element not in fixed_ev]
    if not free:
        raise NotComparableError('No chemical potential is left free.')
    if not fixed_ev:
        return free, corners
    half_spaces = ConvexHull(corners).equations  # rows (a, b): a·Δμ + b ≤ 0
    columns = [elements.index(element) for element in free]
    offsets = half_spaces[:, -1].copy()
    for element, value in fixed_ev.items():
        offsets += half_spaces[:, elements.index(element)] * value
    normals = half_spaces[:, columns]
    kept = np.linalg.norm(normals, axis=1) > 1e-9
    where = ', '.join(f'Δμ({element}) = {value:.3f} eV' for element, value in fixed_ev.items())
    message = f'The bulk is not stable at {where}.'
    if (offsets[~kept] > 1e-9).any():
        raise NotComparableError(message)
    try:
        vertices = find_vertices(np.column_stack([normals, offsets])[kept], 'the bulk')
    except NotComparableError as error:
        raise NotComparableError(message) from error
    return free, vertices
