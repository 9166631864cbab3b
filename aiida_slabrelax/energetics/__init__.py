"""Energetics: from total energies to surface energies and the conditions of stability.

Plain functions of plain numbers; knows nothing of AiiDA. Energies are in eV, lengths in Å; every
name of a number ends in its unit, and an energy per area has both of its units.
"""

from .balance import excess_over, is_stoichiometric, units_by
from .errors import NotComparableError
from .phases import Phase, Slab
from .references import References, formation_energy
from .surface_energy import SurfaceEnergy, surface_energy
from .units import EV_PER_A2_IN_J_PER_M2, EnergyPerArea

__all__ = [
    'EV_PER_A2_IN_J_PER_M2',
    'EnergyPerArea',
    'NotComparableError',
    'Phase',
    'References',
    'Slab',
    'SurfaceEnergy',
    'excess_over',
    'formation_energy',
    'is_stoichiometric',
    'surface_energy',
    'units_by',
]
