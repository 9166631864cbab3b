"""The bonds of a crystal: pairs of atoms that are as close as their covalent radii tell."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement

import numpy as np
from ase.data import covalent_radii
from pymatgen.core.periodic_table import Element
from pymatgen.optimization.neighbors import find_points_in_spheres

from ..bulk.crystal import Booleans, Crystal, Integers, Vectors
from ..bulk.symmetrized import symmetrize
from ..reasons import SlabGenerationError

LOOSENESS = 0.4
"""Atoms are bonded up to this much (Å) beyond the sum of their covalent radii, the convention of
the Cambridge Structural Database."""

ROUNDING = 1e-6
"""Distances (Å) that symmetry makes equal differ by less."""

SHARED = 0.05
"""A hydrogen whose distances (Å) from two atoms differ by less is halfway between them."""

STRONG = 3.0
"""Hydrogen bonds are those to atoms with an electronegativity (Pauling) of at least this: N, O, F,
Cl."""


@dataclass(frozen=True)
class Bonds:
    """The bonds of the atoms of a primitive cell, each seen from both of its atoms.

    :ivar first: the atom it is seen from, shape (M,).
    :ivar second: the other atom, shape (M,).
    :ivar cells: the cell of the other atom, shape (M, 3).
    :ivar lengths: in Å, shape (M,).
    """

    first: Integers
    second: Integers
    cells: Integers
    lengths: Vectors

    def where(self, chosen: Booleans) -> Bonds:
        """Return some of them."""
        return Bonds(
            self.first[chosen], self.second[chosen], self.cells[chosen], self.lengths[chosen]
        )

    def __len__(self) -> int:
        """Return the number of bonds, each counted from both sides."""
        return len(self.first)


def find_bonds(crystal: Crystal, lengths: Mapping[str, float] | None = None) -> Bonds:
    """Return the bonds of a crystal.

    Two atoms are bonded if their distance is at most the sum of their covalent radii (Cordero et
    al., Dalton Trans. 2008, 2832) and 0.4 Å, but for contacts that are no bonds:

    - between metals, if there are nonmetals in the crystal;
    - of a metal with an atom whose more electronegative neighbour is nearer, such as that with P of
      phosphate;
    - hydrogen bonds: a hydrogen is bonded to the nearest of its neighbours N, O, F and Cl, and to
      none if it is halfway between two.

    :param lengths: instead of that, the largest length (Å) of the bonds of each pair of elements,
        such as ``{'P-O': 1.8}``; others are no bonds.
    :raises SlabGenerationError: if an element is not in the crystal.
    """
    places = symmetrize(crystal)
    if lengths is not None:
        return _within(crystal, places, _given_limits(crystal, lengths))
    numbers = sorted({one.Z for one in crystal.elements})
    limits = {
        frozenset(pair): float(covalent_radii[list(pair)].sum()) + LOOSENESS
        for pair in combinations_with_replacement(numbers, 2)
    }
    bonds = _within(crystal, places, limits)
    bonds = _without_metal_contacts(crystal, places, bonds)
    return _without_hydrogen_bonds(crystal, bonds)


def shortest_distance(crystal: Crystal, first: str, second: str, reach: float) -> float | None:
    """Return the shortest distance (Å) between atoms of two elements, if there is one in reach."""
    pair = frozenset((Element(first).Z, Element(second).Z))
    found = _within(crystal, symmetrize(crystal), {pair: reach})
    return float(found.lengths.min()) if len(found) else None


def _given_limits(crystal: Crystal, lengths: Mapping[str, float]) -> dict[frozenset[int], float]:
    limits = {}
    for pair, length in lengths.items():
        elements = [Element(symbol) for symbol in pair.split('-')]
        for element in elements:
            if element not in crystal.elements:
                raise SlabGenerationError(
                    f'The crystal has no {element}: {pair!r} is no bond of it.', option='bonds'
                )
        limits[frozenset(one.Z for one in elements)] = float(length)
    return limits


def _within(
    crystal: Crystal, places: tuple[Vectors, Vectors], limits: Mapping[frozenset[int], float]
) -> Bonds:
    """Return all pairs of atoms within the limits (Å) of their elements (by atomic number).

    :param places: the cell and the atoms in it, from :func:`~..bulk.symmetrized.symmetrize`.
    """
    vectors, coordinates = places
    positions = np.ascontiguousarray(coordinates @ vectors)
    first, second, cells, lengths = find_points_in_spheres(
        positions,
        positions,
        r=max(limits.values()) + ROUNDING,
        pbc=np.ones(3, dtype=np.int64),
        lattice=np.ascontiguousarray(vectors),
        tol=1e-8,
    )
    numbers = np.array([one.Z for one in crystal.elements])
    highest = int(numbers.max()) + 1
    table = np.full((highest, highest), -1.0)
    for pair, limit in limits.items():
        one, other = (*pair, *pair)[:2]
        if max(pair) < highest:
            table[one, other] = table[other, one] = limit + ROUNDING
    near = (lengths > 1e-3) & (lengths <= table[numbers[first], numbers[second]])
    found = Bonds(first, second, np.rint(cells).astype(np.int64), lengths)
    return found.where(near)


def _without_metal_contacts(
    crystal: Crystal, places: tuple[Vectors, Vectors], bonds: Bonds
) -> Bonds:
    elements = crystal.elements
    metal = np.array([one.is_metal for one in elements])
    nonmetal = np.array([not one.is_metal and not one.is_metalloid for one in elements])
    if not metal.any() or metal.all():
        return bonds
    if nonmetal.any():
        bonds = bonds.where(~(metal[bonds.first] & metal[bonds.second]))
    hidden = _are_behind_neighbours(crystal, places, bonds, metal)
    # Of a contact both ways are dropped.
    keys = _key(bonds.first, bonds.second, bonds.cells)
    back = _key(bonds.second, bonds.first, -bonds.cells)
    return bonds.where(~hidden & ~np.isin(back, keys[hidden]))


def _are_behind_neighbours(
    crystal: Crystal, places: tuple[Vectors, Vectors], bonds: Bonds, metal: Booleans
) -> Booleans:
    """Return which bonds lead from a metal to an atom that has a neighbour nearer to the metal.

    Only neighbours count that are more electronegative than this atom.
    """
    hidden = np.zeros(len(bonds), dtype=bool)
    attraction = np.array([electronegativity(one) for one in crystal.elements])
    contacts = np.flatnonzero(metal[bonds.first] & ~metal[bonds.second])
    ligands = np.flatnonzero(
        ~metal[bonds.first]
        & ~metal[bonds.second]
        & (attraction[bonds.second] > attraction[bonds.first])
    )
    if not contacts.size or not ligands.size:
        return hidden
    # Each contact metal-atom with each bond of this atom to a ligand.
    ligands = ligands[np.argsort(bonds.first[ligands], kind='stable')]
    middle = bonds.second[contacts]
    starts = np.searchsorted(bonds.first[ligands], middle, side='left')
    counts = np.searchsorted(bonds.first[ligands], middle, side='right') - starts
    contact = np.repeat(contacts, counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    ligand = ligands[np.repeat(starts, counts) + within]
    vectors, coordinates = places
    cells = bonds.cells[contact] + bonds.cells[ligand]
    ways = coordinates[bonds.second[ligand]] + cells - coordinates[bonds.first[contact]]
    nearer = np.linalg.norm(ways @ vectors, axis=1) < bonds.lengths[contact] - ROUNDING
    hidden[contact[nearer]] = True
    return hidden


def _without_hydrogen_bonds(crystal: Crystal, bonds: Bonds) -> Bonds:
    symbols = np.array([one.symbol for one in crystal.elements])
    strong = np.array([electronegativity(one) >= STRONG for one in crystal.elements])
    is_hydrogen = np.isin(symbols, ('H', 'D', 'T'))
    candidates = is_hydrogen[bonds.first] & strong[bonds.second]
    dropped = np.zeros(len(bonds), dtype=bool)
    for atom in np.unique(bonds.first[candidates]):
        mine = np.flatnonzero(candidates & (bonds.first == atom))
        mine = mine[np.argsort(bonds.lengths[mine])]
        shared = len(mine) > 1 and np.diff(bonds.lengths[mine])[0] < SHARED
        dropped[mine if shared else mine[1:]] = True
    keys = _key(bonds.first, bonds.second, bonds.cells)
    back = _key(bonds.second, bonds.first, -bonds.cells)
    return bonds.where(~dropped & ~np.isin(back, keys[dropped]))


@cache
def electronegativity(element: Element) -> float:
    """Return the electronegativity (Pauling); 0 for a noble gas that has none."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        value = float(element.X)
    return 0.0 if np.isnan(value) else value


def _key(first: Integers, second: Integers, cells: Integers) -> Integers:
    """Return a number for each bond as it is seen from its first atom."""
    size = int(max(first.max(initial=0), second.max(initial=0))) + 1
    reach = int(np.abs(cells).max(initial=0))
    base = 2 * reach + 1
    number = first.astype(np.int64) * size + second
    for column in (cells + reach).T:
        number = number * base + column
    return number
