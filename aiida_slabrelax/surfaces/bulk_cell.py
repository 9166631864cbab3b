"""The crystal in the cell of a slab: the same plane, with a period of the bulk as third vector."""

from __future__ import annotations

import numpy as np
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from .bulk.crystal import Crystal, Vectors
from .checks import format_plane
from .exact.slab_cell import larger_plane
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
    :raises SlabGenerationError: if the slab has neither the minimal cell of the plane nor that of
        the bulk.
    """
    stacking = Stacking.of(Crystal.of(bulk), plane)
    atoms, positions = stacking.cut_atoms(0, len(stacking.layers) - 1)
    cells = [(stacking.plane, atoms, positions), larger_plane(stacking, atoms, positions)]
    for vectors, indices, places in cells:
        lattice = np.vstack([np.pad(vectors, ((0, 0), (0, 1))), stacking.step])
        if not _is_plane_of(slab, lattice):
            continue
        crystal = stacking.crystal
        species = [crystal.structure[index].specie for index in indices]
        coordinates = places @ np.linalg.inv(lattice) % 1.0
        return sorted_by_kind(species, Lattice(lattice), coordinates, crystal.kinds).structure
    raise SlabGenerationError(
        f'The slab has another cell than the plane {format_plane(plane)} of the bulk.'
    )


def _is_plane_of(slab: Lattice, lattice: Vectors) -> bool:
    """Return whether the first two vectors have the lengths and the angle of those of a slab."""
    mine, theirs = lattice[:2], slab.matrix[:2]
    return bool(np.allclose(mine @ mine.T, theirs @ theirs.T, rtol=0, atol=SAME_LENGTH * slab.a**2))
