"""The positions of a crystal with exactly the symmetry that its operations have within 0.01 Å."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from .crystal import Crystal, Integers, Vectors


def symmetrize(crystal: Crystal) -> tuple[Vectors, Vectors]:
    """Return a primitive cell and the atoms in it, averaged over all operations of the crystal.

    Distances that an operation makes equal are equal up to rounding, so that a limit on distances
    treats equivalent pairs of atoms alike.

    :returns: the cell as rows, shape (3, 3), in Å and in an orientation of its own; and the atoms
        as in ``crystal.coordinates``, shape (N, 3), fractional.
    """
    images, atoms = find_images(crystal)
    coordinates, rotations = crystal.coordinates, crystal.rotations
    moves = images - coordinates[atoms]
    moves -= np.round(moves)
    owners, n = atoms.ravel(), len(coordinates)
    counts = np.bincount(owners, minlength=n)
    sums = np.stack([np.bincount(owners, one, n) for one in moves.reshape(-1, 3).T], axis=1)
    # The square of the length of a vector x is x·Gx.
    metric = crystal.vectors @ crystal.vectors.T
    metric = np.mean(rotations.transpose(0, 2, 1) @ metric @ rotations, axis=0)
    return np.linalg.cholesky(metric), coordinates + sums / counts[:, np.newaxis]


def find_images(crystal: Crystal, used: Integers | None = None) -> tuple[Vectors, Integers]:
    """Return where operations take the atoms of a crystal, and which atom is nearest there.

    :param used: the numbers of some operations; by default all, n of them.
    :returns: fractional coordinates, shape (n, N, 3), and indices, shape (n, N).
    """
    chosen = slice(None) if used is None else used
    images = crystal.coordinates @ crystal.rotations[chosen].transpose(0, 2, 1)
    images += crystal.translations[chosen][:, np.newaxis]
    tree = cKDTree(_wrap(crystal.coordinates), boxsize=1.0)
    _, atoms = tree.query(_wrap(images))
    return images, np.asarray(atoms)


def _wrap(coordinates: Vectors) -> Vectors:
    wrapped = coordinates % 1.0
    return np.where(wrapped < 1.0, wrapped, 0.0)
