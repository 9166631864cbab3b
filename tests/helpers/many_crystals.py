"""Crystals and planes to cut them along: the same ones for the same number.

Real crystals come first, then random ones of each crystal system in turn, with space groups and
atoms by chance. All are written in cells by chance: primitive, centred, doubled, skewed,
left-handed, with another origin and orientation. In every other one an element has several kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import spglib
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

import bulk_crystals
from aiida_slabrelax.surfaces import check_bulk
from half_crystals import LAYER_TOLERANCE, Plane, find_breaks, kinds_of
from random_crystals import (
    BASES,
    PLANES,
    has_clear_symmetry,
    random_crystal,
)

SYSTEMS = {
    'triclinic': range(1, 3),
    'monoclinic': range(3, 16),
    'orthorhombic': range(16, 75),
    'tetragonal': range(75, 143),
    'trigonal': range(143, 168),
    'hexagonal': range(168, 195),
    'cubic': range(195, 231),
}
"""The numbers of the space groups of each crystal system."""

REAL: tuple[Callable[[], Structure], ...] = (
    bulk_crystals.baddeleyite,
    bulk_crystals.calcium_titanate,
    bulk_crystals.copper,
    bulk_crystals.gallium_arsenide,
    bulk_crystals.hematite,
    bulk_crystals.lanthanum,
    bulk_crystals.lithium_cobaltate,
    bulk_crystals.nickel_oxide,
    bulk_crystals.pyrite,
    bulk_crystals.quartz,
    bulk_crystals.rock_salt,
    bulk_crystals.rutile,
    bulk_crystals.silicon,
    bulk_crystals.silicon_carbide_4h,
    bulk_crystals.silicon_carbide_6h,
    bulk_crystals.silver_phosphate,
    bulk_crystals.spinel,
    bulk_crystals.strontium_titanate,
    bulk_crystals.zinc_oxide,
)

MARGIN = 2e-3
"""The layers are the same with a tolerance that differs by this (Å)."""


def make_crystal(number: int) -> tuple[Structure, int]:
    """Return a crystal and its space group, without regard to kinds."""
    random = np.random.default_rng([number, 1])
    if number < len(REAL):
        crystal = REAL[number]()
        space_group = _find_space_group(crystal)
    else:
        system = list(SYSTEMS.values())[number % len(SYSTEMS)]
        crystal, space_group = _random_crystal(system, random)
        if number % 2:
            crystal = _with_kinds(crystal)
    crystal = _to_primitive(crystal) if random.random() < 0.3 else crystal
    basis = BASES[random.integers(len(BASES))] if len(crystal) <= 30 else BASES[0]
    crystal = bulk_crystals.in_basis(crystal, basis)
    return bulk_crystals.rewritten(crystal, int(random.integers(2**31))), space_group


def choose_planes(
    crystal: Structure, number: int, count: int, tolerance: float = LAYER_TOLERANCE
) -> list[Plane]:
    """Return planes of a crystal whose layers nobody can doubt, with indices up to 3."""
    random = np.random.default_rng([number, 2])
    planes = (PLANES[one] for one in random.permutation(len(PLANES)))
    clear = (one for one in planes if _has_clear_gaps(crystal, one, tolerance))
    return [plane for plane, _ in zip(clear, range(count), strict=False)]


def _random_crystal(space_groups: range, random: np.random.Generator) -> tuple[Structure, int]:
    for space_group in _forever(space_groups, random):
        crystal = random_crystal(space_group, random)
        if crystal and has_clear_symmetry(crystal, space_group) and check_bulk(crystal) is None:
            return crystal, space_group
    raise AssertionError('not reached')


def _forever(space_groups: range, random: np.random.Generator) -> Iterator[int]:
    while True:
        yield int(random.choice(space_groups))


def _find_space_group(crystal: Structure) -> int:
    cell = (crystal.lattice.matrix, crystal.frac_coords, crystal.atomic_numbers)
    return int(spglib.get_symmetry_dataset(cell, 1e-3).number)


def _with_kinds(crystal: Structure) -> Structure:
    """Return a crystal in which atoms of one element that no operation relates differ in kind."""
    cell = (crystal.lattice.matrix, crystal.frac_coords, crystal.atomic_numbers)
    orbits = spglib.get_symmetry_dataset(cell, 1e-3).crystallographic_orbits
    names = [f'{one.species_string}{orbit}' for one, orbit in zip(crystal, orbits, strict=True)]
    return crystal.copy(site_properties={'kind_name': names})


def _to_primitive(crystal: Structure) -> Structure:
    kinds = kinds_of(crystal)
    names, numbers = np.unique(kinds, return_inverse=True)
    cell = (crystal.lattice.matrix, crystal.frac_coords, numbers + 1)
    lattice, coordinates, numbers = spglib.find_primitive(cell, 1e-3)
    elements = dict(zip(kinds, crystal.species, strict=True))
    chosen = names[numbers - 1]
    return Structure(
        Lattice(lattice),
        [elements[one] for one in chosen],
        coordinates,
        site_properties={'kind_name': chosen.tolist()},
    )


def _has_clear_gaps(crystal: Structure, plane: Plane, tolerance: float) -> bool:
    spacing = crystal.lattice.d_hkl(plane)
    heights = np.sort(crystal.frac_coords @ np.array(plane) % 1.0) * spacing
    around = [*heights, heights[0] + spacing]
    low, high = (find_breaks(around, tolerance + one) for one in (-MARGIN, MARGIN))
    return len(low) > 0 and np.array_equal(low, high)
