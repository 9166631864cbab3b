"""The geometry of a slab: area, normal, heights, thickness, vacuum, layers, symmetry."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure
from pymatgen.symmetry.analyzer import SymmetryUndeterminedError

from ...slab_options import LAYER_TOLERANCE
from ..bulk.crystal import find_symmetry
from ..bulk.kinds import Kinds, separate_kinds
from ..bulk.moments import find_reversals
from ..reasons import SlabGenerationError
from .layers import Layer, atomic_layers

Vectors = NDArray[np.float64]

SYMMETRY_TOLERANCE = 0.1
"""How far (Å) an atom may be from where an operation puts it: in a relaxed slab none is exact."""

WRAP_TOLERANCE = 1e-8
"""Fractional coordinates this close below 1 are 0."""


@dataclass(frozen=True, eq=False)
class SlabGeometry:
    """A slab in one piece. Its vacuum lies along the third lattice vector, which may be slanted.

    The upper face is the one towards which the third lattice vector leads, in a left-handed cell
    too.

    :ivar vectors: shape (3, 3), the lattice vectors as rows, in Å.
    :ivar fractional: shape (N, 3), the atoms; the slab does not cross the boundary of the cell
        along the third vector.
    """

    vectors: Vectors
    fractional: Vectors

    @classmethod
    def of(cls, slab: Structure) -> SlabGeometry:
        """Measure a slab that may cross the boundary of its cell; the widest gap is its vacuum."""
        return cls.of_cell(slab.lattice.matrix, slab.frac_coords)

    @classmethod
    def of_cell(cls, vectors: Vectors, fractional: Vectors) -> SlabGeometry:
        """Measure a slab that may cross the boundary of its cell; the widest gap is its vacuum.

        :param vectors: shape (3, 3), rows, in Å.
        :param fractional: shape (N, 3), N at least 1.
        """
        return cls(np.asarray(vectors), in_one_piece(fractional)[0])

    @cached_property
    def axes(self) -> Vectors:
        """Unit vectors as rows, right-handed: the first along a, the third along the normal."""
        a, b, c = self.vectors
        outwards = np.cross(a, b)
        z = math.copysign(1.0, outwards @ c) * outwards / np.linalg.norm(outwards)
        x = a / np.linalg.norm(a)
        return np.array([x, np.cross(z, x), z])

    @property
    def normal(self) -> Vectors:
        """The unit vector from the lower face to the upper one."""
        return np.asarray(self.axes[2])

    @cached_property
    def area(self) -> float:
        """The area of the cell in the plane of the surface (Å²)."""
        a, b, _ = self.vectors
        return float(np.linalg.norm(np.cross(a, b)))

    @property
    def height(self) -> float:
        """The period of the cell along the normal (Å)."""
        return float(self.vectors[2] @ self.normal)

    @property
    def tilt(self) -> float:
        """The angle (°) between the third lattice vector and the normal."""
        cosine = self.height / float(np.linalg.norm(self.vectors[2]))
        return math.degrees(math.acos(min(cosine, 1.0)))

    @cached_property
    def heights(self) -> Vectors:
        """The heights of the atoms above the lowest one, along the normal; shape (N,), in Å."""
        along = self.fractional[:, 2] * self.height
        return np.asarray(along - along.min())

    @property
    def thickness(self) -> float:
        """The distance from the lowest to the highest atom along the normal (Å)."""
        return float(self.heights.max())

    @property
    def vacuum(self) -> float:
        """The distance from the highest atom to the lowest one of the next image (Å)."""
        return self.height - self.thickness

    @cached_property
    def positions(self) -> Vectors:
        """The atoms in the :attr:`axes`, the lowest at z = 0; shape (N, 3), in Å."""
        in_plane = self.fractional @ self.vectors @ self.axes[:2].T
        return np.column_stack([in_plane, self.heights])

    def layers(
        self, kinds: Sequence[str], tolerance: float = LAYER_TOLERANCE, from_below: bool = False
    ) -> list[Layer]:
        """Return the atomic layers from the upper face to the lower one.

        :param kinds: the name of each atom's kind.
        :param tolerance: atoms nearer than this (Å) to the next one belong to one layer.
        :param from_below: return them from the lower face to the upper one.
        """
        return atomic_layers(-self.heights if from_below else self.heights, kinds, tolerance)


def is_symmetric(slab: Structure) -> bool:
    """Return whether a symmetry operation of the slab exchanges its two faces.

    Such a slab has no dipole moment along its normal. Kinds count as different species, but all
    magnetic moments may be reversed at once, if the slab has them as a site property; atoms may
    be 0.1 Å away from where the operation puts them. For a slab cut by this package, the
    answer of the generator counts, which uses the crystal and 0.01 Å.

    :param slab: a slab with its vacuum along the third lattice vector, which need not be normal to
        the surface.
    :raises SymmetryUndeterminedError: if spglib fails, as for an atom that is given twice.
    """
    upright, kinds = _upright(slab)
    vectors, coordinates = upright.lattice.matrix, upright.frac_coords
    names = [kinds.name(species) for species in upright.species]
    different = sorted(set(names))
    numbers = [different.index(name) for name in names]
    try:
        found = find_symmetry(vectors, coordinates, numbers, SYMMETRY_TOLERANCE)
    except SlabGenerationError as error:
        raise SymmetryUndeterminedError(str(error)) from error
    if _turns_over(found.rotations):
        return True
    reversals, _ = find_reversals(vectors, coordinates, names, kinds, SYMMETRY_TOLERANCE)
    return _turns_over(reversals)


def _turns_over(rotations: Iterable[NDArray[Any]]) -> bool:
    return any(np.array_equal(rotation[2], [0, 0, -1]) for rotation in rotations)


def upright_lattice(lattice: Lattice) -> Lattice:
    """Return the lattice with c along the normal of a and b, as high above them as it was."""
    a, b, c = lattice.matrix
    normal = np.cross(a, b) / np.linalg.norm(np.cross(a, b))
    return Lattice([a, b, (c @ normal) * normal])


def _upright(slab: Structure) -> tuple[Structure, Kinds]:
    """Return the slab with c along its normal, its kinds as species, and the mapping back to kinds.

    A slanted c only offsets images along the vacuum, but hides operations of the isolated slab.
    """
    separated, kinds = separate_kinds(slab)
    fractional, _ = in_one_piece(separated.frac_coords)
    upright = Structure(
        upright_lattice(separated.lattice),
        separated.species,
        separated.lattice.get_cartesian_coords(fractional),
        coords_are_cartesian=True,
    )
    return upright, kinds


def dipole_centre(slab: Structure) -> tuple[float, float, float]:
    """Return the centre of mass in fractional coordinates in [0, 1), as for VASP's DIPOL.

    Along c, where the slab may cross the boundary of the cell, the atoms are counted in one piece,
    with the vacuum (the widest gap) outside. In the plane, where a slab has no centre, it is the
    mean of the given coordinates.

    :param slab: a slab with its vacuum along the third lattice vector.
    """
    fractional, lowest = in_one_piece(slab.frac_coords)
    masses = [float(site.species.weight) for site in slab]
    centre = np.average(fractional, axis=0, weights=masses)
    centre[2] += lowest
    x, y, z = wrap(centre)
    return float(x), float(y), float(z)


def in_one_piece(fractional: Vectors) -> tuple[Vectors, float]:
    """Move the atoms along c by whole periods so that the widest gap, the vacuum, lies above.

    :returns: the fractional coordinates with the lowest at 0 along c, and its previous value.
    """
    fractional = fractional.copy()
    along_c = np.sort(wrap(fractional[:, 2]))
    gaps = along_c - np.roll(along_c, 1)
    gaps[0] += 1.0
    lowest = along_c[int(np.argmax(gaps))]
    fractional[:, 2] = wrap(fractional[:, 2] - lowest)
    return fractional, float(lowest)


def wrap(fractional: Vectors) -> Vectors:
    """Return fractional coordinates between 0 and 1."""
    wrapped: Vectors = fractional - np.floor(fractional + WRAP_TOLERANCE)
    return np.maximum(wrapped, 0.0)
