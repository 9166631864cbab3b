"""The total energies of the relaxed slabs, from the outputs of their relaxations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from aiida.engine import calcfunction
from aiida.orm import Dict, Float

#: The keys of a total energy, in order of preference: E(σ→0), E without entropy, free energy.
ENERGY_KEYS = ('energy_extrapolated', 'energy_no_entropy', 'energy')


class EnergyNotFoundError(ValueError):
    """A relaxation returned no total energy."""


def find_energy(misc: Mapping[str, Any]) -> float:
    """Return the total energy (eV) of a VASP calculation.

    It is the first of :data:`ENERGY_KEYS` found in ``misc['total_energies']`` or in ``misc``.

    :param misc: the content of the ``misc`` output of aiida-vasp.
    :raises EnergyNotFoundError: if there is no energy, or it is not a finite number; the message
        lists the keys that exist.
    """
    total_energies = misc.get('total_energies') or {}
    for energies in (total_energies, misc):
        for key in ENERGY_KEYS:
            if key not in energies:
                continue
            energy = energies[key]
            if not isinstance(energy, float | int) or not math.isfinite(energy):
                raise EnergyNotFoundError(f'{key} is {energy!r}, not a finite number')
            return float(energy)
    keys = sorted(total_energies) or sorted(misc)
    problems = ''.join(f'; {name} {why}' for name, why in misc.get('file_problems', {}).items())
    raise EnergyNotFoundError(
        f'none of {", ".join(ENERGY_KEYS)} among the keys of misc: '
        f'{", ".join(keys) or "no keys"}{problems}'
    )


@calcfunction
def gather_energies(**misc: Dict) -> dict[str, dict[str, Float]]:
    """Return the total energy (eV) of each slab from the ``misc`` output of its relaxation.

    :param misc: a namespace ``misc`` with the output ``misc`` of each relaxation, by label.
    :return: a namespace ``energies`` with one ``Float`` (eV) for each label.
    """
    return {
        'energies': {
            label: Float(find_energy(node.get_dict())) for label, node in misc['misc'].items()
        }
    }
