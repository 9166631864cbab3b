"""From a slab as pymatgen cuts it to one ready for a calculation."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pymatgen.core.composition import Composition
from pymatgen.core.lattice import Lattice
from pymatgen.core.periodic_table import Element, Species
from pymatgen.core.structure import Structure
from pymatgen.core.surface import Slab

from .bulk.kinds import KIND_NAME, MOMENT, Kinds, element_of
from .slabs.geometry import SlabGeometry, Vectors, in_one_piece, wrap
from .slabs.layers import Layer


@dataclass(frozen=True)
class UprightSlab:
    """A slab in a right-handed cell: a along x, b in the xy plane, c along z and the normal.

    :ivar structure: the sites, sorted by element, kind and height, with the kind's name as a
        site property, and its moment if there is one; in one piece, however wide its vacuum is.
    """

    structure: Structure

    @cached_property
    def geometry(self) -> SlabGeometry:
        """Its measures."""
        return SlabGeometry(self.structure.lattice.matrix, self.structure.frac_coords)


@dataclass(frozen=True)
class Cut:
    """What a generator makes.

    :ivar slab: the slab.
    :ivar shift: where it was cut, in planes above the origin.
    :ivar is_symmetric: whether its faces are equivalent.
    :ivar layers: its atomic layers in its cell, from the top to the bottom.
    :ivar span: the numbers of its lowest and its highest layer in the stacking, if they are known.
    """

    slab: UprightSlab
    shift: float
    is_symmetric: bool
    layers: list[Layer]
    span: tuple[int, int] | None = None


def is_along_planes(vectors: Vectors, normal: Vectors) -> bool:
    """Tell whether the first two of three lattice vectors (Å) lie in the plane of the surface."""
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
    :param kinds: what the species of the slab stand for.
    :param center: put the centre of mass in the middle of the cell.
    """
    # pymatgen rewrites a slab's lattice from its lengths and angles, which mirrors the crystal
    # if the vectors were left-handed. The scale factor still knows the vectors in the frame of
    # the bulk.
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

    :param species: of each site, standing for its kind.
    :param lattice: a along x, b in the xy plane, c along z.
    :param coordinates: shape (N, 3), fractional.
    :param kinds: what the species stand for.
    """
    # Elements in pymatgen's order (by electronegativity), so that the composition reads as usual.
    elements = {one: number for number, one in enumerate(sorted(map(element_of, set(species))))}
    ranks = {one: (elements[element_of(one)], kinds.name(one)) for one in set(species)}
    rounded = np.round(coordinates @ lattice.matrix, 3)

    def key(index: int) -> tuple[tuple[int, str], float, float, float]:
        x, y, z = rounded[index]
        return ranks[species[index]], z, x, y

    order = sorted(range(len(species)), key=key)
    ordered = [species[index] for index in order]
    # Sites that share what is on them are made and compared in half the time.
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
