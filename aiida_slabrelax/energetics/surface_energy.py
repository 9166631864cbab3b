"""Surface energies of slabs of any composition, as functions of the chemical potentials.

For a slab with Nᵢ atoms of each element, γ = (E_slab − Σ Nᵢμᵢ)/2A. The bulk is in equilibrium with
its surface, which fixes one potential: Σ bᵢμᵢ = E_bulk. With μᵢ = εᵢ + Δμᵢ, where εᵢ is the energy
of the reference, γ = γ₀ + Σ cᵢΔμᵢ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .balance import check_elements, excess_over, units_by
from .chemical_potentials.references import References, check_references, energy_per_atom_ev
from .errors import NotComparableError
from .phases import Phase, Slab
from .units import EnergyPerArea, Values

STOICHIOMETRIC_FORMULA = 'γ = (E_slab − N E_bulk) / 2A'
LINEAR_FORMULA = 'γ = γ₀ + Σ cᵢ Δμᵢ'

STOICHIOMETRIC_SOURCE = 'V. Fiorentini and M. Methfessel, J. Phys.: Condens. Matter 8, 6525 (1996)'
LINEAR_SOURCE = 'K. Reuter and M. Scheffler, Phys. Rev. B 65, 035406 (2001)'


@dataclass(frozen=True)
class SurfaceEnergy:
    """A surface energy γ₀ + Σ cᵢΔμᵢ.

    :ivar constant: γ₀, the value at Δμ = 0, and the whole of γ for the composition of the bulk.
    :ivar slopes_per_a2: cᵢ by element, in eV/Å² per eV of Δμᵢ, which is 1/Å²; only the elements on
        which γ depends.
    :ivar eliminated: the element whose potential the bulk fixes; None if γ is a constant.
    :ivar symmetric: whether γ is that of either face; else it is the mean of two different faces.
    """

    constant: EnergyPerArea
    slopes_per_a2: Mapping[str, float] = field(hash=False)
    eliminated: str | None
    symmetric: bool

    def at(self, delta_mu_ev: Mapping[str, Values] | None = None) -> EnergyPerArea:
        """Return the surface energy at given chemical potentials.

        :param delta_mu_ev: Δμ in eV by element, numbers or arrays of the same shape; elements on
            which γ does not depend are ignored.
        :raises NotComparableError: if Δμ of an element on which γ depends is missing or not finite.
        """
        potentials = delta_mu_ev or {}
        value = self.constant.ev_per_a2
        for element, slope in self.slopes_per_a2.items():
            if element not in potentials:
                raise NotComparableError(f'The surface energy depends on Δμ of {element}.')
            if not np.isfinite(potentials[element]).all():
                raise NotComparableError(f'Δμ of {element} is {potentials[element]} eV.')
            value = value + slope * potentials[element]
        return EnergyPerArea(value)

    @property
    def meaning(self) -> str:
        """Which faces the energy belongs to."""
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
        """The formula by which it was computed."""
        return LINEAR_FORMULA if self.slopes_per_a2 else STOICHIOMETRIC_FORMULA

    @property
    def source(self) -> str:
        """The source of the formula."""
        return LINEAR_SOURCE if self.slopes_per_a2 else STOICHIOMETRIC_SOURCE

    def describe(self) -> dict[str, Any]:
        """Return everything as plain data for JSON, each number under its unit."""
        return {
            'constant': self.constant.describe(),
            'slopes': {symbol: {'1/Å²': slope} for symbol, slope in self.slopes_per_a2.items()},
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

    :param bulk: the crystal, or its oriented cell, computed with the settings of the slab.
    :param references: the references of the excess elements of the slab, if the formula units are
        counted by the atoms of the eliminated element.
    :param eliminated: the element whose chemical potential the bulk fixes; by default one without
        a reference, else the most electropositive one. The choice decides which potentials appear
        in γ, not the value of γ.
    :raises NotComparableError: if the slab does not belong to this bulk, or a reference is missing
        or does not consist of its element.
    """
    references = references or {}
    check_elements(slab, bulk)
    check_references(references)
    chosen = _choose_eliminated(slab, bulk, references, eliminated)
    excess = {symbol: float(atoms) for symbol, atoms in excess_over(chosen, slab, bulk).items()}

    energy = slab.energy_ev - float(units_by(chosen, slab, bulk)) * bulk.energy_per_unit_ev
    for symbol, atoms in excess.items():
        energy -= atoms * energy_per_atom_ev(symbol, references)
    return SurfaceEnergy(
        constant=EnergyPerArea(energy / (2 * slab.area_a2)),
        slopes_per_a2={symbol: -atoms / (2 * slab.area_a2) for symbol, atoms in excess.items()},
        eliminated=chosen if excess else None,
        symmetric=slab.symmetric,
    )


def _choose_eliminated(
    slab: Slab, bulk: Phase, references: References, eliminated: str | None
) -> str:
    """Return the element to eliminate; every other excess element has a reference."""
    if eliminated is not None:
        if eliminated not in bulk.counts:
            raise NotComparableError(
                f'{eliminated} cannot be eliminated: the bulk is {bulk.formula}.'
            )
        return eliminated
    # sorted() is stable: elements without reference first, each group by electronegativity.
    for element in sorted(bulk.elements, key=lambda symbol: symbol in references):
        if references.keys() >= excess_over(element, slab, bulk).keys():
            return element
    missing = [element for element in bulk.elements if element not in references]
    raise NotComparableError(
        f'{slab.formula} does not have the composition of the bulk {bulk.formula}: its surface '
        f'energy depends on chemical potentials, and there is no reference of '
        f'{", ".join(missing)}. All elements but one need a reference.'
    )
