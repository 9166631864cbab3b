"""The bonds that a cut breaks, and the coordination that the atoms of a face lose."""

from __future__ import annotations

from collections import Counter

import numpy as np
from scipy.spatial import cKDTree

from ..bulk.crystal import Integers, Vectors
from ..exact.stacking import Stacking
from ..slabs.geometry import wrap
from ..terminations import CutBonds
from .bonds import Bonds

NEAR = 0.2
"""An atom so close (Å) to the place of a neighbour is this neighbour."""

HEIGHT = 100.0
"""Heights are divided by this (Å) for a search among coordinates of about 1."""


class CutBondCounter:
    """Counts the neighbours that the atoms of slabs of one plane have lost."""

    def __init__(self, stacking: Stacking, bonds: Bonds) -> None:
        """Store where each atom has its neighbours.

        :param bonds: of the crystal.
        """
        crystal = stacking.crystal
        self._stacking = stacking
        order = np.argsort(bonds.first, kind='stable')
        self._owners, self._neighbours = bonds.first[order], bonds.second[order]
        self._cells = bonds.cells[order]
        symbols = [element.symbol for element in crystal.elements]
        pairs = zip(self._owners.tolist(), self._neighbours.tolist(), strict=True)
        self._pairs = [f'{symbols[one]}-{symbols[other]}' for one, other in pairs]

        numbers, planes = _place_atoms(stacking)
        indices = crystal.to_primitive(stacking.miller_indices)
        raised = planes[self._neighbours] + self._cells @ indices - planes[self._owners]
        self._layers = numbers[self._owners]
        self._steps = numbers[self._neighbours] - self._layers + len(stacking.layers) * raised

    def count_of_layers(self, bottom: int, top: int, cells: float) -> tuple[CutBonds, CutBonds]:
        """Return the broken bonds of the upper and the lower face of a slab of whole layers.

        :param bottom: its lowest layer.
        :param top: its highest layer.
        :param cells: the area of its cell in minimal cells.
        """

        def equal_layers(first: int | Integers, last: int | Integers) -> Integers:
            """Count the layers from one to another that are images of the atoms' own."""
            n = len(self._stacking.layers)
            return np.asarray((last - self._layers) // n - (first - 1 - self._layers) // n)

        above = np.where(
            self._steps > 0, equal_layers(np.maximum(bottom, top - self._steps + 1), top), 0
        )
        below = np.where(
            self._steps < 0, equal_layers(bottom, np.minimum(top, bottom - self._steps - 1)), 0
        )
        upper, lower = (self._gather(side, cells, self._stacking.area) for side in (above, below))
        return upper, lower

    def count_of_atoms(
        self, plane: Vectors, members: Integers, positions: Vectors
    ) -> tuple[CutBonds, CutBonds]:
        """Return the broken bonds of the upper and the lower face of a slab of any atoms.

        :param plane: shape (2, 2), its cell in the plane, as rows, in Å.
        :param members: the atoms of the crystal's primitive cell that it consists of, shape (N,).
        :param positions: their positions in the axes of the stacking, shape (N, 3), in Å.
        """
        crystal = self._stacking.crystal
        ends = np.searchsorted(self._owners, np.arange(len(crystal.atoms) + 1))
        starts, counts = ends[members], ends[members + 1] - ends[members]
        atoms = np.repeat(np.arange(len(members)), counts)
        within = np.arange(len(atoms)) - np.repeat(np.cumsum(counts) - counts, counts)
        bonds = np.repeat(starts, counts) + within
        coordinates = crystal.coordinates
        ways = coordinates[self._neighbours] + self._cells - coordinates[self._owners]
        places = positions[atoms] + (ways @ crystal.vectors @ self._stacking.axes.T)[bonds]

        inverse: Vectors = np.asarray(np.linalg.inv(plane), dtype=np.float64)
        tree = cKDTree(_scaled(positions, inverse), boxsize=(1.0, 1.0, 0.0))
        _, nearest = tree.query(_scaled(places, inverse))
        away = places - positions[nearest]
        planar = away[:, :2] @ inverse
        away[:, :2] = (planar - np.round(planar)) @ plane
        lost = np.linalg.norm(away, axis=1) > NEAR

        is_upper = places[:, 2] > (positions[:, 2].min() + positions[:, 2].max()) / 2
        area = abs(float(np.linalg.det(plane)))
        upper, lower = (
            self._gather(np.bincount(bonds[side], minlength=len(self._pairs)), 1.0, area)
            for side in (lost & is_upper, lost & ~is_upper)
        )
        return upper, lower

    def _gather(self, numbers: Integers, cells: float, area: float) -> CutBonds:
        """Return how often bonds are broken by the elements of their atoms.

        :param numbers: of each bond, in an area (Å²).
        :param cells: the area of the cell of the slab in this one.
        """
        lost: Counter[str] = Counter()
        for index in np.flatnonzero(numbers).tolist():
            lost[self._pairs[index]] += int(numbers[index])
        density = sum(lost.values()) / area
        return CutBonds({pair: round(lost[pair] * cells) for pair in sorted(lost)}, density)


def _place_atoms(stacking: Stacking) -> tuple[Integers, Integers]:
    """Return the layer of each atom of the primitive cell, and how many planes higher it is.

    The layers of a stacking may have an image of the atom that is some planes away.
    """
    numbers = np.empty(len(stacking.crystal.atoms), dtype=np.int64)
    for number, members in enumerate(stacking.layers):
        numbers[members] = number
    there = stacking.crystal.coordinates @ stacking.crystal.vectors @ stacking.axes[2]
    planes = np.rint((there - stacking.positions[:, 2]) / stacking.period)
    return numbers, planes.astype(np.int64)


def _scaled(positions: Vectors, inverse: Vectors) -> Vectors:
    planar = wrap(positions[:, :2] @ inverse)
    return np.column_stack([planar, positions[:, 2] / HEIGHT])
