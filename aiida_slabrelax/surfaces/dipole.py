"""What a dipole correction needs to know of a slab: whether to make one, and around which point."""

import numpy as np
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from .kinds import separate_kinds
from .orientation import in_one_piece, wrap
from .pymatgen_generator import SYMMETRY_TOLERANCE


def is_symmetric(slab: Structure) -> bool:
    """Tell whether a symmetry operation of the slab exchanges its two faces.

    Such a slab has no dipole moment along its normal. Kinds count as different species; atoms may
    be 0.1 Å away from where the operation puts them, as in the generation of slabs.

    :param slab: a slab with its vacuum along the third lattice vector, which need not be normal to
        the surface.
    :raises SymmetryUndeterminedError: if spglib fails, as for an atom that is given twice.
    """
    operations = SpacegroupAnalyzer(_upright(slab), SYMMETRY_TOLERANCE).get_symmetry_operations()
    return any(np.array_equal(one.rotation_matrix[2], [0, 0, -1]) for one in operations)


def _upright(slab: Structure) -> Structure:
    """Return the slab with c along its normal and its kinds as species.

    A slanted c only says how images are offset along the vacuum, but hides operations that the
    slab by itself has.
    """
    separated, _ = separate_kinds(slab)
    fractional, _ = in_one_piece(separated.frac_coords)
    a, b, c = separated.lattice.matrix
    normal = np.cross(a, b) / np.linalg.norm(np.cross(a, b))
    return Structure(
        Lattice([a, b, (c @ normal) * normal]),
        separated.species,
        separated.lattice.get_cartesian_coords(fractional),
        coords_are_cartesian=True,
    )


def dipole_centre(slab: Structure) -> tuple[float, float, float]:
    """Return the centre of mass in fractional coordinates in [0, 1), as VASP's DIPOL takes it.

    Along c, where the slab may cross the boundary of the cell, the atoms are counted in one piece,
    with the vacuum (the widest gap) outside. In the plane, where a slab has no centre, it is the
    mean of the coordinates as they are given.

    :param slab: a slab with its vacuum along the third lattice vector.
    """
    fractional, lowest = in_one_piece(slab.frac_coords)
    masses = [float(site.species.weight) for site in slab]
    centre = np.average(fractional, axis=0, weights=masses)
    centre[2] += lowest
    x, y, z = wrap(centre)
    return float(x), float(y), float(z)
