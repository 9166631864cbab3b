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
        order = np.argsort(bonds.first, kind='stable')
        first, second = bonds.first[order], bonds.second[order]
        ways = crystal.coordinates[second] + bonds.cells[order] - crystal.coordinates[first]
        self._ways = ways @ crystal.vectors @ stacking.axes.T
        self._neighbours = second
        self._ends = np.searchsorted(first, np.arange(len(crystal.atoms) + 1))
        self._symbols = [element.symbol for element in crystal.elements]

    def count(
        self, plane: Vectors, members: Integers, positions: Vectors
    ) -> tuple[CutBonds, CutBonds]:
        """Return the broken bonds of the upper and the lower face of a slab.

        :param plane: shape (2, 2), its cell in the plane, as rows, in Å.
        :param members: the atoms of the crystal's primitive cell that it consists of, shape (N,).
        :param positions: their positions in the axes of the stacking, shape (N, 3), in Å.
        """
        starts = self._ends[members]
        counts = self._ends[members + 1] - starts
        atoms = np.repeat(np.arange(len(members)), counts)
        within = np.arange(len(atoms)) - np.repeat(np.cumsum(counts) - counts, counts)
        bonds = np.repeat(starts, counts) + within
        places = positions[atoms] + self._ways[bonds]

        inverse: Vectors = np.asarray(np.linalg.inv(plane), dtype=np.float64)
        tree = cKDTree(_scaled(positions, inverse), boxsize=(1.0, 1.0, 0.0))
        _, nearest = tree.query(_scaled(places, inverse))
        away = places - positions[nearest]
        planar = away[:, :2] @ inverse
        away[:, :2] = (planar - np.round(planar)) @ plane
        lost = np.linalg.norm(away, axis=1) > NEAR

        middle = (positions[:, 2].min() + positions[:, 2].max()) / 2
        upper = places[:, 2] > middle
        area = abs(float(np.linalg.det(plane)))
        faces = []
        for side in (lost & upper, lost & ~upper):
            owners = members[atoms[side]].tolist()
            neighbours = self._neighbours[bonds[side]].tolist()
            pairs = Counter(
                f'{self._symbols[one]}-{self._symbols[other]}'
                for one, other in zip(owners, neighbours, strict=True)
            )
            faces.append(CutBonds(dict(sorted(pairs.items())), len(owners) / area))
        return faces[0], faces[1]


def _scaled(positions: Vectors, inverse: Vectors) -> Vectors:
    planar = wrap(positions[:, :2] @ inverse)
    return np.column_stack([planar, positions[:, 2] / HEIGHT])
