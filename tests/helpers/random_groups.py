"""Random crystals of molecules, polyhedra and single ions, in many space groups.

No distance is near the limit of a bond, no two centres of groups are nearly at one height, and the
space group is the same within 0.01 Å and within 0.3 Å.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from pymatgen.core.structure import Structure
from scipy.spatial.transform import Rotation

from aiida_slabrelax.surfaces import check_bulk
from random_crystals import (
    Plane,
    Vectors,
    _random_lattice,
    has_clear_symmetry,
    operations,
    period,
)

ATTEMPTS = 100
"""So many crystals are tried for a number."""

TRIES = 50
"""For a group so many places are tried."""

MOST = 8
"""The most operations of a space group, with those that centre its cell."""

APART = 2.9
"""Atoms of different groups are at least so far apart (Å): no bond is so long."""

UNCLEAR = (0.02, 0.1)
"""No heights of centres (Å) differ so much."""

_TETRAHEDRON = 1.54 / np.sqrt(3) * np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
_TRIANGLE = [[1.29, 0, 0], [-0.645, 1.117, 0], [-0.645, -1.117, 0]]

#: The elements and positions (Å) of groups; the bonds of all are shorter than those by radii.
GROUPS = {
    'PO4': (['P', *'OOOO'], [[0, 0, 0], *_TETRAHEDRON.tolist()]),
    'CO3': (['C', *'OOO'], [[0, 0, 0], *_TRIANGLE]),
    'COS': (['C', 'O', 'S'], [[0, 0, 0], [1.16, 0, 0], [-1.56, 0, 0]]),
    'CO2': (['C', 'O', 'O'], [[0, 0, 0], [1.16, 0, 0], [-1.16, 0, 0]]),
    'SOF': (['S', 'O', 'F'], [[0, 0, 0], [1.4, 0, 0], [-0.5, 1.5, 0.2]]),
}


@dataclass(frozen=True)
class GroupSample:
    """A crystal, and the group of each of its atoms; each group is in one piece.

    :ivar space_group: its number.
    """

    space_group: int
    crystal: Structure
    groups: list[int]


@cache
def _space_groups() -> list[int]:
    return [number for number in range(1, 195) if len(operations(number)[0]) <= MOST]


@cache
def make_grouped(number: int) -> GroupSample:
    """Return the crystal of a number."""
    random = np.random.default_rng([number, 17])
    for _ in range(ATTEMPTS):
        space_group = int(random.choice(_space_groups()))
        sample = _random_crystal(space_group, random)
        if (
            sample is not None
            and check_bulk(sample.crystal) is None
            and has_clear_symmetry(sample.crystal, space_group)
        ):
            return sample
    raise AssertionError(f'no crystal for the number {number}')


def _random_crystal(space_group: int, random: np.random.Generator) -> GroupSample | None:
    """Return a crystal, or None if there was no room for the groups."""
    symmetry = operations(space_group)
    names = [str(name) for name in random.choice(['PO4', *GROUPS], random.integers(1, 3))]
    names += ['ion'] * int(random.random() < 0.5)
    n_atoms = sum(len(_shape(name, random)[0]) for name in names) * len(symmetry[0])
    lattice = _random_lattice(space_group, random).scale(random.uniform(22, 30) * n_atoms)
    crystal, groups = None, []
    for name in names:
        for _ in range(TRIES):
            elements, positions = _shape(name, random)
            # Some sit on an element of symmetry.
            centre = random.random(3) if random.random() < 0.8 else np.zeros(3)
            orbit = _images(centre + positions @ np.linalg.inv(lattice.matrix), symmetry)
            species = [*(crystal.species if crystal else ()), *elements * len(orbit)]
            places = [*(crystal.frac_coords if crystal else ()), *np.concatenate(orbit)]
            first = max(groups, default=-1) + 1
            numbers = [first + one for one in range(len(orbit)) for _ in elements]
            larger = Structure(lattice, species, places)
            if _are_apart(larger, np.array(groups + numbers)):
                crystal, groups = larger, groups + numbers
                break
        else:
            return None
    return None if crystal is None else GroupSample(space_group, crystal, groups)


def _shape(name: str, random: np.random.Generator) -> tuple[list[str], Vectors]:
    """Return the elements of a group, and its atoms (Å) in a random orientation."""
    if name == 'ion':
        return [str(random.choice(['Al', 'Mg']))], np.zeros((1, 3))
    elements, positions = GROUPS[name]
    return elements, Rotation.random(random_state=random.integers(2**31)).apply(positions)


def _images(members: Vectors, symmetry: tuple[Vectors, Vectors]) -> list[Vectors]:
    """Return the images of a group, each once."""
    images: list[Vectors] = []
    for rotation, translation in zip(*symmetry, strict=True):
        image = members @ rotation.T + translation
        moves = [image.mean(axis=0) - other.mean(axis=0) for other in images]
        if not any(np.abs(move - np.round(move)).max() < 1e-6 for move in moves):
            images.append(image)
    return images


def _are_apart(crystal: Structure, groups: np.ndarray) -> bool:
    """Tell whether groups are apart; an image of a group in another cell is another one."""
    first, second, images, _ = crystal.get_neighbor_list(APART)
    return not np.any((groups[first] != groups[second]) | np.any(images != 0, axis=1))


def has_clear_centres(sample: GroupSample, plane: Plane) -> bool:
    """Tell whether no two centres are nearly, but not quite at one height."""
    groups, crystal = np.array(sample.groups), sample.crystal
    heights = crystal.frac_coords @ np.array(plane) * crystal.lattice.d_hkl(plane)
    centres = np.array([heights[groups == one].mean() for one in np.unique(groups)])
    step = period(crystal, plane)
    apart = (centres[:, np.newaxis] - centres + step / 2) % step - step / 2
    unclear = (np.abs(apart) > UNCLEAR[0]) & (np.abs(apart) < UNCLEAR[1])
    return not unclear.any()
