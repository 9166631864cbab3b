"""The heights of atoms along the normal of a plane, and the layers that they form."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from ..bulk.crystal import Crystal, Integers, Vectors
from ..slabs.layers import find_cuts


def symmetric_heights(crystal: Crystal, indices: Integers) -> Vectors:
    """Return the heights of the atoms of a crystal above its origin, shape (N,), in planes.

    Operations map atoms to others only within 0.01 Å. The height of an atom is therefore the mean
    over all of its images. Equivalent gaps are then equally wide, so that either all of them
    separate layers or none.

    :param indices: Miller indices in the primitive cell.
    """
    coordinates, sides = crystal.coordinates, crystal.sides(indices)
    used = np.flatnonzero(sides)
    images = coordinates @ crystal.rotations[used].transpose(0, 2, 1)
    images += crystal.translations[used, np.newaxis]
    _, atoms = cKDTree(_wrap(coordinates), boxsize=1.0).query(_wrap(images))
    heights = coordinates @ indices
    moves = images @ indices - heights[atoms]
    moves -= np.round(moves)
    counts = np.bincount(atoms.ravel(), minlength=len(heights))
    return np.asarray(heights + np.bincount(atoms.ravel(), moves.ravel(), len(heights)) / counts)


def find_layers(
    heights: Vectors, period: float, tolerance: float
) -> tuple[list[Integers], Vectors]:
    """Divide atoms with heights modulo 1 into layers.

    :param heights: shape (N,), in periods.
    :param period: in Å.
    :param tolerance: the largest thickness of a layer, in Å.
    :returns: the indices of the atoms of each layer, from below, and the heights within one period
        so that each layer is in one piece; no layers if no gap is wide enough to cut.
    """
    heights = heights % 1.0
    order = np.argsort(heights, kind='stable')
    gaps = np.diff(heights[order], append=heights[order[0]] + 1.0)
    breaks = find_cuts(gaps * period, tolerance, periodic=True)
    if not breaks.size:
        return [], heights
    # Atoms above the last gap of this period belong to the first layer of the next one.
    heights[order[breaks[-1] + 1 :]] -= 1.0
    order = np.roll(order, len(order) - 1 - breaks[-1])
    starts = breaks[:-1] + 1 + len(order) - 1 - breaks[-1]
    return np.split(order, starts), heights


def widest_gap(heights: Vectors) -> float:
    """Return the widest gap between heights modulo 1."""
    ordered = np.sort(heights % 1.0)
    return float(np.diff(ordered, append=ordered[0] + 1.0).max())


def _wrap(coordinates: Vectors) -> Vectors:
    wrapped = coordinates % 1.0
    return np.where(wrapped < 1.0, wrapped, 0.0)
