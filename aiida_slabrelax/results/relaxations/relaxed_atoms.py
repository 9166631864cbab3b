"""Relaxed slabs with what their last step has computed: energy, forces, moments, fixed sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from ...calculations.structures import to_atoms
from ...engine.links import inputs_of
from ...parsers.outcome import freedom_of
from ...surfaces.slabs.freedom import to_constraints
from .sources import Source


def relaxed_atoms(
    source: Source, energy_ev: float | None, moments: Sequence[float] | None
) -> Atoms:
    """Return a relaxed slab; its calculator holds the results, its constraints the fixed sites.

    :param source: where the structure and the forces (eV/Å) come from.
    :param energy_ev: its total energy in eV.
    :param moments: the moment of each site, μB.
    """
    atoms = to_atoms(source.structure)
    forces = source.misc.get_dict().get('forces')
    given = {'energy': energy_ev, 'forces': forces, 'magmoms': moments}
    results = {name: value for name, value in given.items() if _fits(value, len(atoms))}
    if results:
        atoms.calc = SinglePointCalculator(atoms, **results)
    inputs = inputs_of(source.process)
    freedom = freedom_of(inputs['dynamics'].get_dict()) if 'dynamics' in inputs else None
    if freedom is not None and len(freedom) == len(atoms):
        atoms.set_constraint(to_constraints(freedom))
    return atoms


def _fits(value: Any, n_sites: int) -> bool:
    return value is not None and (np.ndim(value) == 0 or len(value) == n_sites)
