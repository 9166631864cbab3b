"""The check of k-points that a user gives: one along the surface normal."""

from __future__ import annotations

import numpy as np
from aiida.orm import KpointsData

#: The axis of the cell along which a slab has its vacuum.
NORMAL = 2

#: The coarsest spacing, in 2π/Å, without a warning. VASP's KSPACING includes the factor 2π, so such
#: a value would be 2π times too coarse here.
COARSEST_SPACING = 0.1


def has_one_along_normal(kpoints: KpointsData) -> bool:
    """Return whether all k-points have the same coordinate along the normal."""
    if 'mesh' in kpoints.base.attributes.all:
        mesh, _ = kpoints.get_kpoints_mesh()
        return bool(mesh[NORMAL] == 1)
    return bool(np.ptp(kpoints.get_kpoints()[:, NORMAL]) < 1e-6)
