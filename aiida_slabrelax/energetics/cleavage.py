"""Cleavage energies: the energy of a cut, which is the sum for its two faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from .balance import check_elements, is_stoichiometric
from .errors import NotComparableError
from .phases import Phase, Slab
from .relaxation import SAME_AREA
from .surface_energy import surface_energy
from .units import EnergyPerArea

#: The tolerance of interlayer distances, Å.
SAME_GAP = 0.02


@dataclass(frozen=True)
class CleavageEnergy:
    """The energy of a cut per area of the cut, for both faces together.

    It does not depend on chemical potentials. Unrelaxed slabs give the energy of a sudden cut,
    relaxed slabs that of a slow one.

    :ivar per_area: the energy.
    """

    per_area: EnergyPerArea

    formula: ClassVar[str] = (
        'W = (E_α + E_β − N E_bulk) / 2A, or (E_slab − N E_bulk) / A from one slab'
    )
    source: ClassVar[str] = 'R. I. Eglitis and D. Vanderbilt, Phys. Rev. B 76, 155439 (2007)'
    comparable_with: ClassVar[str] = (
        'cleavage energies of any plane of the same bulk at the same settings; half of it is the '
        'mean surface energy of the two faces'
    )

    def describe(self) -> dict[str, Any]:
        """Return everything as plain data for JSON, each number under its unit."""
        return {
            'per_area': self.per_area.describe(),
            'comparable_with': self.comparable_with,
            'formula': self.formula,
            'source': self.source,
        }


def cleavage_energy(slab: Slab, bulk: Phase, complement: Slab | None = None) -> CleavageEnergy:
    """Return the cleavage energy of a cut.

    :param slab: a slab with the composition of the bulk and the two faces of the cut; or the first
        of two symmetric slabs, each with one of the faces on both sides.
    :param complement: the second of two symmetric slabs.
    :raises NotComparableError: if the atoms do not add up to whole formula units of the bulk, the
        areas differ, or one of two slabs is not symmetric.
    """
    if complement is None:
        gamma = surface_energy(slab, bulk)
        return CleavageEnergy(EnergyPerArea(2 * gamma.constant.ev_per_a2))
    for half in (slab, complement):
        check_elements(half, bulk)
        if not half.symmetric:
            raise NotComparableError(f'{half.formula} has two different faces.')
    if abs(slab.area_a2 / complement.area_a2 - 1) > SAME_AREA:
        raise NotComparableError(
            f'The areas of {slab.formula} and {complement.formula} differ: {slab.area_a2:.4f} and '
            f'{complement.area_a2:.4f} Å².'
        )
    both = Slab(
        {element: slab.counts[element] + complement.counts[element] for element in bulk.counts},
        slab.energy_ev + complement.energy_ev,
        slab.area_a2,
        symmetric=False,
    )
    if not is_stoichiometric(both, bulk):
        raise NotComparableError(
            f'{slab.formula} and {complement.formula} are not the two sides of a cut: together '
            f'they are {both.formula}, not whole formula units of {bulk.formula}.'
        )
    return CleavageEnergy(surface_energy(both, bulk).constant)


def are_complementary(face: Sequence[Sequence[Any]], other: Sequence[Sequence[Any]]) -> bool:
    """Return whether two faces can be the two sides of one cut.

    Seen from the other side, the layers of a period come in the opposite order. Faces that differ
    only in the lateral registry of their layers are not distinguished.

    :param face: the layers from the surface inwards, one period deep, as pairs of their contents
        and the distance (Å) to the next: ``top`` or ``bottom`` of
        :func:`~aiida_slabrelax.surfaces.describe_termination`.
    :param other: the layers of the other face, likewise.
    """
    if not face or len(face) != len(other):
        return False
    # The last distance leads to the next period, where the cut is.
    distances = [distance for _, distance in face]
    turned = [*reversed(distances[:-1]), distances[-1]]
    return all(
        contents == other_contents and abs(distance - other_distance) < SAME_GAP
        for (contents, _), distance, (other_contents, other_distance) in zip(
            reversed(face), turned, other, strict=True
        )
    )
