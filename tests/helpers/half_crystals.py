"""A crystal cut in two, from the places of its atoms alone: numpy, and nothing of the package.

A cut through a gap between atomic layers leaves two half crystals. Two *faces*, each a half crystal
seen from outside, are equal if an isometry takes one half crystal to the other, and outwards to
outwards. It may be a rotation or a mirror: half of a crystal determines the whole, by its
translations, so an isometry between two halves of one crystal is an operation of that crystal. In a
chiral crystal none of them is a mirror, and faces that are each other's mirror image do not occur.

Two periods of layers are enough to compare. One period has the same translations in the plane as
the crystal; where an isometry takes the first period to a first and the second to a second one, it
also takes the step from one to the next along, and with it all that is below.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pymatgen.core.structure import Structure

from planar_atoms import SAME_PLACE, Atoms, Vectors, is_equal, shortest_pair, without_copies

Plane = tuple[int, int, int]

LAYER_TOLERANCE = 0.05
"""No layer is thicker than this (Å), if it has a gap that can be cut."""

NARROWEST_GAP = 0.01
"""Successive atoms that are nearer than this (Å) along the normal are never cut apart."""

AS_WIDE = 0.005
"""Gaps (Å) that differ by less are cut together."""


def kinds_of(structure: Structure) -> NDArray[np.str_]:
    """Return the name of each atom's kind, by default that of its species."""
    names = structure.site_properties.get('kind_name') or [one.species_string for one in structure]
    return np.array(names)


def find_breaks(heights: list[float], tolerance: float) -> NDArray[np.intp]:
    """Return after which atoms of a period a layer ends.

    Every gap wider than the tolerance is cut, or else the widest ones. What is thicker than the
    tolerance then is cut at its widest gaps, over and over.

    :param heights: in ascending order (Å), and at last that of the first atom a period higher.
    """
    gaps = np.diff(heights)
    n, widest = len(gaps), gaps.max()
    ends = {number for number in range(n) if gaps[number] > tolerance}
    if not ends and widest >= NARROWEST_GAP:
        ends = {number for number in range(n) if gaps[number] > widest - AS_WIDE}
    while True:
        more: set[int] = set()
        for first in ends:
            # The gaps inside the layer above this one, once around the period.
            around = [(first + one) % n for one in range(1, n + 1)]
            inner = around[: next(one for one in range(n) if around[one] in ends)]
            if sum(gaps[inner]) > tolerance and max(gaps[inner]) >= NARROWEST_GAP:
                more |= {one for one in inner if gaps[one] > max(gaps[inner]) - AS_WIDE}
        if not more:
            return np.array(sorted(ends), dtype=int)
        ends |= more


def find_translations(structure: Structure) -> Vectors:
    """Return the translations that keep a crystal, within its cell, in Å, shape (n, 3)."""
    kinds, vectors = kinds_of(structure), structure.lattice.matrix
    rarest = min(set(kinds), key=lambda one: (kinds == one).sum())
    coordinates = structure.frac_coords
    found = []
    for place in coordinates[kinds == rarest]:
        move = place - coordinates[kinds == rarest][0]
        apart = coordinates[:, np.newaxis] + move - coordinates
        apart = np.linalg.norm((apart - np.round(apart)) @ vectors, axis=2)
        nearest = apart.argmin(axis=1)
        if (apart.min(axis=1) < SAME_PLACE).all() and (kinds[nearest] == kinds).all():
            found.append(move @ vectors)
    return np.array(found)


@dataclass(frozen=True)
class Layers:
    """A crystal along the normal of a plane: its layers, and the gaps between them.

    Layers are counted upwards; the cut with the number k is above layer k.

    :ivar plane: shape (2, 2), the smallest period in the plane, in Å.
    :ivar step: shape (3,), from the layers to those one period above, in Å.
    :ivar layers: those of one period.
    :ivar origin: the height of the lowest atom of the first above the origin of the crystal, in Å.
    """

    plane: Vectors
    step: Vectors
    layers: list[Atoms]
    origin: float

    @classmethod
    def of(cls, crystal: Structure, hkl: Plane, tolerance: float = LAYER_TOLERANCE) -> Layers:
        """Look at a crystal along the normal of a plane of its cell.

        :param tolerance: the largest thickness of a layer, in Å.
        """
        normal = np.linalg.inv(crystal.lattice.matrix) @ hkl
        normal /= np.linalg.norm(normal)
        points = _lattice_points(crystal, hkl)
        heights = points @ normal
        flat = points[np.abs(heights) < SAME_PLACE]
        axes = _axes(crystal, hkl, normal)
        plane = shortest_pair(flat @ axes[:2].T)
        step = axes @ points[np.argmin(np.where(heights > SAME_PLACE, heights, np.inf))]

        places = crystal.cart_coords @ axes.T
        places -= np.floor(places[:, 2:] / step[2]) * step
        order = np.argsort(places[:, 2])
        kinds, places = kinds_of(crystal)[order], places[order]
        breaks = find_breaks([*places[:, 2], places[0, 2] + step[2]], tolerance)
        if not breaks.size:
            return cls(plane, step, [], 0.0)
        # From the first atom above the last gap once around.
        first = int(breaks[-1] + 1) % len(places)
        places = np.concatenate([places[first:], places[:first] + step])
        kinds = np.roll(kinds, -first)
        breaks = (breaks - first) % len(places)
        layers = [
            without_copies(Atoms(plane, kinds[part], places[part]))
            for part in np.split(np.arange(len(places)), np.sort(breaks)[:-1] + 1)
        ]
        return cls(plane, step, layers, float(places[0, 2]))

    @property
    def period(self) -> float:
        """In Å."""
        return float(self.step[2])

    @property
    def area(self) -> float:
        """Of the smallest period in the plane, in Å²."""
        return abs(float(np.linalg.det(self.plane)))

    def count_down(self, top: int, n_atoms: int) -> tuple[int, int] | None:
        """Return the layers with so many atoms below a cut, None if the last is in one of them."""
        bottom = top + 1
        while n_atoms > 0:
            bottom -= 1
            n_atoms -= len(self.layers[bottom % len(self.layers)].kinds)
        return (bottom, top) if n_atoms == 0 else None

    def take(self, bottom: int, top: int) -> Atoms:
        """Return the atoms from a layer to another, both included."""
        n = len(self.layers)
        numbers = range(bottom, top + 1)
        kinds = np.concatenate([self.layers[one % n].kinds for one in numbers])
        places = [self.layers[one % n].places + one // n * self.step for one in numbers]
        return Atoms(self.plane, kinds, np.concatenate(places))

    def edges(self, layer: int) -> tuple[float, float]:
        """Return the heights of the lowest and of the highest atom of a layer, in Å."""
        heights = self.layers[layer % len(self.layers)].places[:, 2]
        above = layer // len(self.layers) * self.period
        return float(heights.min() + above), float(heights.max() + above)

    def thickness(self, bottom: int, top: int) -> float:
        """Return the distance from the lowest atom of a layer to the highest of another, in Å."""
        return self.edges(top)[1] - self.edges(bottom)[0]

    def height_of_cut(self, cut: int) -> float:
        """Return the middle of a gap in periods above the origin, from 0 to 1."""
        middle = (self.edges(cut)[1] + self.edges(cut + 1)[0]) / 2
        return middle / self.period % 1.0

    def describe(self, outermost: int, inwards: int) -> list[tuple[Counter[str], float]]:
        """Return what is in each layer of a face, and the distance (Å) of its mean to the next."""
        n = len(self.layers)
        numbers = range(outermost, outermost + inwards * (n + 1), inwards)
        means = [
            self.layers[one % n].places[:, 2].mean() + one // n * self.period for one in numbers
        ]
        gaps = np.abs(np.diff(means)).tolist()
        contents = [Counter(self.layers[one % n].kinds.tolist()) for one in numbers]
        return list(zip(contents[:-1], gaps, strict=True))

    @cached_property
    def faces(self) -> list[tuple[int, int]]:
        """The classes of equal faces: for each cut that of the face below it, then of that above.

        Both look outwards: up from what is below the cut, down from what is above.
        """
        n = len(self.layers)
        known: list[Atoms] = []

        def classify(face: Atoms) -> int:
            for number, other in enumerate(known):
                if is_equal(face, other):
                    return number
            known.append(face)
            return len(known) - 1

        below = [classify(self.take(cut - 2 * n + 1, cut)) for cut in range(n)]
        above = [classify(self.take(cut + 1, cut + 2 * n).turned_over()) for cut in range(n)]
        return list(zip(below, above, strict=True))

    def slabs(
        self, faces: tuple[int, int], least: float, least_layers: int = 1
    ) -> list[tuple[int, int]]:
        """Return the thinnest slab below each cut of a period with these two faces.

        :param faces: the classes of the upper and of the lower one.
        :param least: slabs are at least as thick (Å).
        :param least_layers: they have at least so many layers.
        :returns: the numbers of the lowest and of the highest layer.
        """
        n = len(self.layers)
        upper, lower = faces

        def is_bottom(layer: int) -> bool:
            # The cut below layer k is that above layer k - 1.
            return self.faces[(layer - 1) % n][1] == lower

        return [
            next(
                (bottom, top)
                for bottom in itertools.count(top, -1)
                if is_bottom(bottom)
                and self.thickness(bottom, top) > least - 1e-6
                and top - bottom + 1 >= least_layers
            )
            for top in range(n)
            if self.faces[top][0] == upper
        ]


class GroupLayers(Layers):
    """Layers of groups of atoms, in the order of their centres; they may overlap."""

    @classmethod
    def of_groups(
        cls, crystal: Structure, hkl: Plane, groups: NDArray[np.int_], tolerance: float
    ) -> Layers:
        """Look at a crystal along the normal of a plane of its cell.

        :param crystal: each group is in one piece; its atoms need not be in one cell.
        :param groups: the number of the group of each atom.
        :param tolerance: the largest difference (Å) of the heights of the centres in a layer.
        """
        # The axes, the period and the step are those of layers of atoms.
        flat = Layers.of(crystal, hkl, tolerance)
        normal = np.linalg.inv(crystal.lattice.matrix) @ hkl
        normal /= np.linalg.norm(normal)
        axes = _axes(crystal, hkl, normal)
        places, kinds = crystal.cart_coords @ axes.T, kinds_of(crystal)
        numbers = np.unique(groups)
        centres = np.array([places[groups == one, 2].mean() for one in numbers])
        lowered = np.floor(centres / flat.step[2])
        order = np.argsort(centres - lowered * flat.step[2])
        heights = (centres - lowered * flat.step[2])[order]
        breaks = find_breaks([*heights, heights[0] + flat.step[2]], tolerance)
        if not breaks.size:
            return cls(flat.plane, flat.step, [], 0.0)
        first = int(breaks[-1] + 1) % len(order)
        raised = np.where(np.arange(len(order)) < first, 1, 0)
        turned = np.roll(np.arange(len(order)), -first)
        breaks = np.sort((breaks - first) % len(order))
        layers = []
        for part in np.split(turned, breaks[:-1] + 1):
            members, moved = [], []
            for one in part:
                chosen = np.flatnonzero(groups == numbers[order[one]])
                members.append(chosen)
                moved.append(places[chosen] + (raised[one] - lowered[order[one]]) * flat.step)
            atoms = Atoms(flat.plane, kinds[np.concatenate(members)], np.concatenate(moved))
            layers.append(without_copies(atoms))
        return cls(flat.plane, flat.step, layers, 0.0)

    def thickness(self, bottom: int, top: int) -> float:
        """Return the distance from the lowest atom to the highest, in Å."""
        heights = self.take(bottom, top).places[:, 2]
        return float(np.ptp(heights))


def _axes(crystal: Structure, hkl: Plane, normal: Vectors) -> Vectors:
    """Return unit vectors as rows: x along a lattice vector in the plane, z along the normal."""
    points = _lattice_points(crystal, hkl)
    flat = points[np.abs(points @ normal) < SAME_PLACE]
    x = flat[np.linalg.norm(flat, axis=1) > SAME_PLACE][0]
    x = x / np.linalg.norm(x)
    return np.array([x, np.cross(normal, x), normal])


def _lattice_points(crystal: Structure, hkl: Plane) -> Vectors:
    """Return the lattice points of a crystal near the origin, in Å, the nearest first.

    Those in the plane (hkl) span its lattice, and some are in the next plane.
    """
    h, k, l = hkl
    vectors = crystal.lattice.matrix
    flat = np.linalg.norm(np.array([(k, -h, 0), (l, 0, -h), (0, l, -k)]) @ vectors, axis=1)
    # Two of these span a lattice in the plane, if not all of it; a point of the next plane is
    # found within half of both of them, and the distance of the planes.
    reach = float(np.sort(flat)[1:].sum()) + float(crystal.lattice.d_hkl(hkl))
    spans = np.floor(reach * np.array(crystal.lattice.reciprocal_lattice_crystallographic.abc))
    grid = np.mgrid[tuple(slice(-one, one + 1) for one in spans.astype(int) + 1)].reshape(3, -1).T
    points = (find_translations(crystal)[:, np.newaxis] + grid @ vectors).reshape(-1, 3)
    lengths = np.linalg.norm(points, axis=1)
    order = np.argsort(lengths)
    return points[order][lengths[order] < reach + SAME_PLACE]
