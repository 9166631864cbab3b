"""Energetics: from total energies to surface energies and the conditions of stability.

Plain functions of plain numbers, without AiiDA. Energies are in eV and lengths in Å; every name of
a number ends in its unit, and an energy per area is given in both of its units.
"""

from .areas import check_area, plane_area
from .balance import excess_over, is_stoichiometric, units_by
from .chemical_potentials.gas_phase import (
    GASES,
    DiatomicGas,
    GasPotential,
    gas_potential,
    gas_pressure,
)
from .chemical_potentials.references import References, check_references, formation_energy
from .chemical_potentials.region_slices import slice_region
from .chemical_potentials.stability import StabilityRegion, stability_region
from .cleavage import CleavageEnergy, are_complementary, cleavage_energy
from .envelope import Lowest, lower_envelope
from .errors import NotComparableError
from .own_numbers import read_numbers, surface_energies_of
from .phases import Phase, Slab
from .relaxation import RelaxationEnergy, relaxation_energy
from .screening import least_excess
from .settings import check_settings
from .surface_energy import SurfaceEnergy, surface_energy
from .thickness_fit import LinearFit, ThicknessFit, fit_line, fit_surface_energy
from .units import EV_PER_A2_IN_J_PER_M2, EnergyPerArea

__all__ = [
    'EV_PER_A2_IN_J_PER_M2',
    'GASES',
    'CleavageEnergy',
    'DiatomicGas',
    'EnergyPerArea',
    'GasPotential',
    'LinearFit',
    'Lowest',
    'NotComparableError',
    'Phase',
    'References',
    'RelaxationEnergy',
    'Slab',
    'StabilityRegion',
    'SurfaceEnergy',
    'ThicknessFit',
    'are_complementary',
    'check_area',
    'check_references',
    'check_settings',
    'cleavage_energy',
    'excess_over',
    'fit_line',
    'fit_surface_energy',
    'formation_energy',
    'gas_potential',
    'gas_pressure',
    'is_stoichiometric',
    'least_excess',
    'lower_envelope',
    'plane_area',
    'read_numbers',
    'relaxation_energy',
    'slice_region',
    'stability_region',
    'surface_energies_of',
    'surface_energy',
    'units_by',
]
