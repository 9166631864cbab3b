"""Surface energies of any composition, as functions of the chemical potentials of the elements.

With the atoms Nᵢ of a slab, γ = (E_slab − Σ Nᵢμᵢ)/2A. The bulk, in equilibrium with its surface,
fixes one potential by the others: Σ bᵢμᵢ = E_bulk. With μᵢ = εᵢ + Δμᵢ counted from the energies of
the references there remains γ₀ + Σ cᵢΔμᵢ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .balance import check_elements, excess_over, units_by
from .errors import NotComparableError
from .phases import Phase, Slab
from .references import References, check_references, energy_per_atom_ev
from .units import EnergyPerArea, Values

STOICHIOMETRIC_FORMULA = 'γ = (E_slab − N E_bulk) / 2A'
LINEAR_FORMULA = 'γ = γ₀ + Σ cᵢ Δμᵢ'

STOICHIOMETRIC_SOURCE = 'V. Fiorentini and M. Methfessel, J. Phys.: Condens. Matter 8, 6525 (1996)'
LINEAR_SOURCE = 'K. Reuter and M. Scheffler, Phys. Rev. B 65, 035406 (2001)'


@dataclass(frozen=True)
class SurfaceEnergy:
    """A surface energy γ₀ + Σ cᵢΔμᵢ.

    :ivar constant: γ₀, that at Δμ = 0; all of it for a slab with the composition of the bulk.
    :ivar slopes_per_a2: cᵢ by element, in eV/Å² for each eV of Δμᵢ, which is 1/Å²; of the elements
        on which γ depends.
    :ivar eliminated: the element whose potential the bulk fixes; None if γ depends on none.
    :ivar symmetric: whether γ is that of either face, or the mean of two that differ.
    """

    constant: EnergyPerArea
    slopes_per_a2: Mapping[str, float] = field(hash=False)
    eliminated: str | None
    symmetric: bool

    def at(self, delta_mu_ev: Mapping[str, Values] | None = None) -> EnergyPerArea:
        """Return the surface energy at chemical potentials.

        :param delta_mu_ev: Δμ in eV by element, numbers or arrays of one shape; those of elements
            on which γ does not depend are passed over.
        :raises NotComparableError: if one is missing on which it does, or is not finite.
        """
        given = delta_mu_ev or {}
        value = self.constant.ev_per_a2
        for element, slope in self.slopes_per_a2.items():
            if element not in given:
                raise NotComparableError(f'The surface energy depends on Δμ of {element}.')
            if not np.isfinite(given[element]).all():
                raise NotComparableError(f'Δμ of {element} is {given[element]} eV.')
            value = value + slope * given[element]
        return EnergyPerArea(value)

    @property
    def meaning(self) -> str:
        """Whose energy it is."""
        return 'of either face' if self.symmetric else 'mean of both faces'

    @property
    def comparable_with(self) -> str:
        """What it may be compared with."""
        conditions = ''
        if self.slopes_per_a2:
            conditions = ' at the same chemical potentials, counted from the same references'
        text = f'surface energies of the same bulk at the same settings{conditions}'
        if self.symmetric:
            return text
        return f'{text}; as the mean of two different faces, not with the energy of one face'

    @property
    def formula(self) -> str:
        """How it was computed."""
        return LINEAR_FORMULA if self.slopes_per_a2 else STOICHIOMETRIC_FORMULA

    @property
    def source(self) -> str:
        """Where the formula is from."""
        return LINEAR_SOURCE if self.slopes_per_a2 else STOICHIOMETRIC_SOURCE

    def describe(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON, each number under its unit."""
        return {
            'constant': self.constant.describe(),
            'slopes': {one: {'1/Å²': slope} for one, slope in self.slopes_per_a2.items()},
            'eliminated': self.eliminated,
            'meaning': self.meaning,
            'comparable_with': self.comparable_with,
            'formula': self.formula,
            'source': self.source,
        }


def surface_energy(
    slab: Slab,
    bulk: Phase,
    references: References | None = None,
    eliminated: str | None = None,
) -> SurfaceEnergy:
    """Return the surface energy of a slab.

    A slab with the composition of the bulk needs no references.

    :param bulk: the crystal, or its oriented cell, at the settings of the slab.
    :param references: of the elements by which the slab differs from whole formula units of the
        bulk, counted by the atoms of the eliminated element.
    :param eliminated: the element whose chemical potential the bulk fixes. By default one without
        a reference, else the most electropositive one. The choice says on which potentials γ is
        written to depend, not what it is.
    :raises NotComparableError: if the slab is not one of this bulk, or a reference is missing or
        is not its element.
    """
    references = references or {}
    check_elements(slab, bulk)
    check_references(references)
    chosen = _choose_eliminated(slab, bulk, references, eliminated)
    excess = {one: float(atoms) for one, atoms in excess_over(chosen, slab, bulk).items()}

    energy = slab.energy_ev - float(units_by(chosen, slab, bulk)) * bulk.energy_per_unit_ev
    energy -= sum(atoms * energy_per_atom_ev(one, references) for one, atoms in excess.items())
    return SurfaceEnergy(
        constant=EnergyPerArea(energy / (2 * slab.area_a2)),
        slopes_per_a2={one: -atoms / (2 * slab.area_a2) for one, atoms in excess.items()},
        eliminated=chosen if excess else None,
        symmetric=slab.symmetric,
    )


def _choose_eliminated(
    slab: Slab, bulk: Phase, references: References, eliminated: str | None
) -> str:
    """Return the element to eliminate, all others that matter having a reference."""
    if eliminated is not None:
        if eliminated not in bulk.counts:
            raise NotComparableError(
                f'{eliminated} cannot be eliminated: the bulk is {bulk.formula}.'
            )
        return eliminated
    # sorted() is stable: elements without reference first, each group by electronegativity.
    for element in sorted(bulk.elements, key=lambda one: one in references):
        if references.keys() >= excess_over(element, slab, bulk).keys():
            return element
    missing = [element for element in bulk.elements if element not in references]
    raise NotComparableError(
        f'{slab.formula} has not the composition of the bulk {bulk.formula}: its surface energy '
        f'depends on chemical potentials, and there is no reference of {", ".join(missing)}. All '
        'elements but one need one.'
    )
