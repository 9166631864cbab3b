"""Energies per area, always given in both of their units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import constants

#: A number, or an array of numbers for a grid of conditions.
Values = float | NDArray[np.float64]

#: 1 eV/Å² = 16.02176634 J/m², exact since the SI of 2019.
EV_PER_A2_IN_J_PER_M2: float = constants.elementary_charge * 1e20


@dataclass(frozen=True)
class EnergyPerArea:
    """An energy per area.

    :ivar ev_per_a2: the value in eV/Å².
    """

    ev_per_a2: Values

    @property
    def j_per_m2(self) -> Values:
        """The value in J/m²."""
        return self.ev_per_a2 * EV_PER_A2_IN_J_PER_M2

    def describe(self) -> dict[str, Values]:
        """Return the value by unit; plain data for JSON if it is a number."""
        return {'eV/Å²': self.ev_per_a2, 'J/m²': self.j_per_m2}
