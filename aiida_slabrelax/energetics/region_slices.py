"""Slices of a region of stability: some chemical potentials kept at a value, the others free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import ConvexHull

from .errors import NotComparableError
from .stability import find_vertices

Array = NDArray[np.float64]


def slice_region(
    elements: Sequence[str], vertices_ev: ArrayLike, fixed_ev: Mapping[str, float]
) -> tuple[list[str], Array]:
    """Cut a region of stability at chemical potentials.

    :param elements: those whose potentials span the region, in the order of the columns.
    :param vertices_ev: shape (v, n), its corners, Δμ in eV.
    :param fixed_ev: Δμ (eV) of some of the elements.
    :returns: the other elements, and the corners of the slice, shape (w, n − fixed), in eV: both
        ends of an interval, or a polygon in order around it.
    :raises NotComparableError: if an element is not one of the region, if none is left free, or if
        the region does not reach there.
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
        found = find_vertices(np.column_stack([normals, offsets])[kept], 'the bulk')
    except NotComparableError as error:
        raise NotComparableError(message) from error
    return free, found
