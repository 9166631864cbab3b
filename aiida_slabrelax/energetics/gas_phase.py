"""The chemical potentials of elements in equilibrium with their gas, at temperature and pressure.

The gas is ideal, its molecules rigid rotators and harmonic oscillators; rotation is classical. So
computed, Δμ of O2, N2, F2 and Cl2 at 298.15 K is within 0.2 meV, that of H2 within 2 meV, of the
CODATA key values. At 2000 K they are 1 meV (N2), 2 meV (O2) and 7 meV (H2) above the JANAF tables.
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

from .errors import NotComparableError

WAVENUMBER_IN_EV = constants.h * constants.c * 100 / constants.e
"""The energy of 1 cm⁻¹, in eV."""

HIGHEST_TEMPERATURE = 2000.0
"""In K; beyond, excited electronic states and the dissociation of molecules are missed."""

HUBER_HERZBERG = (
    'K. P. Huber and G. Herzberg, Molecular Spectra and Molecular Structure IV: Constants of '
    'Diatomic Molecules, Van Nostrand Reinhold, New York (1979)'
)


@dataclass(frozen=True)
class DiatomicGas:
    """A gas of molecules of two equal atoms.

    :ivar element: its element.
    :ivar bond_length_a: in Å.
    :ivar wavenumber_per_cm: of the vibration from its lowest level to the next, in cm⁻¹.
    :ivar spin: the total spin of the electrons, 1 of a triplet.
    :ivar lowest_temperature_k: in K; below, rotation is not classical, or the gas not one.
    :ivar source: where the numbers are from.
    """

    element: str
    bond_length_a: float
    wavenumber_per_cm: float
    spin: int
    lowest_temperature_k: float
    source: str

    @property
    def name(self) -> str:
        """Such as ``O2``."""
        return f'{self.element}2'


def _gas(
    element: str, r_e: float, w_e: float, w_e_x_e: float, spin: int, lowest: float
) -> DiatomicGas:
    """Return a gas from the spectroscopic constants rₑ (Å), ωₑ and ωₑxₑ (cm⁻¹)."""
    return DiatomicGas(element, r_e, w_e - 2 * w_e_x_e, spin, lowest, HUBER_HERZBERG)


GASES: Mapping[str, DiatomicGas] = MappingProxyType(
    {
        'H': _gas('H', 0.74144, 4401.21, 121.34, 0, 250.0),
        'N': _gas('N', 1.09768, 2358.57, 14.324, 0, 100.0),
        'O': _gas('O', 1.20752, 1580.193, 11.981, 1, 100.0),
        'F': _gas('F', 1.41193, 916.64, 11.236, 0, 100.0),
        'Cl': _gas('Cl', 1.988, 559.72, 2.675, 0, 250.0),
    }
)
"""By element, the gases whose chemical potentials are known."""


@dataclass(frozen=True)
class GasPotential:
    """The chemical potential of an element in equilibrium with its gas.

    :ivar element: the element.
    :ivar temperature_k: in K.
    :ivar pressure_pa: in Pa.
    :ivar delta_mu_ev: Δμ in eV for an atom, counted from the molecule at 0 K.
    :ivar zero_point_ev: the zero-point energy in eV for an atom; not part of Δμ.
    :ivar source: of the constants of the molecule.
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
        """Return everything as plain data, ready for JSON, each number under its unit."""
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

    :param gas: an element of :data:`GASES`, or a gas by its own data, as computed ones.
    :param temperature_k: in K.
    :param pressure_pa: the partial pressure in Pa; 1 bar is 1e5.
    :raises NotComparableError: if nothing is known of the gas, or not at this temperature, or the
        pressure is not positive.
    """
    known = _find(gas)
    if not known.lowest_temperature_k <= temperature_k <= HIGHEST_TEMPERATURE:
        raise NotComparableError(
            f'The gas {known.name} is described from {known.lowest_temperature_k:g} to '
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

    :param delta_mu_ev: Δμ in eV for an atom.
    :param temperature_k: in K.
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
            f'Nothing is known of a gas of {gas!r}, only of {", ".join(GASES)}.'
        )
    return GASES[gas]
