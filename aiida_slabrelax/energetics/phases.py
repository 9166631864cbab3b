"""Computed cells with their atoms and total energies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from pymatgen.core.composition import Composition
from pymatgen.core.periodic_table import Element

from .errors import NotComparableError


@dataclass(frozen=True)
class Phase:
    """A crystal, or a molecule in a box.

    :ivar counts: the number of atoms in its cell, by element.
    :ivar energy_ev: the total energy of that cell, in eV.
    :raises NotComparableError: if a count is not a whole number of atoms, or the energy not finite.
    """

    counts: Mapping[str, int] = field(hash=False)
    energy_ev: float

    def __post_init__(self) -> None:
        counts = dict(self.counts)
        if not counts:
            raise NotComparableError('A cell without atoms has no surface energy.')
        for element, count in counts.items():
            if not Element.is_valid_symbol(element):
                raise NotComparableError(f'{element!r} is not an element.')
            if isinstance(count, bool) or count != int(count) or count < 1:
                raise NotComparableError(f'{count!r} is not a number of {element} atoms.')
        if not math.isfinite(self.energy_ev):
            raise NotComparableError(f'The energy of {self.formula} is {self.energy_ev} eV.')
        whole = {element: int(count) for element, count in counts.items()}
        object.__setattr__(self, 'counts', whole)

    @property
    def n_atoms(self) -> int:
        """The number of atoms in the cell."""
        return sum(self.counts.values())

    @property
    def energy_per_atom_ev(self) -> float:
        """The total energy per atom, in eV."""
        return self.energy_ev / self.n_atoms

    @property
    def units(self) -> int:
        """The number of formula units in the cell."""
        return math.gcd(*self.counts.values())

    @property
    def formula_unit(self) -> dict[str, int]:
        """The atoms of a formula unit by element, in the smallest whole numbers."""
        return {element: count // self.units for element, count in self.counts.items()}

    @property
    def energy_per_unit_ev(self) -> float:
        """The total energy per formula unit, in eV."""
        return self.energy_ev / self.units

    @property
    def formula(self) -> str:
        """All atoms of the cell, by electronegativity, such as ``Ti4O8``."""
        return str(Composition(dict(self.counts)).formula).replace(' ', '')

    @property
    def elements(self) -> list[str]:
        """The elements, from the most electropositive to the most electronegative."""
        return [str(element) for element in sorted(Composition(dict(self.counts)).elements)]


@dataclass(frozen=True)
class Slab(Phase):
    """A slab with two faces.

    :ivar area_a2: the area of one face of its cell, in Å².
    :ivar symmetric: whether a symmetry operation exchanges the two faces.
    :raises NotComparableError: as for a :class:`Phase`, and if the area is not positive.
    """

    area_a2: float
    symmetric: bool

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (math.isfinite(self.area_a2) and self.area_a2 > 0):
            raise NotComparableError(f'The area of {self.formula} is {self.area_a2} Å².')
