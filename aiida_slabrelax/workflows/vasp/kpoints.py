"""The k-points of a slab: dense in the plane, one along the surface normal."""

from __future__ import annotations

import numpy as np
from aiida.orm import KpointsData, StructureData
from pymatgen.core.lattice import Lattice

from ...surfaces import kpoints_mesh

#: The axis of the cell along which a slab has its vacuum.
NORMAL = 2

#: The coarsest spacing, in 2π/Å, without a warning. VASP's KSPACING includes the factor 2π, so such
#: a value would be 2π times too coarse here.
COARSEST_SPACING = 0.1


def slab_mesh(slab: StructureData, spacing: float) -> tuple[int, int, int]:
    """Return the mesh whose points in the surface plane are at most ``spacing`` apart.

    :param slab: a slab whose surface normal is along its third cell vector.
    :param spacing: the distance between points in 2π/Å.
    """
    first, second, third = kpoints_mesh(Lattice(slab.cell), spacing)
    return first, second, third


def has_one_along_normal(kpoints: KpointsData) -> bool:
    """Return whether all k-points have the same coordinate along the normal."""
    if 'mesh' in kpoints.base.attributes.all:
        mesh, _ = kpoints.get_kpoints_mesh()
        return bool(mesh[NORMAL] == 1)
    return bool(np.ptp(kpoints.get_kpoints()[:, NORMAL]) < 1e-6)
