"""Distinct ways to leave a part of a layer on each face of a slab."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cmp_to_key

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..bulk.crystal import Booleans, Integers, Vectors, find_symmetry
from ..slabs.geometry import wrap

MOST = 200_000
"""So many arrangements are compared at most."""

SAME_DISTANCE = 0.05
"""Distances (Å) in the order of arrangements that differ by less are equal."""

HEIGHT = 100.0
"""Heights are divided by this (Å) for a search among coordinates of about 1."""


@dataclass(frozen=True)
class Units:
    """What is moved from one face to the other as a whole: the atoms or groups of two layers.

    :ivar members: the atoms of all units in the primitive cell, shape (N,).
    :ivar positions: their positions, shape (N, 3), in Å.
    :ivar numbers: the unit of each atom, shape (N,).
    :ivar kinds: the names of the kinds in each of the U units, sorted.
    :ivar charges: the charge of each unit, shape (U,), in e.
    :ivar is_upper: whether each is in the upper layer, shape (U,).
    """

    members: Integers
    positions: Vectors
    numbers: Integers
    kinds: list[tuple[str, ...]]
    charges: Vectors
    is_upper: Booleans


@dataclass(frozen=True)
class Arrangement:
    """Which units are there.

    :ivar occupied: shape (U,).
    :ivar order: the number of operations of the slab with all units that keep it.
    :ivar is_symmetric: whether one of them exchanges the faces.
    """

    occupied: Booleans
    order: int
    is_symmetric: bool


def list_choices(charges: Vectors, part: float, tolerance: float) -> list[tuple[int, ...]]:
    """Return the sets of units with a part of the charge of all of them, as close as there are.

    :param charges: of each unit, in e.
    :param part: between 0 and 1.
    :param tolerance: the largest difference of the parts.
    """
    numbers = range(len(charges))
    sets = [one for size in range(1, len(charges)) for one in itertools.combinations(numbers, size)]
    if not sets:
        return []
    parts = np.array([charges[list(one)].sum() for one in sets]) / charges.sum()
    missed = np.abs(parts - part)
    if missed.min() > tolerance:
        return []
    return [one for one, miss in zip(sets, missed, strict=True) if miss < missed.min() + 1e-6]


def find_permutations(
    units: Units, plane: Vectors, members: Integers, positions: Vectors, species: Sequence[int]
) -> tuple[NDArray[np.int64], Booleans]:
    """Return how the operations of a slab with all units permute them.

    :param plane: shape (2, 2), its cell in the plane, in Å.
    :param members: the atoms of the slab, first those of the units.
    :param positions: of these atoms, in Å.
    :param species: equal numbers for equal atoms.
    :returns: where each operation takes each unit, shape (n, U), and whether it exchanges faces.
    """
    lattice = np.zeros((3, 3))
    height = float(np.ptp(positions[:, 2])) + 15.0
    lattice[:2, :2], lattice[2, 2] = plane, height
    coordinates = positions @ np.linalg.inv(lattice)
    found = find_symmetry(lattice, coordinates, species)
    ends = coordinates[: len(units.members)]
    firsts = np.unique(units.numbers, return_index=True)[1]
    scale = np.array([1.0, 1.0, height / HEIGHT])
    tree = cKDTree(_wrapped(ends) * scale, boxsize=(1.0, 1.0, 0.0))
    images = ends[firsts] @ found.rotations.transpose(0, 2, 1) + found.translations[:, np.newaxis]
    # The slab itself does not repeat along its normal.
    images[:, :, 2] -= np.round(images[:, :, 2] - ends[:, 2].mean())
    _, atoms = tree.query(_wrapped(images) * scale)
    permuted = units.numbers[np.asarray(atoms)]
    turns = found.rotations[:, 2, 2] == -1
    return np.asarray(permuted, dtype=np.int64), np.asarray(turns)


def distinct(
    units: Units, choices: Sequence[tuple[int, ...]], permuted: NDArray[np.int64], turns: Booleans
) -> list[Arrangement] | None:
    """Return one arrangement of each kind, the most symmetric first.

    :param choices: the sets of upper units that may be moved.
    :param permuted: where each operation takes each unit, shape (n, U).
    :param turns: whether an operation exchanges the faces, shape (n,).
    :returns: None if there are too many to compare.
    """
    upper, lower = np.flatnonzero(units.is_upper), np.flatnonzero(~units.is_upper)
    weights = 2 ** np.arange(len(units.kinds), dtype=np.int64)
    sets = np.ones((len(choices), len(units.kinds)), dtype=bool)
    sets[:, lower] = False
    for row, choice in zip(sets, choices, strict=True):
        row[upper[list(choice)]] = False
    keys = _keys(sets, permuted[~turns], weights)
    _, firsts = np.unique(keys.min(axis=0), return_index=True)
    patterns = []
    for row in firsts:
        moved = upper[list(choices[row])]
        for chosen in _fillings(units.kinds, moved, lower):
            pattern = sets[row].copy()
            pattern[list(chosen)] = True
            patterns.append(pattern)
            if len(patterns) * len(permuted) > 100 * MOST or len(patterns) > MOST:
                return None
    found = np.array(patterns)
    keys = _keys(found, permuted, weights)
    _, firsts = np.unique(keys.min(axis=0), return_index=True)
    arrangements = []
    for row in firsts:
        keeping = keys[:, row] == found[row] @ weights
        arrangements.append(
            Arrangement(found[row], int(keeping.sum()), bool((keeping & turns).any()))
        )
    return arrangements


def in_order(
    arrangements: Sequence[Arrangement], units: Units, plane: Vectors
) -> list[Arrangement]:
    """Return the most symmetric first, then those with few units, then by their distances."""

    def compare(first: tuple[Arrangement, Vectors], second: tuple[Arrangement, Vectors]) -> int:
        if first[0].order != second[0].order:
            return second[0].order - first[0].order
        if len(first[1]) != len(second[1]):
            return len(first[1]) - len(second[1])
        differ = np.flatnonzero(np.abs(first[1] - second[1]) > SAME_DISTANCE)
        return 0 if not differ.size else int(np.sign((first[1] - second[1])[differ[0]]))

    measured = [(one, _distances(one, units, plane)) for one in arrangements]
    return [one for one, _ in sorted(measured, key=cmp_to_key(compare))]


def _fillings(
    kinds: Sequence[tuple[str, ...]], moved: Integers, lower: Integers
) -> Iterator[tuple[int, ...]]:
    """Yield the sets of lower units with the kinds of the moved ones."""
    needed = Counter(kinds[one] for one in moved)
    by_kind = [
        itertools.combinations([one for one in lower if kinds[one] == kind], count)
        for kind, count in sorted(needed.items())
    ]
    for sets in itertools.product(*by_kind):
        yield tuple(one for chosen in sets for one in chosen)


def _keys(
    patterns: Booleans, permuted: NDArray[np.int64], weights: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return a number for each pattern after each operation, shape (n, P)."""
    return np.array([patterns @ weights[one] for one in permuted])


def _distances(arrangement: Arrangement, units: Units, plane: Vectors) -> Vectors:
    """Return the distances (Å) in the plane of the atoms of the units that are there.

    First those within the upper face and within the lower one, then those from one to the other.
    """
    there = arrangement.occupied[units.numbers]
    places, above = units.positions[there, :2], units.is_upper[units.numbers][there]
    ways = (places[:, np.newaxis] - places) @ np.linalg.inv(plane)
    ways -= np.round(ways)
    images = np.mgrid[-2:3, -2:3].reshape(2, -1).T
    distances = np.linalg.norm((ways[:, :, np.newaxis] + images) @ plane, axis=3).min(axis=2)
    pairs = ((above, above), (~above, ~above), (above, ~above))
    return np.concatenate([np.sort(distances[one][:, two], axis=None) for one, two in pairs])


def _wrapped(coordinates: Vectors) -> Vectors:
    planar = wrap(coordinates[..., :2])
    return np.concatenate([planar, coordinates[..., 2:]], axis=-1)
