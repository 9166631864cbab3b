"""Meshes of k-points of the bulk, as dense as those of its slabs."""

from __future__ import annotations

import math

import numpy as np
from pymatgen.core.lattice import Lattice


def bulk_mesh(lattice: Lattice, spacing: float) -> list[int]:
    """Return the mesh of a crystal, by the rule of VASP's automatic meshes.

    :param spacing: the largest distance of k-points, in 2π/Å.
    """
    lengths = lattice.reciprocal_lattice_crystallographic.abc
    # Rounded, so that a spacing that fits exactly is not made denser by the last digit.
    return [max(1, math.ceil(round(length / spacing, 5))) for length in lengths]


def oriented_mesh(lattice: Lattice, spacing: float) -> list[int]:
    """Return the mesh of the bulk in the cell of a slab: in the plane that of the slab.

    Along the third vector its height above the plane counts, however oblique it is.

    :param lattice: its first two vectors are those of the slab.
    :param spacing: the largest distance of k-points, in 2π/Å.
    """
    a, b, c = lattice.matrix
    normal = np.cross(a, b) / np.linalg.norm(np.cross(a, b))
    return bulk_mesh(Lattice([a, b, (c @ normal) * normal]), spacing)
