"""From a slab as cut by a generator to one that is ready for a calculation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pymatgen.core.composition import Composition
from pymatgen.core.lattice import Lattice
from pymatgen.core.periodic_table import Element, Species
from pymatgen.core.structure import Structure
from pymatgen.core.surface import Slab

from .bulk.kinds import KIND_NAME, MOMENT, Kinds, element_of
from .slabs.geometry import SlabGeometry, Vectors, in_one_piece, wrap
from .slabs.layers import Contents, Layer


@dataclass(frozen=True)
class UprightSlab:
    """A slab in a right-handed cell: a along x, b in the xy plane, c along z and the normal.

    :ivar structure: the sites, sorted by element, kind and height, with the name of the kind
        (and the moment, if any) as site properties; in one piece.
    """

    structure: Structure

    @cached_property
    def geometry(self) -> SlabGeometry:
        """The geometry of the slab."""
        return SlabGeometry(self.structure.lattice.matrix, self.structure.frac_coords)


@dataclass(frozen=True)
class Reconstruction:
    """A slab whose lowest and highest layer are incomplete.

    :ivar plane: shape (2, 2), its cell in the plane as rows, in Å.
    :ivar members: its atoms in the primitive cell of the crystal, shape (N,).
    :ivar positions: their positions in the axes of the stacking, shape (N, 3), in Å.
    :ivar is_symmetric: whether an operation exchanges its faces.
    :ivar outermost: the contents of the highest and of the lowest layer.
    :ivar lower_part: the part of the layer that is on the lower face, such as ``2/4``.
    :ivar rank: its number among the arrangements of the layer, from 1.
    """

    plane: Vectors
    members: NDArray[np.int64]
    positions: Vectors
    is_symmetric: bool
    outermost: tuple[Contents, Contents]
    lower_part: str
    rank: int

    @property
    def name(self) -> str:
        """A name for the arrangement, such as ``2/4#1``."""
        return f'{self.lower_part}#{self.rank}'


@dataclass(frozen=True)
class Cut:
    """A slab from a generator.

    :ivar slab: the slab.
    :ivar shift: the height of the cut above the origin, in planes.
    :ivar is_symmetric: whether its faces are equivalent.
    :ivar layers: its atomic layers in its cell, from the top to the bottom.
    :ivar span: the numbers of its lowest and its highest layer in the stacking, if known.
    :ivar reconstruction: how it differs from the slab of these layers, if it does.
    """

    slab: UprightSlab
    shift: float
    is_symmetric: bool
    layers: list[Layer]
    span: tuple[int, int] | None = None
    reconstruction: Reconstruction | None = None


def is_along_planes(vectors: Vectors, normal: Vectors) -> bool:
    """Return whether the first two of three lattice vectors (Å) lie in the plane of the surface."""
    return bool(np.all(np.abs(vectors[:2] @ normal) < 1e-5))


def make_upright(
    slab: Slab, bulk_lattice: Lattice, normal: Vectors, kinds: Kinds, center: bool
) -> UprightSlab:
    """Set a slab upright, with the face towards the normal on top.

    The crystal is moved as a rigid body only: rotated and shifted, never mirrored. The c vector
    becomes normal to the surface, which in a slab changes nothing but the offset of one periodic
    image to the next along the vacuum.

    :param slab: a slab whose a and b lie in the plane of the surface.
    :param bulk_lattice: the lattice of the structure that the slab is cut from.
    :param normal: the unit vector (hkl) in the frame of the bulk.
    :param kinds: the kinds that the species of the slab represent.
    :param center: put the centre of mass in the middle of the cell.
    """
    # pymatgen rewrites a slab's lattice from its lengths and angles, which mirrors the crystal
    # if the vectors were left-handed. The scale factor still gives the vectors in the frame
    # of the bulk.
    vectors = np.asarray(slab.scale_factor, dtype=float) @ bulk_lattice.matrix
    fractional, clearance = in_one_piece(slab.frac_coords)
    positions = fractional @ vectors
    a, b, c = vectors
    if np.cross(a, b) @ normal < 0:
        a, b = b, a

    height = abs(float(c @ normal))
    heights = positions @ normal
    heights -= heights.min()
    if center:
        masses = np.array([site.species.weight for site in slab], dtype=float)
        heights += height / 2 - np.average(heights, weights=masses)
    elif clearance * height + heights.max() < height:
        heights += clearance * height

    x_axis = a / np.linalg.norm(a)
    axes = np.array([x_axis, np.cross(normal, x_axis)])
    lattice = np.zeros((3, 3))
    lattice[:2, :2] = np.array([a, b]) @ axes.T
    lattice[0, 1] = 0.0
    lattice[2, 2] = height
    planar = np.linalg.solve(lattice[:2, :2].T, (positions @ axes.T).T).T
    coordinates = np.column_stack([wrap(planar), heights / height])
    return sorted_by_kind([site.specie for site in slab], Lattice(lattice), coordinates, kinds)


def sorted_by_kind(
    species: Sequence[Element | Species], lattice: Lattice, coordinates: Vectors, kinds: Kinds
) -> UprightSlab:
    """Return a slab whose sites are sorted by element, kind and height.

    :param species: the species that represents the kind of each site.
    :param lattice: a along x, b in the xy plane, c along z.
    :param coordinates: shape (N, 3), fractional.
    :param kinds: the kinds that the species represent.
    """
    # Elements in pymatgen's order (by electronegativity), so that formulas look as usual.
    elements = {one: number for number, one in enumerate(sorted(map(element_of, set(species))))}
    ranks = {one: (elements[element_of(one)], kinds.name(one)) for one in set(species)}
    rounded = np.round(coordinates @ lattice.matrix, 3)

    def key(index: int) -> tuple[tuple[int, str], float, float, float]:
        x, y, z = rounded[index]
        return ranks[species[index]], z, x, y

    order = sorted(range(len(species)), key=key)
    ordered = [species[index] for index in order]
    # Sites that share their species are created and compared in half the time.
    contents = {one: Composition({kinds.original(one): 1}) for one in set(ordered)}
    names = [kinds.name(one) for one in ordered]
    properties: dict[str, list[str] | list[float]] = {KIND_NAME: names}
    if kinds.moments:
        properties[MOMENT] = [kinds.moments[name] for name in names]
    structure = Structure(
        lattice,
        [contents[one] for one in ordered],
        coordinates[order],
        site_properties=properties,
    )
    return UprightSlab(structure)
