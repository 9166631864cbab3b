"""Lateral registry of layers: it distinguishes faces with the same layers and gaps."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cmp_to_key

import numpy as np

from ..bulk.crystal import Vectors
from .canonical_form import CanonicalForms
from .images import square_distances
from .stacking import Stacking

DISTANCE_TOLERANCE = 0.05
"""Distances (Å) that differ by less are equal. Those of atoms that an operation of the crystal
takes to each other differ by up to 0.02 Å, twice its tolerance."""

NEIGHBOURS = 4
"""So many images of an atom are looked at; the corners of a cell around a point tell its place."""

DOWN, UP = -1, 1

View = tuple[int, int]
"""A face: its outermost layer, and the direction that leads inwards, down or up."""

Seen = tuple[int, int, bool]
"""A face as it is, or (True) with all magnetic moments reversed."""


class Arrangement:
    """The distances in the plane between the atoms of every two layers of a crystal.

    They depend neither on the origin nor on the orientation or handedness of the crystal, and
    noise changes them no more than the positions of the atoms.
    """

    def __init__(self, stacking: Stacking) -> None:
        """Store the crystal; distances are computed on demand."""
        self._stacking = stacking
        numbers = range(len(stacking.layers))
        self._layers = {
            reverse: [stacking.flat_layer(number, reverse) for number in numbers]
            for reverse in (False, True)
        }
        self._known: dict[Seen, Vectors] = {}
        self._forms = CanonicalForms(stacking)
        self._inverse = np.linalg.inv(stacking.plane)
        # With a reduced basis the nearest images of an atom are among these.
        grid = np.mgrid[-2:3, -2:3].reshape(2, -1).T
        self._translations = grid @ stacking.plane

    def rank(self, faces: Sequence[Sequence[Seen]]) -> list[int]:
        """Return the rank of each face, from 1; faces that agree have the same rank.

        :param faces: faces with the same layers; for each its descriptions, of which the first in
            order counts.
        """
        key = cmp_to_key(self._compare)
        views = [min(ways, key=key) for ways in faces]
        order = sorted(range(len(views)), key=lambda index: key(views[index]))
        ranks = [1] * len(views)
        for before, after in itertools.pairwise(order):
            differ = self._compare(views[before], views[after]) != 0
            ranks[after] = ranks[before] + int(differ)
        return ranks

    def _compare(self, first: Seen, second: Seen) -> int:
        """Compare every layer of a period with those of the period below it, from outside.

        Faces that agree in all distances are compared as a whole.
        """
        for depth in range(len(self._stacking.layers)):
            one, other = (
                self._distances((outermost + inwards * depth, inwards, reverse))
                for outermost, inwards, reverse in (first, second)
            )
            unequal = np.flatnonzero(np.abs(one - other) > DISTANCE_TOLERANCE)
            if unequal.size:
                return -1 if one[unequal[0]] < other[unequal[0]] else 1
        return self._forms.compare(first, second)

    def _distances(self, view: Seen) -> Vectors:
        """Return the distances (Å) from the outermost layer to the others, in a fixed order."""
        layer, inwards, reverse = view
        n = len(self._stacking.layers)
        key = (layer % n, inwards, reverse)
        if key not in self._known:
            depths = range(n + 1)
            self._known[key] = np.concatenate(
                [self._measure(layer, layer + inwards * depth, reverse) for depth in depths]
            )
        return self._known[key]

    def _measure(self, layer: int, other: int, reverse: bool) -> Vectors:
        """Return the distances (Å) between two layers, kind by kind."""
        kinds, places = self._flat_layer(layer, reverse)
        other_kinds, other_places = self._flat_layer(other, reverse)
        plane = self._stacking.plane
        fractional = (other_places - places[:, np.newaxis]) @ self._inverse
        closest = (fractional - np.round(fractional)) @ plane
        squares = square_distances(closest, self._translations)
        nearest = np.sqrt(np.partition(squares, NEIGHBOURS - 1, axis=2)[:, :, :NEIGHBOURS])
        rows, columns = np.array(kinds), np.array(other_kinds)
        pairs = itertools.product(sorted(set(kinds)), sorted(set(other_kinds)))
        return np.concatenate(
            [np.sort(nearest[rows == one][:, columns == two], axis=None) for one, two in pairs]
        )

    def _flat_layer(self, layer: int, reverse: bool) -> tuple[list[str], Vectors]:
        """Return the kinds of the atoms of a layer, and their positions in the plane (Å)."""
        periods, number = divmod(layer, len(self._layers[reverse]))
        kinds, places = self._layers[reverse][number]
        return kinds, places + periods * self._stacking.step[:2]
