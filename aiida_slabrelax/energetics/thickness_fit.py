"""Surface energies from slabs of several thicknesses, without a separate energy of the bulk.

The effect of an error in the bulk energy grows with the thickness of the slab. The slope of E(N) is
the bulk energy that is consistent with the slabs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .balance import excess_over, units_by
from .chemical_potentials.references import References
from .errors import NotComparableError
from .phases import Phase, Slab
from .relaxation import SAME_AREA
from .surface_energy import SurfaceEnergy, surface_energy


@dataclass(frozen=True)
class LinearFit:
    """A straight line E = E₀ + N·E₁ through total energies.

    :ivar intercept_ev: E₀, in eV; equal to 2Aγ for slabs with the composition of the bulk.
    :ivar slope_ev: E₁, in eV per unit of N.
    :ivar residuals_ev: E minus the line, in eV, in the given order.
    :ivar intercept_error_ev: the standard error of E₀, in eV; None for two points.
    """

    intercept_ev: float
    slope_ev: float
    residuals_ev: tuple[float, ...]
    intercept_error_ev: float | None


def fit_line(units: Sequence[float], energies_ev: Sequence[float]) -> LinearFit:
    """Fit a straight line to total energies against thickness, by least squares.

    :param units: the number of formula units, or of layers, of each slab.
    :param energies_ev: the total energy of each slab, in eV.
    :raises NotComparableError: if there are fewer than two thicknesses, or a value is not finite.
    """
    n, energies = np.asarray(units, dtype=float), np.asarray(energies_ev, dtype=float)
    if n.shape != energies.shape or n.ndim != 1:
        raise NotComparableError(f'There are {n.size} thicknesses and {energies.size} energies.')
    if not (np.isfinite(n).all() and np.isfinite(energies).all()):
        raise NotComparableError('A thickness or an energy is not a finite number.')
    if np.unique(n).size < 2:
        raise NotComparableError('A line needs slabs of at least two thicknesses.')
    # Total energies are large and nearly proportional to N: centring avoids the loss of digits.
    offset, mean = n - n.mean(), energies.mean()
    slope = float(offset @ (energies - mean) / (offset @ offset))
    intercept = float(mean - slope * n.mean())
    residuals = energies - mean - slope * offset
    error = None
    if n.size > 2:
        variance = float(residuals @ residuals) / (n.size - 2)
        error = float(np.sqrt(variance * (1 / n.size + n.mean() ** 2 / (offset @ offset))))
    return LinearFit(intercept, slope, tuple(residuals.tolist()), error)


@dataclass(frozen=True)
class ThicknessFit:
    """The surface energy of one termination from slabs of several thicknesses.

    :ivar surface_energy: the surface energy with the bulk energy from the fit.
    :ivar bulk_energy_ev: the bulk energy from the fit, in eV per formula unit.
    :ivar error_ev_per_a2: the standard error of γ from the fit alone, in eV/Å²; None for two slabs.
    :ivar residuals_ev: the residuals of the energies of the slabs, in eV, in the given order.
    """

    surface_energy: SurfaceEnergy
    bulk_energy_ev: float
    error_ev_per_a2: float | None
    residuals_ev: tuple[float, ...]

    formula: ClassVar[str] = 'E_slab(N) = 2Aγ + N E_bulk, fitted for γ and E_bulk'
    source: ClassVar[str] = (
        'V. Fiorentini and M. Methfessel, J. Phys.: Condens. Matter 8, 6525 (1996)'
    )

    def describe(self) -> dict[str, Any]:
        """Return everything as plain data for JSON, each number under its unit."""
        return {
            'surface_energy': self.surface_energy.describe(),
            'bulk_energy': {'eV per formula unit': self.bulk_energy_ev},
            'standard_error': {'eV/Å²': self.error_ev_per_a2},
            'residuals': {'eV': list(self.residuals_ev)},
            'formula': self.formula,
            'source': self.source,
        }


def fit_surface_energy(
    slabs: Sequence[Slab],
    formula_unit: Phase,
    references: References | None = None,
    eliminated: str | None = None,
) -> ThicknessFit:
    """Return the surface energy of a termination from slabs of several thicknesses.

    :param slabs: slabs of the same termination with the same cell in the plane.
    :param formula_unit: the bulk; its energy is not used.
    :param references: as for :func:`surface_energy`.
    :param eliminated: as for :func:`surface_energy`.
    :raises NotComparableError: as :func:`surface_energy`, and if the slabs differ in their excess
        of atoms, their area or the symmetry of their faces, or all have the same thickness.
    """
    if not slabs:
        raise NotComparableError('There are no slabs to fit.')
    first = slabs[0]
    # γ must exist for each slab before anything is fitted.
    gammas = [surface_energy(slab, formula_unit, references, eliminated) for slab in slabs]
    element = gammas[0].eliminated or formula_unit.elements[0]
    for slab in slabs[1:]:
        same_excess = excess_over(element, slab, formula_unit) == excess_over(
            element, first, formula_unit
        )
        same_area = abs(slab.area_a2 / first.area_a2 - 1) < SAME_AREA
        if not same_excess or not same_area or slab.symmetric != first.symmetric:
            raise NotComparableError(
                f'{slab.formula} is not {first.formula} with more layers: '
                + (
                    'its area or its symmetry differs.'
                    if same_excess
                    else 'its excess atoms differ.'
                )
            )
    units = [float(units_by(element, slab, formula_unit)) for slab in slabs]
    line = fit_line(units, [slab.energy_ev for slab in slabs])
    # A slab on the line, with the bulk energy of the line, has the fitted surface energy.
    bulk = Phase(formula_unit.formula_unit, line.slope_ev)
    on_line = Slab(
        first.counts, line.intercept_ev + units[0] * line.slope_ev, first.area_a2, first.symmetric
    )
    error = line.intercept_error_ev
    return ThicknessFit(
        surface_energy=surface_energy(on_line, bulk, references, element),
        bulk_energy_ev=line.slope_ev,
        error_ev_per_a2=None if error is None else error / (2 * first.area_a2),
        residuals_ev=line.residuals_ev,
    )
