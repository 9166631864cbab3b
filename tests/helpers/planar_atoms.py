"""Atoms that repeat in a plane, and the isometries between them: from places alone, with numpy."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]

SAME_PLACE = 2e-3
"""Atoms this near (Å) are in one place; the crystals are exact to far less."""


@dataclass(frozen=True)
class Atoms:
    """Atoms that repeat in a plane.

    :ivar plane: shape (2, 2), the periods as rows, in Å.
    :ivar kinds: shape (N,), the names of the kinds.
    :ivar places: shape (N, 3), in Å; the third is the height.
    """

    plane: Vectors
    kinds: NDArray[np.str_]
    places: Vectors

    @property
    def area(self) -> float:
        """The area of one period, in Å²."""
        return abs(float(np.linalg.det(self.plane)))

    @property
    def thickness(self) -> float:
        """The distance from the lowest to the highest atom, in Å."""
        return float(np.ptp(self.places[:, 2]))

    def turned_over(self) -> Atoms:
        """Return the mirror image whose upper side is the lower one of these atoms."""
        return Atoms(self.plane, self.kinds, self.places * [1, 1, -1])

    @cached_property
    def profile(self) -> tuple[NDArray[np.str_], Vectors]:
        """The kinds and the depths (Å) below the highest atom, kind by kind from outside."""
        depths = self.places[:, 2].max() - self.places[:, 2]
        order = np.lexsort([depths, self.kinds])
        return self.kinds[order], depths[order]


def is_equal(first: Atoms, second: Atoms, mirrors: bool = True) -> bool:
    """Tell whether an isometry takes atoms to others, the upper side to the upper side.

    :param mirrors: it may be a mirror, and not only a rotation.
    """
    if len(first.kinds) != len(second.kinds) or abs(first.area - second.area) > SAME_PLACE:
        return False
    (kinds, depths), (other_kinds, other_depths) = first.profile, second.profile
    if (kinds != other_kinds).any() or np.abs(depths - other_depths).max() > SAME_PLACE:
        return False
    maps = [one for one in find_maps(first.plane, second.plane) if mirrors or _is_rotation(one)]
    return bool(maps) and len(_find_moves(first, second, maps)) > 0


def find_maps(first: Vectors, second: Vectors) -> list[Vectors]:
    """Return the rotations and mirrors of the plane that take one lattice onto another.

    :param first: shape (2, 2), a reduced basis as rows, in Å.
    :param second: a basis of the other lattice, reduced too.
    :returns: matrices M that take the row vector v to v M.
    """
    # A vector as long as the shortest or the second one has small coordinates in a reduced basis.
    points = np.mgrid[-2:3, -2:3].reshape(2, -1).T @ second
    lengths = np.linalg.norm(points, axis=1)
    images = [points[np.abs(lengths - one) < SAME_PLACE] for one in np.linalg.norm(first, axis=1)]
    return [
        np.linalg.solve(first, np.array(pair))
        for pair in itertools.product(*images)
        if abs(pair[0] @ pair[1] - first[0] @ first[1]) < SAME_PLACE * lengths.max()
        and abs(abs(np.linalg.det(pair)) - abs(np.linalg.det(first))) < SAME_PLACE * lengths.max()
    ]


def reduce_period(atoms: Atoms) -> Atoms:
    """Return atoms with the smallest period that they have in the plane."""
    moves = _find_moves(atoms, atoms, [np.eye(2)])
    if len(moves) == 1:
        return atoms
    counted = moves @ np.linalg.inv(atoms.plane)
    grid = np.mgrid[-2:3, -2:3].reshape(2, -1).T
    points = (counted - np.round(counted))[:, np.newaxis] + grid
    plane = shortest_pair(points.reshape(-1, 2) @ atoms.plane)
    return without_copies(Atoms(plane, atoms.kinds, atoms.places))


def _find_moves(first: Atoms, second: Atoms, maps: Sequence[Vectors]) -> Vectors:
    """Return the translations (Å) that, each after one of the maps, take atoms to others."""
    upper, other_upper = (one.places[:, 2].max() - one.places[:, 2] for one in (first, second))
    alike = first.kinds[:, np.newaxis] == second.kinds
    alike &= np.abs(upper[:, np.newaxis] - other_upper) < 2 * SAME_PLACE
    partners = alike.sum(axis=1)
    if not partners.all():
        return np.empty((0, 2))
    # An atom with the fewest possible images: each is tried.
    anchor = int(partners.argmin())
    ends = second.places[alike[anchor], :2]
    atoms, images = np.nonzero(alike)
    starts = np.searchsorted(atoms, np.arange(len(partners)))
    inverse = np.linalg.inv(second.plane)
    found = []
    for matrix in maps:
        mapped = first.places[:, :2] @ matrix
        moves = ends - mapped[anchor]
        apart = mapped[atoms] - second.places[images, :2] + moves[:, np.newaxis]
        counted = apart @ inverse
        apart = (counted - np.round(counted)) @ second.plane
        near = np.linalg.norm(apart, axis=2) < 2 * SAME_PLACE
        found.append(moves[np.logical_or.reduceat(near, starts, axis=1).all(axis=1)])
    return np.concatenate(found)


def _is_rotation(matrix: Vectors) -> bool:
    return bool(np.linalg.det(matrix) > 0)


def shortest_pair(vectors: Vectors) -> Vectors:
    """Return the two shortest vectors of a lattice that span it, right-handed, shape (2, 2)."""
    lengths = np.linalg.norm(vectors, axis=1)
    vectors = vectors[np.argsort(lengths)][np.sort(lengths) > SAME_PLACE]
    a = vectors[0]
    across = np.abs(a[0] * vectors[:, 1] - a[1] * vectors[:, 0]) / np.linalg.norm(a)
    b = vectors[np.flatnonzero(across > SAME_PLACE)[0]]
    return np.array([a, b if a[0] * b[1] > a[1] * b[0] else -b])


def without_copies(atoms: Atoms) -> Atoms:
    """Return atoms without those that are a period away from an earlier one."""
    counted = atoms.places[:, :2] @ np.linalg.inv(atoms.plane)
    apart = counted[:, np.newaxis] - counted
    apart = (apart - np.round(apart)) @ atoms.plane
    heights = atoms.places[:, 2]
    same = np.linalg.norm(apart, axis=2) < SAME_PLACE
    same &= np.abs(heights[:, np.newaxis] - heights) < SAME_PLACE
    same &= atoms.kinds[:, np.newaxis] == atoms.kinds
    kept = same.argmax(axis=1) == np.arange(len(heights))
    return Atoms(atoms.plane, atoms.kinds[kept], atoms.places[kept])
