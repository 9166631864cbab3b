"""The chemical potentials of elements in equilibrium with their gas, at temperature and pressure.

The gas is ideal; its molecules are rigid rotators and harmonic oscillators, and rotation is
classical. At 298.15 K, Δμ of O2, N2, F2 and Cl2 agrees with the CODATA key values within 0.2 meV,
that of H2 within 2 meV. At 2000 K, Δμ is 1 meV (N2), 2 meV (O2) and 7 meV (H2) above the JANAF
tables.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from ase import Atoms, units
from ase.thermochemistry import IdealGasThermo
from scipy import constants

from ..errors import NotComparableError

#: The energy of 1 cm⁻¹, in eV.
WAVENUMBER_IN_EV = constants.h * constants.c * 100 / constants.e

#: In K; above it, excited electronic states and dissociation are no longer negligible.
HIGHEST_TEMPERATURE = 2000.0

HUBER_HERZBERG = (
    'K. P. Huber and G. Herzberg, Molecular Spectra and Molecular Structure IV: Constants of '
    'Diatomic Molecules, Van Nostrand Reinhold, New York (1979)'
)


@dataclass(frozen=True)
class DiatomicGas:
    """A gas of molecules of two equal atoms.

    :ivar element: its element.
    :ivar bond_length_a: in Å.
    :ivar wavenumber_per_cm: the wavenumber of the fundamental vibration, in cm⁻¹.
    :ivar spin: the total spin of the electrons; 1 for a triplet.
    :ivar lowest_temperature_k: in K; below it, rotation is not classical, or the element condenses.
    :ivar source: the source of the numbers.
    """

    element: str
    bond_length_a: float
    wavenumber_per_cm: float
    spin: int
    lowest_temperature_k: float
    source: str

    @property
    def name(self) -> str:
        """The formula, such as ``O2``."""
        return f'{self.element}2'


def _gas(
    element: str, r_e: float, w_e: float, w_e_x_e: float, spin: int, lowest: float
) -> DiatomicGas:
    """Return a gas from the spectroscopic constants rₑ (Å), ωₑ and ωₑxₑ (cm⁻¹)."""
    return DiatomicGas(element, r_e, w_e - 2 * w_e_x_e, spin, lowest, HUBER_HERZBERG)


#: The known gases by element.
GASES: Mapping[str, DiatomicGas] = MappingProxyType(
    {
        'H': _gas('H', 0.74144, 4401.21, 121.34, 0, 250.0),
        'N': _gas('N', 1.09768, 2358.57, 14.324, 0, 100.0),
        'O': _gas('O', 1.20752, 1580.193, 11.981, 1, 100.0),
        'F': _gas('F', 1.41193, 916.64, 11.236, 0, 100.0),
        'Cl': _gas('Cl', 1.988, 559.72, 2.675, 0, 250.0),
    }
)


@dataclass(frozen=True)
class GasPotential:
    """The chemical potential of an element in equilibrium with its gas.

    :ivar element: the element.
    :ivar temperature_k: the temperature in K.
    :ivar pressure_pa: the partial pressure in Pa.
    :ivar delta_mu_ev: Δμ in eV per atom, relative to the molecule at 0 K.
    :ivar zero_point_ev: the zero-point energy in eV per atom; not part of Δμ.
    :ivar source: the source of the constants of the molecule.
    """

    element: str
    temperature_k: float
    pressure_pa: float
    delta_mu_ev: float
    zero_point_ev: float
    source: str

    formula: ClassVar[str] = 'Δμ = [G(T, p) − H(0 K)] / 2 of an ideal gas of rigid rotators'
    comparable_with: ClassVar[str] = (
        'chemical potentials counted from the total energy of the molecule; zero-point energies '
        'are left out, as in the solids'
    )

    def describe(self) -> dict[str, Any]:
        """Return everything as plain data for JSON, each number under its unit."""
        return {
            'element': self.element,
            'temperature': {'K': self.temperature_k},
            'pressure': {'Pa': self.pressure_pa},
            'delta_mu': {'eV': self.delta_mu_ev},
            'zero_point_energy': {'eV': self.zero_point_ev},
            'comparable_with': self.comparable_with,
            'formula': self.formula,
            'source': self.source,
        }


def gas_potential(
    gas: str | DiatomicGas, temperature_k: float, pressure_pa: float = 1e5
) -> GasPotential:
    """Return the chemical potential of an element in equilibrium with its gas.

    :param gas: an element of :data:`GASES`, or a gas with its own data, for example computed.
    :param temperature_k: the temperature in K.
    :param pressure_pa: the partial pressure in Pa; 1 bar is 1e5.
    :raises NotComparableError: if the gas is unknown, the temperature is outside its range, or the
        pressure is not positive.
    """
    known = _find(gas)
    if not known.lowest_temperature_k <= temperature_k <= HIGHEST_TEMPERATURE:
        raise NotComparableError(
            f'The data of the gas {known.name} hold from {known.lowest_temperature_k:g} to '
            f'{HIGHEST_TEMPERATURE:g} K, not at {temperature_k} K.'
        )
    if not (math.isfinite(pressure_pa) and pressure_pa > 0):
        raise NotComparableError(f'A pressure of {pressure_pa} Pa is not positive.')
    thermo = IdealGasThermo(
        vib_energies=[known.wavenumber_per_cm * WAVENUMBER_IN_EV],
        geometry='linear',
        atoms=Atoms(known.name, [(0, 0, 0), (0, 0, known.bond_length_a)]),
        symmetrynumber=2,
        spin=known.spin,
    )
    zero_point = float(thermo.get_ZPE_correction())
    gibbs = float(thermo.get_gibbs_energy(temperature_k, pressure_pa, verbose=False))
    return GasPotential(
        element=known.element,
        temperature_k=float(temperature_k),
        pressure_pa=float(pressure_pa),
        delta_mu_ev=(gibbs - zero_point) / 2,
        zero_point_ev=zero_point / 2,
        source=known.source,
    )


def gas_pressure(gas: str | DiatomicGas, delta_mu_ev: float, temperature_k: float) -> float:
    """Return the pressure (Pa) at which the gas has a chemical potential.

    p = p₀ exp[2(Δμ − Δμ(T, p₀))/kT]. It can be unphysical: far below any vacuum, or infinite.

    :param delta_mu_ev: Δμ in eV per atom.
    :param temperature_k: the temperature in K.
    :raises NotComparableError: as :func:`gas_potential`.
    """
    standard = gas_potential(gas, temperature_k)
    exponent = 2 * (delta_mu_ev - standard.delta_mu_ev) / (units.kB * temperature_k)
    try:
        return standard.pressure_pa * math.exp(exponent)
    except OverflowError:
        return math.inf


def _find(gas: str | DiatomicGas) -> DiatomicGas:
    if isinstance(gas, DiatomicGas):
        return gas
    if gas not in GASES:
        raise NotComparableError(
            f'There are no data for a gas of {gas!r}, only of {", ".join(GASES)}.'
        )
    return GASES[gas]
