"""Crystals that the tests of this folder cut."""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure
from pymatgen.symmetry.groups import SpaceGroup
from scipy.spatial.transform import Rotation


@cache
def _group(space_group: str | int) -> SpaceGroup:
    """Keep a group: pymatgen forgets it with its last user, and a large one takes 0.4 s to make."""
    if isinstance(space_group, int):
        return SpaceGroup.from_int_number(space_group)
    return SpaceGroup(space_group)


@cache
def _build(space_group: str | int, lattice: Lattice, species: tuple, sites: tuple) -> Structure:
    _group(space_group)
    return Structure.from_spacegroup(space_group, lattice, species, sites)


#: Primitive vectors of centred cells, in the vectors of the conventional cell.
FACE_CENTRED = ((0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0))
RHOMBOHEDRAL = ((2 / 3, 1 / 3, 1 / 3), (-1 / 3, 1 / 3, 1 / 3), (-1 / 3, -2 / 3, 1 / 3))


def from_spacegroup(space_group: str | int, lattice: Lattice, species, sites) -> Structure:
    """Return a fresh crystal; looking up the space group takes a while, so it is done once."""
    return _build(space_group, lattice, tuple(species), tuple(map(tuple, sites))).copy()


def copper() -> Structure:
    return from_spacegroup('Fm-3m', Lattice.cubic(3.615), ['Cu'], [[0, 0, 0]])


def silver_phosphate() -> Structure:
    return from_spacegroup(
        'P-43n',
        Lattice.cubic(6.12),
        ['Ag', 'P', 'O'],
        [[0.25, 0, 0.5], [0, 0, 0], [0.148, 0.148, 0.148]],
    )


def strontium_titanate() -> Structure:
    return from_spacegroup(
        'Pm-3m',
        Lattice.cubic(3.905),
        ['Sr', 'Ti', 'O'],
        [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0]],
    )


def rutile() -> Structure:
    return from_spacegroup(
        'P4_2/mnm', Lattice.tetragonal(4.594, 2.959), ['Ti', 'O'], [[0, 0, 0], [0.305, 0.305, 0]]
    )


def gallium_arsenide() -> Structure:
    return from_spacegroup(
        'F-43m', Lattice.cubic(5.653), ['Ga', 'As'], [[0, 0, 0], [0.25, 0.25, 0.25]]
    )


def zinc_oxide() -> Structure:
    """Wurtzite with the bond along c from Zn up to O."""
    return from_spacegroup(
        'P6_3mc',
        Lattice.hexagonal(3.25, 5.207),
        ['Zn', 'O'],
        [[1 / 3, 2 / 3, 0], [1 / 3, 2 / 3, 0.382]],
    )


def quartz() -> Structure:
    """α-quartz in space group 152; its mirror image has 154."""
    return from_spacegroup(
        152,
        Lattice.hexagonal(4.913, 5.405),
        ['Si', 'O'],
        [[0.4697, 0, 1 / 3], [0.4135, 0.2669, 0.2145]],
    )


def triclinic(left_handed: bool = False) -> Structure:
    """Four elements without any symmetry."""
    vectors = Lattice.from_parameters(4.1, 5.3, 6.2, 78, 84, 71).matrix
    species = ['Na', 'Mg', 'S', 'Cl']
    coordinates = np.array([[0, 0, 0], [0.42, 0.1, 0.33], [0.2, 0.55, 0.7], [0.77, 0.61, 0.21]])
    if left_handed:
        vectors, coordinates = vectors[[1, 0, 2]], coordinates[:, [1, 0, 2]]
    return Structure(Lattice(vectors), species, coordinates)


def nickel_oxide(kinds: tuple[str, str] = ('Ni1', 'Ni2')) -> Structure:
    """Rock salt with antiferromagnetic order: layers of Ni1 and Ni2 alternate along c."""
    nickel = [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]
    oxygen = [[0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5], [0.5, 0.5, 0.5]]
    first, second = kinds
    return Structure(
        Lattice.cubic(4.17),
        ['Ni'] * 4 + ['O'] * 4,
        nickel + oxygen,
        site_properties={'kind_name': [first, first, second, second, *['O'] * 4]},
    )


def silicon() -> Structure:
    return from_spacegroup('Fd-3m', Lattice.cubic(5.431), ['Si'], [[0, 0, 0]])


def rock_salt() -> Structure:
    return from_spacegroup('Fm-3m', Lattice.cubic(5.64), ['Na', 'Cl'], [[0, 0, 0], [0.5, 0.5, 0.5]])


def hematite() -> Structure:
    """Fe2O3 in its hexagonal cell."""
    return from_spacegroup(
        'R-3c',
        Lattice.hexagonal(5.038, 13.772),
        ['Fe', 'O'],
        [[0, 0, 0.35530], [0.3059, 0, 0.25]],
    )


def spinel() -> Structure:
    """MgAl2O4."""
    return from_spacegroup(
        'Fd-3m',
        Lattice.cubic(8.083),
        ['Mg', 'Al', 'O'],
        [[0, 0, 0], [0.625, 0.625, 0.625], [0.3873, 0.3873, 0.3873]],
    )


def baddeleyite() -> Structure:
    """Monoclinic ZrO2."""
    return from_spacegroup(
        'P2_1/c',
        Lattice.monoclinic(5.15, 5.212, 5.317, 99.23),
        ['Zr', 'O', 'O'],
        [[0.2754, 0.0395, 0.2083], [0.0700, 0.3317, 0.3447], [0.4496, 0.7569, 0.4792]],
    )


def calcium_titanate() -> Structure:
    """Orthorhombic perovskite with tilted octahedra."""
    return from_spacegroup(
        'Pnma',
        Lattice.orthorhombic(5.4423, 7.6401, 5.3796),
        ['Ca', 'Ti', 'O', 'O'],
        [[0.0365, 0.25, 0.9924], [0, 0, 0.5], [0.4838, 0.25, 0.0714], [0.2889, 0.0372, 0.7112]],
    )


def pyrite() -> Structure:
    """FeS2, cubic without the diagonal mirrors: (210) and (120) differ."""
    return from_spacegroup(
        'Pa-3', Lattice.cubic(5.418), ['Fe', 'S'], [[0, 0, 0], [0.385, 0.385, 0.385]]
    )


def lanthanum() -> Structure:
    """Double hexagonal close packing: layers that differ only in their surroundings."""
    return from_spacegroup(
        'P6_3/mmc',
        Lattice.hexagonal(3.774, 12.171),
        ['La', 'La'],
        [[0, 0, 0], [1 / 3, 2 / 3, 0.25]],
    )


def silicon_carbide_4h() -> Structure:
    """Bilayers of silicon and carbon in the order ABCB, silicon above."""
    return from_spacegroup(
        'P6_3mc',
        Lattice.hexagonal(3.081, 10.085),
        ['Si', 'Si', 'C', 'C'],
        [[0, 0, 0], [1 / 3, 2 / 3, 0.25], [0, 0, 0.8125], [1 / 3, 2 / 3, 0.0625]],
    )


def silicon_carbide_6h() -> Structure:
    """Bilayers of silicon and carbon in the order ABCACB, silicon above."""
    places = {'A': (0, 0), 'B': (1 / 3, 2 / 3), 'C': (2 / 3, 1 / 3)}
    heights = np.arange(6) / 6
    above = [(*places[one], height) for one, height in zip('ABCACB', heights, strict=True)]
    # Each carbon atom has its silicon atom straight above the next bilayer's place.
    below = [(*place[:2], place[2] - 0.125) for place in above]
    return Structure(Lattice.hexagonal(3.081, 15.12), ['Si'] * 6 + ['C'] * 6, above + below)


def lithium_cobaltate() -> Structure:
    """Rhombohedral LiCoO2 in its hexagonal cell."""
    return from_spacegroup(
        'R-3m',
        Lattice.hexagonal(2.816, 14.054),
        ['Li', 'Co', 'O'],
        [[0, 0, 0.5], [0, 0, 0], [0, 0, 0.2605]],
    )


def garnet() -> Structure:
    """Yttrium aluminium garnet: 160 atoms in the conventional cell."""
    return from_spacegroup(
        'Ia-3d',
        Lattice.cubic(12.006),
        ['Y', 'Al', 'Al', 'O'],
        [[0.125, 0, 0.25], [0, 0, 0], [0.375, 0, 0.25], [-0.0306, 0.0512, 0.15]],
    )


def mirrored(crystal: Structure) -> Structure:
    """Return the image of a crystal in the plane x = 0."""
    return Structure(
        Lattice(crystal.lattice.matrix * [-1, 1, 1]),
        crystal.species,
        crystal.frac_coords,
        site_properties=crystal.site_properties,
    )


def rewritten(crystal: Structure, seed: int, noise: float = 0.0) -> Structure:
    """Shift the origin, rotate the crystal, mix the order of its atoms and move them a little.

    :param noise: the largest move along each axis, in Å.
    """
    random = np.random.default_rng(seed)
    rotation = Rotation.random(random_state=random.integers(2**31)).as_matrix()
    order = random.permutation(len(crystal))
    coordinates = (crystal.frac_coords + random.random(3))[order] % 1.0
    lattice = Lattice(crystal.lattice.matrix @ rotation.T)
    moves = noise * (2 * random.random((len(crystal), 3)) - 1)
    return Structure(
        lattice,
        [crystal.species[index] for index in order],
        lattice.get_cartesian_coords(coordinates) + moves,
        coords_are_cartesian=True,
        site_properties={
            name: [values[index] for index in order]
            for name, values in crystal.site_properties.items()
        },
    )


def in_basis(crystal: Structure, rows: ArrayLike) -> Structure:
    """Write a crystal in another cell, larger or smaller.

    :param rows: shape (3, 3), the vectors of that cell in the basis of the given one. Miller
        indices (hkl) become ``rows @ hkl``.
    """
    rows = np.asarray(rows, dtype=float)
    reach = np.ceil(np.abs(rows).sum(axis=0)).astype(int)
    moves = np.mgrid[tuple(slice(-one, one + 1) for one in reach)].reshape(3, -1).T
    coordinates = (crystal.frac_coords[:, np.newaxis] + moves).reshape(-1, 3)
    coordinates = coordinates @ np.linalg.inv(rows) % 1.0
    # An odd offset keeps special places away from where numbers are rounded up or down.
    places = np.round((coordinates + 0.0123456789) % 1.0, 5) % 1.0
    _, kept = np.unique(places, axis=0, return_index=True)
    sites = kept // len(moves)
    return Structure(
        Lattice(rows @ crystal.lattice.matrix),
        [crystal.species[site] for site in sites],
        coordinates[kept],
        site_properties={
            name: [values[site] for site in sites]
            for name, values in crystal.site_properties.items()
        },
    )
