"""The crystal in the cell of a slab: the same plane, with a period of the bulk as third vector."""

from __future__ import annotations

import math

import numpy as np
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from .bulk.crystal import Crystal, Vectors
from .checks import format_plane
from .exact.slab_cell import repeat
from .exact.stacking import Stacking
from .indices import Plane
from .orientation import sorted_by_kind
from .reasons import SlabGenerationError

SAME_LENGTH = 1e-4
"""Lengths of one cell agree within this fraction."""


def oriented_bulk(bulk: Structure, plane: Plane, slab: Lattice) -> Structure:
    """Return the crystal in a cell whose first two vectors are those of a slab, up to a rotation.

    The third leads from one lattice plane to the next; it need not be along the normal.

    :param bulk: the crystal that the slab was cut from, with its kinds as a site property.
    :param plane: the Miller indices of the slab in that cell, without a common divisor.
    :param slab: the lattice of the slab.
    :raises SlabGenerationError: if the slab has no cell of the plane.
    """
    stacking = Stacking.of(Crystal.of(bulk), plane)
    vectors = _find_vectors(stacking.plane, slab)
    if vectors is None:
        raise SlabGenerationError(
            f'The slab has another cell than the plane {format_plane(plane)} of the bulk.'
        )
    atoms, positions = repeat(
        stacking.plane, vectors, *stacking.cut_atoms(0, len(stacking.layers) - 1)
    )
    lattice = np.vstack([np.pad(vectors, ((0, 0), (0, 1))), stacking.step])
    crystal = stacking.crystal
    species = [crystal.structure[index].specie for index in atoms]
    coordinates = positions @ np.linalg.inv(lattice) % 1.0
    return sorted_by_kind(species, Lattice(lattice), coordinates, crystal.kinds).structure


def _find_vectors(plane: Vectors, slab: Lattice) -> Vectors | None:
    """Return lattice vectors with the lengths and the angle of the first two of a slab.

    :param plane: shape (2, 2), the minimal period in the plane as rows, right-handed, in Å.
    :returns: shape (2, 2), right-handed; None if there are none.
    """
    first, second = np.array(slab.matrix[:2])
    tolerance = SAME_LENGTH * max(slab.a, slab.b) ** 2
    # The height of the smaller angle of a reduced cell is at least half of its shortest vector.
    reach = math.ceil(2 * max(slab.a, slab.b) / float(np.linalg.norm(plane[0])))
    points = np.mgrid[reach : -reach - 1 : -1, reach : -reach - 1 : -1].reshape(2, -1).T @ plane
    squares = np.square(points).sum(axis=1)
    for one in points[np.abs(squares - first @ first) < tolerance]:
        for other in points[np.abs(squares - second @ second) < tolerance]:
            is_right = one[0] * other[1] - one[1] * other[0] > 0
            if is_right and abs(one @ other - first @ second) < tolerance:
                return np.array([one, other])
    return None
