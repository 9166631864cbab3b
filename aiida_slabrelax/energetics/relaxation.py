"""Relaxation energies of slabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from .errors import NotComparableError
from .phases import Slab
from .units import EnergyPerArea

#: Tolerance (eV) for rounding when a relaxed slab is compared with the unrelaxed one.
NOISE = 1e-3

#: The relative tolerance of areas of the same cell.
SAME_AREA = 1e-4


@dataclass(frozen=True)
class RelaxationEnergy:
    """The energy of a relaxed slab minus that of the unrelaxed one; negative.

    :ivar energy_ev: the energy of the whole slab, in eV.
    :ivar per_area: the energy per area of the faces that relaxed.
    """

    energy_ev: float
    per_area: EnergyPerArea

    formula: ClassVar[str] = 'ΔE = E_relaxed − E_unrelaxed; per area of the faces that relaxed'
    source: ClassVar[str] = 'R. I. Eglitis and D. Vanderbilt, Phys. Rev. B 76, 155439 (2007)'
    comparable_with: ClassVar[str] = (
        'relaxation energies at the same settings; per slab, of the same cell only'
    )

    def describe(self) -> dict[str, Any]:
        """Return everything as plain data for JSON, each number under its unit."""
        return {
            'energy': {'eV': self.energy_ev},
            'per_area': self.per_area.describe(),
            'comparable_with': self.comparable_with,
            'formula': self.formula,
            'source': self.source,
        }


def relaxation_energy(unrelaxed: Slab, relaxed: Slab, relaxed_faces: int = 2) -> RelaxationEnergy:
    """Return the relaxation energy of a slab.

    :param relaxed_faces: 2, or 1 if one face was fixed.
    :raises NotComparableError: if the slabs differ in atoms or area, or the relaxed slab has the
        higher energy, so that their settings must differ.
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
