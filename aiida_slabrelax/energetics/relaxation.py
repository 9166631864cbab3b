"""What a slab gains when its atoms relax."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from .errors import NotComparableError
from .phases import Slab
from .units import EnergyPerArea

NOISE = 1e-3
"""A relaxed slab (eV) may lie above the unrelaxed one by what total energies are rounded."""

SAME_AREA = 1e-4
"""Areas of one cell agree within this fraction."""


@dataclass(frozen=True)
class RelaxationEnergy:
    """The energy of a relaxed slab less that of the unrelaxed one; negative.

    :ivar energy_ev: of the whole slab, in eV.
    :ivar per_area: for the area of each face that relaxed.
    """

    energy_ev: float
    per_area: EnergyPerArea

    formula: ClassVar[str] = 'ΔE = E_relaxed − E_unrelaxed; per area of the faces that relaxed'
    source: ClassVar[str] = 'R. I. Eglitis and D. Vanderbilt, Phys. Rev. B 76, 155439 (2007)'
    comparable_with: ClassVar[str] = (
        'relaxation energies at the same settings; per slab, of the same cell only'
    )

    def describe(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON, each number under its unit."""
        return {
            'energy': {'eV': self.energy_ev},
            'per_area': self.per_area.describe(),
            'comparable_with': self.comparable_with,
            'formula': self.formula,
            'source': self.source,
        }


def relaxation_energy(unrelaxed: Slab, relaxed: Slab, relaxed_faces: int = 2) -> RelaxationEnergy:
    """Return the relaxation energy of a slab.

    :param relaxed_faces: 2, or 1 if the other face was fixed.
    :raises NotComparableError: if the slabs differ in atoms or area, or relaxation raised the
        energy, so that the two cannot have been computed alike.
    """
    if relaxed_faces not in (1, 2):
        raise NotComparableError(f'{relaxed_faces} faces cannot relax, only 1 or 2.')
    if unrelaxed.counts != relaxed.counts:
        raise NotComparableError(
            f'The unrelaxed slab is {unrelaxed.formula}, the relaxed one {relaxed.formula}.'
        )
    if abs(unrelaxed.area_a2 / relaxed.area_a2 - 1) > SAME_AREA:
        raise NotComparableError(
            f'The area of the unrelaxed slab is {unrelaxed.area_a2:.4f} Å², that of the relaxed '
            f'one {relaxed.area_a2:.4f} Å².'
        )
    energy = relaxed.energy_ev - unrelaxed.energy_ev
    if energy > NOISE:
        raise NotComparableError(
            f'The relaxed slab lies {energy:.4f} eV above the unrelaxed one: they were not '
            'computed at the same settings, or not in the same state.'
        )
    return RelaxationEnergy(energy, EnergyPerArea(energy / (relaxed_faces * relaxed.area_a2)))
