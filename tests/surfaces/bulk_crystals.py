"""Crystals that the tests of this folder cut."""

from functools import cache

import numpy as np
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure


@cache
def _build(space_group: str | int, lattice: Lattice, species: tuple, sites: tuple) -> Structure:
    return Structure.from_spacegroup(space_group, lattice, species, sites)


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
