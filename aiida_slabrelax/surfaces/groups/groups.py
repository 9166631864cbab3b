"""Groups of atoms that bonds hold together: molecules, polyhedra, chains, layers, networks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pymatgen.core.composition import Composition

from ..bulk.crystal import Crystal, Integers
from .bonds import Bonds

#: What a group is called that is bonded to its own images in so many directions.
SHAPES = ('', 'chain', 'layer', 'network')


@dataclass(frozen=True)
class Group:
    """Atoms that bonds connect.

    :ivar atoms: their indices in the primitive cell, shape (N,).
    :ivar cells: the cells in which they are connected to each other, shape (N, 3).
    :ivar periods: shape (M, 3), translations, in primitive vectors, to images that they are
        connected to; none for a finite group.
    """

    atoms: Integers
    cells: Integers
    periods: Integers

    @property
    def dimension(self) -> int:
        """In how many directions it is bonded to its own images."""
        return int(np.linalg.matrix_rank(self.periods)) if len(self.periods) else 0

    def lies_in(self, indices: Integers) -> bool:
        """Return whether lattice planes leave it whole.

        :param indices: their Miller indices in the primitive cell.
        """
        return not np.any(self.periods @ indices)

    def name(self, crystal: Crystal) -> str:
        """Return its formula and, if it is not finite, its shape: ``MoS2 layer``."""
        composition = Composition(Counter(crystal.elements[atom] for atom in self.atoms))
        if self.dimension == 0:
            counts = [
                f'{element}{"" if number == 1 else int(number)}'
                for element, number in sorted(composition.items())
            ]
            return ''.join(counts)
        return f'{composition.reduced_formula} {SHAPES[self.dimension]}'


def connect(bonds: Bonds, n_atoms: int) -> list[Group]:
    """Return the groups of the atoms of a primitive cell; an atom without a bond is one, too.

    :param n_atoms: the number of atoms.
    """
    neighbours = defaultdict(list)
    for first, second, cell in zip(
        bonds.first.tolist(), bonds.second.tolist(), map(tuple, bonds.cells.tolist()), strict=True
    ):
        neighbours[first].append((second, cell))
    places: dict[int, tuple[int, int, int]] = {}
    groups = []
    for start in range(n_atoms):
        if start in places:
            continue
        places[start] = (0, 0, 0)
        members, periods = [start], set()
        for atom in members:
            x, y, z = places[atom]
            for other, (u, v, w) in neighbours[atom]:
                reached = (x + u, y + v, z + w)
                if other not in places:
                    places[other] = reached
                    members.append(other)
                elif places[other] != reached:
                    periods.add(tuple(np.subtract(reached, places[other]).tolist()))
        groups.append(
            Group(
                np.array(members),
                np.array([places[atom] for atom in members]),
                np.array(sorted(periods), dtype=np.int64).reshape(-1, 3),
            )
        )
    return groups


def count_names(groups: Iterator[Group] | list[Group], crystal: Crystal) -> str:
    """Write groups of a primitive cell as ``2 PO4, 1 H2O``."""
    counts = Counter(group.name(crystal) for group in groups)
    return ', '.join(f'{count} {name}' for name, count in sorted(counts.items()))
