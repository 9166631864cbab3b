"""The calculation function that decides whether a relaxation starts from a pre-relaxed slab."""

from __future__ import annotations

from typing import Any

from aiida.engine import ExitCode, calcfunction
from aiida.orm import Dict, StructureData

from ..surfaces.slabs.prerelaxed import AbsurdError, start_from
from .gather_energies import EnergyNotFoundError, find_energy
from .structures import to_pymatgen, to_structure_data

#: The exit status if the pre-relaxed slab is not used; the message begins with the test it fails.
ABSURD = 350


@calcfunction
def take_prerelaxed(
    slab: StructureData,
    prerelaxed: StructureData,
    misc: Dict,
    dynamics: Dict | None = None,
) -> dict[str, Any] | ExitCode:
    """Check a pre-relaxed slab, and return it with the fixed atoms and the symmetry of the slab.

    :param slab: the slab as it was cut.
    :param prerelaxed: its geometry after the pre-relaxation.
    :param misc: the output ``misc`` of the pre-relaxation; it must have an energy.
    :param dynamics: the selective dynamics of both relaxations.
    :return: ``start``, the geometry from which the relaxation starts. Exit status 350 if it must
        start from the slab as it was cut.
    """
    free = None if dynamics is None else dynamics.get_dict().get('positions_dof')
    try:
        find_energy(misc.get_dict())
        start = start_from(to_pymatgen(slab), to_pymatgen(prerelaxed), free)
    except EnergyNotFoundError as error:
        return ExitCode(ABSURD, f'NO ENERGY: {error}')
    except AbsurdError as error:
        return ExitCode(ABSURD, str(error))
    return {'start': to_structure_data(start, slab)}
