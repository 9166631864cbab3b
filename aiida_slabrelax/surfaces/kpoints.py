"""Meshes of k-points for crystals and slabs."""

from __future__ import annotations

import math

from pymatgen.core.lattice import Lattice

from .slabs.geometry import upright_lattice


def bulk_mesh(lattice: Lattice, spacing: float) -> list[int]:
    """Return the mesh of a crystal, by the rule of VASP's automatic meshes.

    Along an axis with a reciprocal vector of length b (2π included) it has max(1, ⌈b/(2π spacing)⌉)
    points.

    :param spacing: the largest distance of k-points, in 2π/Å, as aiida-vasp counts it.
    """
    lengths = lattice.reciprocal_lattice_crystallographic.abc
    # Rounded, so that a spacing that fits exactly is not made denser by the last digit.
    return [max(1, math.ceil(round(length / spacing, 5))) for length in lengths]


def oriented_mesh(lattice: Lattice, spacing: float) -> list[int]:
    """Return the mesh of the bulk in the cell of a slab; in the plane it is the mesh of the slab.

    Along the third vector, its height above the plane determines the number of points.

    :param lattice: its first two vectors are those of the slab.
    :param spacing: the largest distance of k-points, in 2π/Å.
    """
    return bulk_mesh(upright_lattice(lattice), spacing)


def kpoints_mesh(lattice: Lattice, spacing: float) -> list[int]:
    """Return the mesh of a slab, with one point along the normal.

    :param lattice: the lattice of the slab, whose third vector may be slanted.
    :param spacing: the largest distance of k-points, in 2π/Å.
    """
    return [*oriented_mesh(lattice, spacing)[:2], 1]
