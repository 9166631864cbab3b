"""Atoms of large cells by what is around them, so that spglib has few to try.

spglib tries to put an atom of the rarest species where each of the others is, by every rotation of
the lattice. In a supercell with a vacancy those are nearly all atoms, and nearly all of them fit
nearly everywhere: it takes minutes. Beside the vacancy there are only a dozen.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pymatgen.optimization.neighbors import find_points_in_spheres

FEW = 64
"""With no more atoms of its rarest species spglib is fast."""

REACH = 6.0
"""How far (Å) the surroundings of an atom go."""

CLEARANCE = 5.0
"""Distances that an operation may exchange differ by no more than so many tolerances: two for both
atoms, the rest for a lattice that the operation does not quite keep."""


def tell_environments_apart(
    vectors: NDArray[np.float64],
    coordinates: NDArray[np.float64],
    numbers: Sequence[int],
    tolerance: float,
) -> list[int]:
    """Return numbers that are equal for atoms with equal numbers and the same neighbours.

    No operation takes an atom to one with another number, so the crystal has the same operations
    with them. If the rarest number is not frequent, they are returned as they are.

    :param vectors: shape (3, 3), rows, in Å.
    :param coordinates: shape (N, 3), fractional.
    :param numbers: equal for atoms that are.
    :param tolerance: how far (Å) an operation may put an atom from where the next one is.
    """
    known = np.unique(np.asarray(numbers), return_inverse=True)[1].ravel()
    if np.bincount(known).min() <= FEW:
        return list(numbers)
    atoms, shells = _find_shells(vectors, coordinates, known, CLEARANCE * tolerance)
    counts = np.zeros((len(known), int(shells.max(initial=-1)) + 1), dtype=np.int32)
    np.add.at(counts, (atoms, shells), 1)
    environments = np.unique(np.column_stack([known, counts]), axis=0, return_inverse=True)[1]
    return [int(one) for one in environments.ravel()]


def _find_shells(
    vectors: NDArray[np.float64],
    coordinates: NDArray[np.float64],
    species: NDArray[np.int64],
    clearance: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the atoms that have neighbours, once for each, and the number of its shell.

    Neighbours of a shell are of one species, and so are its atoms. Between their distances and
    those of another shell is a gap wider than the clearance (Å).
    """
    positions = np.ascontiguousarray(coordinates @ vectors)
    atoms, neighbours, _, distances = find_points_in_spheres(
        positions,
        positions,
        r=REACH,
        pbc=np.ones(3, dtype=np.int64),
        lattice=np.ascontiguousarray(vectors, dtype=float),
        tol=1e-8,
    )
    pairs = species[atoms] * (int(species.max()) + 1) + species[neighbours]
    order = np.lexsort((distances, pairs))
    atoms, distances, pairs = atoms[order], distances[order], pairs[order]
    begins = (np.diff(distances, prepend=0.0) > clearance) | (np.diff(pairs, prepend=-1) != 0)
    shells = np.cumsum(begins) - 1
    # The last of a pair of species may go on beyond the reach.
    ends = np.append(np.flatnonzero(begins)[1:], len(begins)) - 1
    whole = (distances[ends] < REACH - clearance)[shells]
    return atoms[whole], shells[whole]
