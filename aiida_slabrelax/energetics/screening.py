"""How far surface energies lie above the lowest one, whatever the chemical potentials are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.optimize import linprog

from .chemical_potentials.stability import StabilityRegion
from .errors import NotComparableError
from .surface_energy import SurfaceEnergy
from .units import EnergyPerArea


def least_excess(
    energies: Mapping[str, SurfaceEnergy], region: StabilityRegion | None = None
) -> dict[str, EnergyPerArea]:
    """Return by label how far γ lies above the lowest one at the least, at all potentials.

    γ is linear in the chemical potentials, and so are the limits of these: the smallest distance of
    γ from the lower envelope of all is the solution of a linear programme. It is 0 for a slab that
    is the lowest somewhere. Without a region the potentials may have any value: what is high
    everywhere is high in every region.

    :param energies: counted from the same references with the same element eliminated.
    :param region: the potentials at which the crystal is stable.
    :raises NotComparableError: if another element is eliminated, or an asymmetric slab, whose γ is
        the mean of two faces, is compared with a symmetric one.
    """
    _check(energies, region)
    elements = sorted({element for one in energies.values() for element in one.slopes_per_a2})
    if region is not None:
        elements = list(region.elements)
    lines = {
        label: np.array(
            [
                *(one.slopes_per_a2.get(element, 0.0) for element in elements),
                float(one.constant.ev_per_a2),
            ]
        )
        for label, one in energies.items()
    }
    limits = np.empty((0, len(elements) + 1)) if region is None else region.half_spaces_ev
    return {label: EnergyPerArea(_above(label, lines, limits)) for label in energies}


def _above(label: str, lines: Mapping[str, np.ndarray], limits: np.ndarray) -> float:
    """Return the smallest z (eV/Å²) with γ − γ' ≤ z for all others γ' at some potentials.

    :param lines: by label, the slopes and the constant.
    :param limits: rows (a, b) with a·Δμ + b ≤ 0.
    """
    differences = np.array([lines[label] - other for other in lines.values()])
    n = differences.shape[1] - 1
    rows = [[*row[:n], -1.0] for row in differences] + [[*row[:n], 0.0] for row in limits]
    found = linprog(
        c=[0.0] * n + [1.0],
        A_ub=np.array(rows),
        b_ub=[*-differences[:, n], *-limits[:, n]],
        bounds=[(None, None)] * n + [(0, None)],
    )
    if not found.success:
        raise NotComparableError(f'The excess of {label} is not known: {found.message}')
    return float(found.fun)


def _check(energies: Mapping[str, SurfaceEnergy], region: StabilityRegion | None) -> None:
    eliminated = {one.eliminated for one in energies.values()} - {None}
    if region is not None:
        eliminated.add(region.eliminated)
    if len(eliminated) > 1:
        names = ' and '.join(sorted(filter(None, eliminated)))
        raise NotComparableError(f'Their chemical potentials differ: {names} are eliminated.')
    if len({one.symmetric for one in energies.values()}) > 1:
        raise NotComparableError(
            'The mean of two different faces is not compared with the energy of one face.'
        )
