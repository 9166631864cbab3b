"""The heights of atoms along the normal of a plane, as the symmetry of the crystal has them."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from ..bulk.crystal import Crystal, Integers, Vectors


def symmetric_heights(crystal: Crystal, indices: Integers) -> Vectors:
    """Return the heights of the atoms of a crystal above its origin, shape (N,), in planes.

    Operations take atoms to within 0.01 Å of others only. What they would have if each met exactly
    is the mean of all that come to lie on an atom. With it equivalent gaps are equally wide, so
    that all of them divide layers, or none.

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


def _wrap(coordinates: Vectors) -> Vectors:
    wrapped = coordinates % 1.0
    return np.where(wrapped < 1.0, wrapped, 0.0)
