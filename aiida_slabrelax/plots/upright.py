"""A slab turned upright (its normal along z), and its drawings from the side and from above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, covalent_radii
from ase.data.colors import jmol_colors
from ase.geometry import find_mic
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from matplotlib.patches import Polygon
from numpy.typing import NDArray
from pymatgen.core.structure import Structure

from ..surfaces import SlabGeometry
from ..surfaces.slabs.geometry import wrap

Vectors = NDArray[np.float64]

#: The space around the atoms, Å.
MARGIN = 0.5
#: The radius of a drawn atom, as a fraction of its covalent radius: deeper atoms stay visible.
_RADIUS = 0.65
#: From above, atoms down to the first depth (Å) have their full colour; deeper ones fade, and from
#: the second depth on they are not drawn.
_FULL, _GONE = 1.8, 5.5
#: How far the colour of the deepest atoms goes towards white.
_FADED = 0.85


@dataclass(frozen=True)
class UprightSlab:
    """A slab turned upright, in one piece.

    :ivar symbols: the elements of its atoms.
    :ivar plane: shape (2, 2), the cell vectors in the plane as rows, the first along x, in Å.
    :ivar positions: shape (N, 3), z along the normal, with the highest atom at 0, in Å.
    """

    symbols: list[str]
    plane: Vectors
    positions: Vectors

    @classmethod
    def of(cls, structure: Structure) -> UprightSlab:
        """Turn a slab with the vacuum along its third vector upright."""
        geometry = SlabGeometry.of(structure)
        plane = geometry.vectors[:2] @ geometry.axes[:2].T
        symbols = [site.specie.symbol for site in structure]
        return cls._in_cell(symbols, plane, geometry.positions.copy())

    @classmethod
    def of_atoms(cls, atoms: Atoms) -> UprightSlab:
        """Take a slab that is already upright and in one piece."""
        return cls._in_cell(list(atoms.symbols), atoms.cell.array[:2, :2], atoms.positions.copy())

    @classmethod
    def _in_cell(cls, symbols: list[str], plane: Vectors, positions: Vectors) -> UprightSlab:
        positions[:, 2] -= positions[:, 2].max()
        inside = positions[:, :2] @ np.linalg.inv(plane)
        positions[:, :2] = wrap(inside) @ plane
        return cls(symbols, plane, positions)

    @cached_property
    def radii(self) -> Vectors:
        """The radii with which the atoms are drawn, shape (N,), in Å."""
        numbers = [atomic_numbers[symbol] for symbol in self.symbols]
        return np.asarray(_RADIUS * covalent_radii[numbers])

    def turned_over(self) -> UprightSlab:
        """Return the slab turned around its first vector, to show its lower face."""
        positions = self.positions * [1, -1, -1]
        positions[:, 2] -= positions[:, 2].max()
        return replace(self, plane=self.plane * [1, -1], positions=positions)

    @property
    def corners(self) -> Vectors:
        """The corners of the cell in the plane, shape (4, 2), in Å."""
        a, b = self.plane
        return np.array([np.zeros(2), a, a + b, b])

    @property
    def top(self) -> float:
        """The highest point of an atom, Å."""
        return float(np.max(self.positions[:, 2] + self.radii))

    @property
    def bottom(self) -> float:
        """The lowest point of an atom, Å."""
        return float(np.min(self.positions[:, 2] - self.radii))

    def repeated(self, low: Vectors, high: Vectors) -> tuple[NDArray[np.intp], Vectors]:
        """Return all periodic images within a rectangle of the plane and 2 Å around it.

        :returns: the indices of the atoms, and their positions.
        """
        corners = np.array(list(product(*zip(low, high, strict=True)))) @ np.linalg.inv(self.plane)
        first = np.floor(corners.min(axis=0)).astype(int) - 2
        last = np.ceil(corners.max(axis=0)).astype(int) + 1
        cells = list(product(range(first[0], last[0] + 1), range(first[1], last[1] + 1)))
        shifts = np.zeros((len(cells), 1, 3))
        shifts[:, 0, :2] = np.array(cells) @ self.plane
        positions = (self.positions + shifts).reshape(-1, 3)
        indices = np.tile(np.arange(len(self.symbols)), len(cells))
        near = np.all((positions[:, :2] > low - 2) & (positions[:, :2] < high + 2), axis=1)
        return indices[near], positions[near]


def draw_side(axes: Axes, slab: UprightSlab, size: Vectors) -> None:
    """Draw one row of cells, seen along the surface, without the vacuum."""
    left = float(slab.plane[0, 0] - size[0]) / 2
    top = slab.top + MARGIN
    axes.set(xlim=(left, left + size[0]), ylim=(top - size[1], top))
    indices, positions = slab.repeated(
        np.array([left, slab.corners[:, 1].min()]),
        np.array([left + size[0], slab.corners[:, 1].max()]),
    )
    inside = np.linalg.solve(slab.plane.T, positions[:, :2].T)[1]
    row = (inside > -1e-6) & (inside < 1 - 1e-6)
    indices, positions = indices[row], positions[row]
    order = np.argsort(-positions[:, 1], kind='stable')
    numbers = [atomic_numbers[slab.symbols[index]] for index in indices[order]]
    draw_atoms(axes, numbers, slab.radii[indices[order]], positions[order][:, [0, 2]])
    for x in (0.0, slab.plane[0, 0]):
        axes.axvline(x, color='0.5', linewidth=0.7, linestyle=(0, (4, 3)), alpha=0.7)


def draw_face(axes: Axes, slab: UprightSlab, size: Vectors) -> None:
    """Draw the face seen from above; deeper atoms are fainter."""
    low = slab.corners.mean(axis=0) - size / 2
    axes.set(xlim=(low[0], low[0] + size[0]), ylim=(low[1], low[1] + size[1]))
    indices, positions = slab.repeated(low, low + size)
    order = np.argsort(positions[:, 2], kind='stable')
    order = order[positions[order, 2] > -_GONE]
    depths = -positions[order, 2]
    faded = _FADED * np.clip((depths - _FULL) / (_GONE - _FULL), 0.0, 1.0) ** 0.5
    numbers = [atomic_numbers[slab.symbols[index]] for index in indices[order]]
    draw_atoms(axes, numbers, slab.radii[indices[order]], positions[order][:, :2], faded)
    axes.add_patch(
        Polygon(slab.corners, fill=False, color='black', linewidth=0.8, linestyle=(0, (4, 3)))
    )


def draw_atoms(
    axes: Axes,
    numbers: Sequence[int] | NDArray[np.intp],
    radii: Vectors,
    places: Vectors,
    faded: Vectors | None = None,
) -> None:
    """Draw atoms as circles, the last one in front, as one artist.

    :param numbers: shape (n,), the atomic numbers.
    :param radii: shape (n,), in Å.
    :param places: shape (n, 2), the positions in the drawing, in Å.
    :param faded: shape (n,), how white each atom is, from 0 to 1.
    """
    colours = jmol_colors[np.asarray(numbers, dtype=int)]
    white = (np.zeros(len(places)) if faded is None else faded)[:, np.newaxis]
    axes.add_collection(
        EllipseCollection(
            2 * radii,
            2 * radii,
            np.zeros(len(places)),
            units='xy',
            offsets=places,
            offset_transform=axes.transData,
            facecolors=colours * (1 - white) + white,
            edgecolors=np.repeat(white * 0.85, 3, axis=1),
            linewidths=0.6,
        ),
        autolim=False,
    )


def turn_upright(before: Atoms, after: Atoms | None = None) -> tuple[Atoms, Atoms | None]:
    """Turn a slab upright, with a along x and its normal along z, and put it in one piece.

    :param before: a slab with the vacuum along its third vector.
    :param after: the same atoms moved in the same cell; they may have crossed its boundary.
    """
    fractional = before.get_scaled_positions(wrap=False)
    geometry = SlabGeometry.of_cell(before.cell.array, fractional)
    cell = geometry.vectors @ geometry.axes.T
    first = Atoms(before.numbers, geometry.positions, cell=cell, pbc=True)
    if after is None:
        return first, None
    second = first.copy()
    moved = after.get_scaled_positions(wrap=False)
    second.positions += find_mic((moved - fractional) @ cell, cell)[0]
    return first, second
