"""Random crystals of any space group, as input of both slab generators.

Numbers of layers, symmetry and translations of such a crystal do not hang on a tolerance, so that
pymatgen, which works with 0.1 Å, and the exact generator, which works with 0.01 Å, see the same
crystal: no distance of neighbouring layers is near 0.1 Å, and the space group is the same within
0.01 Å and within 0.3 Å.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import spglib
from hypothesis import assume
from hypothesis import strategies as st
from numpy.typing import NDArray
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax.surfaces import check_bulk
from bulk_crystals import in_basis

Vectors = NDArray[np.float64]
Plane = tuple[int, int, int]

ELEMENTS = ('Na', 'Mg', 'Al', 'Cl', 'S')

SPECIAL = ((0.0,), (0.0, 0.5), (0.25, 0.75), (0.125, 0.375, 0.625), (0.0, 1 / 3, 2 / 3))
"""Coordinates that lie on symmetry elements in many space groups, by where they go together."""

BASES = (
    ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    ((0, 1, 0), (1, 0, 0), (0, 0, 1)),  # left-handed
    ((1, 1, 0), (0, 1, 0), (0, 1, 1)),  # skewed
    ((1, 0, 0), (0, 1, 1), (0, -1, 1)),  # twice as large
)
"""Cells to write a crystal in."""

PLANES = tuple(
    (h, k, l)
    for h in range(-3, 4)
    for k in range(-3, 4)
    for l in range(-3, 4)
    if math.gcd(h, k, l) == 1
)

MAX_ATOMS = 24
"""The most atoms of a cell: what pymatgen takes grows fast."""

ATTEMPTS = 200
"""So many crystals are tried for a plane."""


@dataclass(frozen=True)
class Sample:
    """A crystal and a plane to cut it along.

    :ivar space_group: its number.
    """

    space_group: int
    crystal: Structure
    plane: Plane

    def __repr__(self) -> str:
        cell, sites = self.crystal.lattice.matrix.tolist(), self.crystal.frac_coords.tolist()
        species = [site.species_string for site in self.crystal]
        return (
            f'Sample({self.space_group}, Structure({cell!r}, {species!r}, {sites!r}), '
            f'{self.plane!r})'
        )


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Draw a plane with indices up to 3 and a crystal of a random space group, in a random cell."""
    plane = draw(st.sampled_from(PLANES))
    # hypothesis likes to draw a number again: with another plane it is another crystal.
    number = draw(st.integers(0, 2**64 - 1))
    random = np.random.default_rng([number, *(3 + index for index in plane)])
    for _ in range(ATTEMPTS):
        space_group = int(random.integers(1, 231))
        crystal = random_crystal(space_group, random)
        if crystal is None:
            continue
        rewritten = in_basis(crystal, BASES[random.integers(len(BASES))])
        if (
            count_atoms(rewritten, plane) <= MAX_ATOMS
            and has_clear_layers(rewritten, plane)
            and has_clear_symmetry(crystal, space_group)
            and check_bulk(crystal) is None
        ):
            return Sample(space_group, rewritten, plane)
    assume(False)
    raise AssertionError('not reached')


def count_atoms(crystal: Structure, plane: Plane) -> int:
    """Return the atoms of the cell that pymatgen makes slabs of; it does not see smaller ones."""
    h, k, l = plane
    cells = abs(h) // (math.gcd(h, k) * math.gcd(h, l)) if h and k and l else 1
    lengths = zip(plane, crystal.lattice.abc, strict=True)
    return len(crystal) * cells * abs(max(lengths, key=lambda one: abs(one[0]) / one[1])[0])


def random_crystal(number: int, random: np.random.Generator) -> Structure | None:
    """Return a crystal of a space group, or None if it has become none."""
    species, coordinates = [], []
    for _ in range(random.integers(1, 6)):
        orbit = _find_orbit(number, _random_place(random))
        if len(coordinates) + len(orbit) > MAX_ATOMS:
            continue
        species += [str(random.choice(ELEMENTS))] * len(orbit)
        coordinates += orbit.tolist()
    if not species:
        return None
    lattice = _random_lattice(number, random)
    crystal = Structure(lattice.scale(random.uniform(14, 20) * len(species)), species, coordinates)
    distances = crystal.distance_matrix + 10 * np.eye(len(crystal))
    return crystal if min(distances.min(), *crystal.lattice.abc) > 1.8 else None


@cache
def _first_settings() -> dict[int, int]:
    """Return the first of Hall's symbols, by number, of each space group."""
    return {spglib.get_spacegroup_type(hall).number: hall for hall in range(530, 0, -1)}


@cache
def operations(number: int) -> tuple[Vectors, Vectors]:
    """Return the rotations and translations of a space group in its first setting."""
    found = spglib.get_symmetry_from_database(_first_settings()[number])
    return found['rotations'], found['translations']


def _find_orbit(number: int, place: Vectors) -> Vectors:
    """Return the places in the cell that are equivalent to one, shape (n, 3)."""
    rotations, translations = operations(number)
    images = np.round((rotations @ place + translations) % 1.0, 10) % 1.0
    _, first = np.unique(np.round(images, 6) % 1.0, axis=0, return_index=True)
    return images[first]


def _random_place(random: np.random.Generator) -> Vectors:
    """Return a place on a symmetry element, perhaps, or a general one."""
    special = random.choice(SPECIAL[random.integers(len(SPECIAL))], 3)
    x, y, z = random.random(3)
    places = (
        *((x, y, z), (x, y, special[2]), (x, special[1], z), (special[0], y, z)),
        *((x, x, z), (x, -x, z), (x, 2 * x, z), (x, 2 * x, special[2]), (x, x, x)),
        *((x, special[1], special[2]), (special[0], y, special[2]), (special[0], special[1], z)),
        *(special, special, special),
    )
    return np.array(places[random.integers(len(places))], dtype=float)


def _random_lattice(number: int, random: np.random.Generator) -> Lattice:
    """Return a lattice that a space group goes with, its vectors about 1 Å long."""
    a, b, c = random.uniform(0.7, 1.4, 3)
    alpha, beta, gamma = random.uniform(75, 110, 3)
    if number <= 2:
        return Lattice.from_parameters(a, b, c, alpha, beta, gamma)
    if number <= 15:
        return Lattice.monoclinic(a, b, c, beta)
    if number <= 74:
        return Lattice.orthorhombic(a, b, c)
    if number <= 142:
        return Lattice.tetragonal(a, c)
    return Lattice.hexagonal(a, c) if number <= 194 else Lattice.cubic(a)


def has_clear_symmetry(crystal: Structure, space_group: int) -> bool:
    """Tell whether a crystal has the symmetry of its space group and no more, not even nearly."""
    cell = (crystal.lattice.matrix, crystal.frac_coords, crystal.atomic_numbers)
    exact, loose = (spglib.get_symmetry_dataset(cell, tolerance) for tolerance in (0.01, 0.3))
    if exact is None or loose is None:
        return False
    return exact.number == loose.number == space_group and len(exact.rotations) == len(
        loose.rotations
    )


def pure_translations(crystal: Structure) -> Vectors:
    """Return the translations of a crystal inside its cell, shape (n, 3), fractional."""
    cell = (crystal.lattice.matrix, crystal.frac_coords, crystal.atomic_numbers)
    found = spglib.get_symmetry(cell, 0.01)
    pure = np.all(found['rotations'] == np.eye(3, dtype=int), axis=(1, 2))
    return np.asarray(found['translations'][pure], dtype=float)


def lattice_translations(crystal: Structure, reach: float) -> Vectors:
    """Return the translations of a crystal up to a length (Å), shape (n, 3), in Å."""
    inside = pure_translations(crystal)
    points, *_ = crystal.lattice.get_points_in_sphere(inside, [0, 0, 0], reach, zip_results=False)
    return np.asarray(crystal.lattice.get_cartesian_coords(points))


def period(crystal: Structure, plane: Plane) -> float:
    """Return the distance of neighbouring lattice planes (Å), those of centred cells too."""
    thousandths = np.round(pure_translations(crystal) @ np.array(plane) * 1000).astype(int) % 1000
    return float(crystal.lattice.d_hkl(plane)) / len(set(thousandths))


def has_clear_layers(crystal: Structure, plane: Plane) -> bool:
    """Tell whether layers are the same for anyone who looks at them within about 0.1 Å.

    No two atoms follow each other at 0.07 to 0.15 Å along the normal, no layer is thicker than
    0.07 Å, and between two layers there is more space than either is thick: pymatgen cuts in the
    middle between their mean heights.
    """
    heights = np.sort(crystal.frac_coords @ np.array(plane) % 1.0)
    heights = heights * float(crystal.lattice.d_hkl(plane))
    gaps = np.diff(heights, append=heights[0] + crystal.lattice.d_hkl(plane))
    if ((gaps > 0.07) & (gaps < 0.15)).any() or gaps.max() < 0.1:
        return False
    # From the first atom above a gap once around the period.
    start = int(np.argmax(gaps)) + 1
    gaps = np.roll(gaps, -start)
    breaks = np.flatnonzero(gaps > 0.1)
    inner = np.split(gaps, breaks + 1)[: len(breaks)]
    spreads = np.array([float(one[:-1].sum()) for one in inner])
    wide = gaps[breaks] > np.maximum(spreads, np.roll(spreads, -1)) + 0.02
    return bool(wide.all() and spreads.max() < 0.07)
