"""A crystal seen along the normal of a plane: atomic layers, and how its symmetry moves them.

Everything that distinguishes terminations is arithmetic with the numbers of layers. They are
counted upwards; with n of them in a period, layer k + n is layer k one lattice plane further up. A
side-preserving operation maps layer k to k + c, a side-reversing one maps it to c - k, both modulo
n.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pymatgen.core.composition import Composition
from pymatgen.core.periodic_table import Element

from ...option_checks import NARROWEST_GAP
from ...slab_options import LAYER_TOLERANCE
from ..bulk.crystal import Crystal, Integers, Vectors
from ..checks import format_plane
from ..groups.groups import Group
from ..reasons import SlabGenerationError
from ..slabs.layers import Contents, Layer
from .heights import find_layers, layers_of_groups, symmetric_heights, widest_gap
from .lattice_planes import in_plane_basis, reduce_plane


@dataclass(frozen=True)
class Stacking:
    """The layers of a crystal along the normal of a plane, in one period.

    :ivar crystal: the crystal.
    :ivar miller_indices: the plane in the given cell.
    :ivar axes: shape (3, 3), unit vectors as rows: x along the first vector of the plane, z along
        the normal; right-handed.
    :ivar plane: shape (2, 2), the minimal period of the crystal in the plane as rows, reduced, in
        the axes x and y, in Å.
    :ivar step: shape (3,), a translation by one period along the normal, in these axes, in Å.
    :ivar positions: shape (N, 3), the atoms of one period, in these axes, in Å.
    :ivar layers: the indices of the atoms of each layer, from below.
    :ivar tolerance: the largest thickness (Å) of a layer, unless its gaps are too narrow to cut.
    :ivar shifts: the numbers c of the side-preserving operations, including 0.
    :ivar turns: the numbers c of the side-reversing operations.
    :ivar joins_reversed: whether some faces are equivalent only with all magnetic moments reversed.
    :ivar groups: the groups of atoms that are kept whole, if any; then layers consist of them, and
        may overlap.
    """

    crystal: Crystal
    miller_indices: tuple[int, int, int]
    axes: Vectors
    plane: Vectors
    step: Vectors
    positions: Vectors
    layers: list[Integers]
    tolerance: float
    shifts: list[int]
    turns: list[int]
    joins_reversed: bool
    groups: Sequence[Group] | None = None

    @classmethod
    def of(
        cls,
        crystal: Crystal,
        miller_indices: tuple[int, int, int],
        tolerance: float = LAYER_TOLERANCE,
        groups: Sequence[Group] | None = None,
    ) -> Stacking:
        """Stack a crystal along the normal of a plane.

        :param miller_indices: three integers without a common divisor, in the given cell.
        :param tolerance: the largest thickness of a layer, in Å; if groups are kept whole, the
            largest difference of the heights of their centres.
        :param groups: groups of atoms that are kept whole: each atom is in one of them.
        :raises SlabGenerationError: if no gap is wide enough to cut, or every cut breaks a group.
        """
        indices = crystal.to_primitive(miller_indices)
        first, second, out = in_plane_basis(indices) @ crystal.vectors
        first, second = reduce_plane(first, second, outwards=out)
        x = first / np.linalg.norm(first)
        z = np.cross(first, second) / np.linalg.norm(np.cross(first, second))
        axes = np.array([x, np.cross(z, x), z])

        period = float(out @ z)
        counted = symmetric_heights(crystal, indices)
        if groups is None:
            layers, heights = find_layers(counted, period, tolerance)
        else:
            _check_whole(crystal, groups, indices, miller_indices)
            layers, heights = layers_of_groups(counted, groups, indices, period, tolerance)
        if not layers:
            raise SlabGenerationError(
                f'The atomic planes {format_plane(miller_indices)} are at most '
                f'{widest_gap(counted) * period:.3f} Å apart; they can be told apart only if '
                f'they are at least {NARROWEST_GAP} Å apart. Choose lower Miller indices.'
            )
        step = axes @ out
        cells = _cells_of(groups, len(counted))
        positions = (crystal.coordinates + cells) @ crystal.vectors @ axes.T
        positions -= np.round(counted + cells @ indices - heights)[:, np.newaxis] * step

        means = np.array([heights[layer].mean() for layer in layers])
        sides, offsets = crystal.sides(indices), crystal.translations @ indices
        shifts = _nearest_layers(means, means[0] + offsets[sides == 1])
        turns = _nearest_layers(means, -means[0] + offsets[sides == -1])
        sides[crystal.reversing] = 0
        plain = (
            _nearest_layers(means, means[0] + offsets[sides == 1]),
            _nearest_layers(means, -means[0] + offsets[sides == -1]),
        )
        return cls(
            crystal=crystal,
            miller_indices=miller_indices,
            axes=axes,
            plane=np.array([first, second]) @ axes[:2].T,
            step=step,
            positions=positions,
            layers=layers,
            tolerance=tolerance,
            shifts=shifts,
            turns=turns,
            joins_reversed=plain != (shifts, turns),
            groups=groups,
        )

    @cached_property
    def area(self) -> float:
        """The area of the minimal cell in the plane, in Å²."""
        return abs(float(np.linalg.det(self.plane)))

    @property
    def period(self) -> float:
        """The distance along the normal after which the layers repeat, in Å."""
        return float(self.step[2])

    @cached_property
    def edges(self) -> Vectors:
        """The lowest and the highest atom of each layer of the period, shape (n, 2), in Å."""
        heights = [self.positions[layer, 2] for layer in self.layers]
        return np.array([[one.min(), one.max()] for one in heights])

    @cached_property
    def repeat(self) -> int:
        """The number of layers after which upper faces repeat."""
        return math.gcd(len(self.layers), *self.shifts)

    def thickness(self, bottom: int, top: int) -> float:
        """Return the distance (Å) from the lowest atom to the highest one from layer to layer."""
        if self.groups is None:
            return self._height(top, 1) - self._height(bottom, 0)
        # Of layers that overlap the outermost one need not reach farthest.
        deep = min(top - bottom, len(self.layers) - 1)
        return max(self._height(top - depth, 1) for depth in range(deep + 1)) - min(
            self._height(bottom + depth, 0) for depth in range(deep + 1)
        )

    def _height(self, layer: int, edge: int) -> float:
        """Return the height (Å) of the lowest (0) or the highest (1) atom of a layer."""
        periods, number = divmod(layer, len(self.layers))
        return float(self.edges[number, edge] + periods * self.period)

    def count_atoms(self, bottom: int, top: int) -> int:
        """Return the number of atoms from a layer to another, in the minimal cell."""
        return sum(len(self.layers[layer]) * count for layer, count in self._count(bottom, top))

    def composition(self, bottom: int, top: int) -> Composition:
        """Return the elements from a layer to another, in the minimal cell."""
        counts: Counter[Element] = Counter()
        for layer, count in self._count(bottom, top):
            for atom in self.layers[layer]:
                counts[self.crystal.elements[atom]] += count
        return Composition(counts)

    def _count(self, bottom: int, top: int) -> Iterator[tuple[int, int]]:
        """Yield each layer of one period with its number of occurrences."""
        n = len(self.layers)
        periods, rest = divmod(top - bottom + 1, n)
        for number in range(n):
            yield (bottom + number) % n, periods + (number < rest)

    def height_of_cut(self, layer: int) -> float:
        """Return the middle of the gap above a layer in planes above the origin, from 0 to 1."""
        middle = self._height(layer, 1) + self.gap_above(layer) / 2
        return middle / self.period % 1.0

    def gap_above(self, layer: int) -> float:
        """Return the distance (Å) from the highest atom of a layer to the lowest of the next one.

        It is negative where layers overlap.
        """
        return self._height(layer + 1, 0) - self._height(layer, 1)

    @cached_property
    def contents(self) -> list[Contents]:
        """The contents of each layer: sorted pairs (kind, count)."""
        layers = (self.flat_layer(number) for number in range(len(self.layers)))
        return [tuple(sorted(Counter(kinds).items())) for kinds, _ in layers]

    @cached_property
    def gaps(self) -> Vectors:
        """The distance (Å) from the mean height of each layer to that of the next one above."""
        means = np.array([self.positions[layer, 2].mean() for layer in self.layers])
        return np.asarray(np.diff(means, append=means[0] + self.period))

    def view(self, top: int) -> list[Layer]:
        """Return the layers of one period from a layer downwards."""
        return self.list_layers(top - len(self.layers) + 1, top)

    def list_layers(self, bottom: int, top: int, cells: float = 1.0) -> list[Layer]:
        """Return the layers of a slab from the top to the bottom one, both included.

        :param cells: the area of its cell in minimal cells; for a thin slab it may be a fraction.
        :returns: the layers; the gap below the last one is 0.
        """
        n = len(self.layers)
        return [
            (
                tuple((kind, round(count * cells)) for kind, count in self.contents[layer % n]),
                float(self.gaps[(layer - 1) % n]) if layer > bottom else 0.0,
            )
            for layer in range(top, bottom - 1, -1)
        ]

    def flat_layer(self, layer: int, reverse: bool = False) -> tuple[list[str], Vectors]:
        """Return the kinds of the atoms of a layer, and their positions in the plane (Å).

        :param reverse: whether to return the kinds with the opposite magnetic moments.
        """
        atoms, positions = self.cut_atoms(layer, layer)
        species = [self.crystal.species[index] for index in atoms]
        kinds = [self.crystal.kinds.name(one) for one in species]
        opposites = self.crystal.opposites
        if reverse and opposites is not None:
            kinds = [opposites[kind] for kind in kinds]
        return kinds, positions[:, :2]

    def cut_atoms(self, bottom: int, top: int) -> tuple[Integers, Vectors]:
        """Return the atoms from a layer to another, both included.

        :returns: their indices in the crystal, shape (N,), and their positions in the axes of the
            stacking, shape (N, 3), in Å.
        """
        members, positions = self.cut_members(bottom, top)
        return self.crystal.atoms[members], positions

    def cut_members(self, bottom: int, top: int) -> tuple[Integers, Vectors]:
        """Return the atoms from a layer to another, as :meth:`cut_atoms`.

        :returns: their indices in the primitive cell, and their positions.
        """
        n = len(self.layers)
        layers = range(bottom, top + 1)
        indices = [self.layers[layer % n] for layer in layers]
        positions = [
            self.positions[members] + layer // n * self.step
            for layer, members in zip(layers, indices, strict=True)
        ]
        return np.concatenate(indices), np.concatenate(positions)


def _check_whole(
    crystal: Crystal,
    groups: Sequence[Group],
    indices: Integers,
    miller_indices: tuple[int, int, int],
) -> None:
    """Check that cuts can leave all groups whole.

    :raises SlabGenerationError: if every cut breaks one.
    """
    broken = sorted({one.name(crystal) for one in groups if not one.lies_in(indices)})
    if broken:
        raise SlabGenerationError(
            f'Every cut {format_plane(miller_indices)} breaks the {" and the ".join(broken)}, '
            'which cannot be kept whole: choose another plane, or other groups to keep whole.',
            option='keep_whole',
        )


def _cells_of(groups: Sequence[Group] | None, n_atoms: int) -> Integers:
    """Return the cell in which each atom is connected to its group, shape (N, 3)."""
    cells = np.zeros((n_atoms, 3), dtype=np.int64)
    for group in groups or ():
        cells[group.atoms] = group.cells
    return cells


def _nearest_layers(means: Vectors, heights: Vectors) -> list[int]:
    """Return the numbers of the layers at given heights (in periods, modulo 1)."""
    distances = (heights[:, np.newaxis] - means + 0.5) % 1.0 - 0.5
    return sorted({int(number) for number in np.abs(distances).argmin(axis=1)})
