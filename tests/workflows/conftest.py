"""What the workflows of surface energies are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.orm import InstalledCode, StructureData
from ase.build import bulk


@pytest.fixture(scope='session')
def metal_inputs(vasp_code: InstalledCode, potential_family: str) -> Callable[..., dict[str, Any]]:
    """Return a function that makes inputs of the workflows for a metal, or for another crystal.

    ``environment`` is laid over the variables of the calculations, ``incar`` over the INCAR.
    """

    def make(
        crystal: StructureData | str = 'Cu',
        environment: dict[str, str] | None = None,
        incar: dict[str, Any] | None = None,
        **chosen: Any,
    ) -> dict[str, Any]:
        structure = (
            StructureData(ase=bulk(crystal, 'fcc', cubic=True))
            if isinstance(crystal, str)
            else crystal
        )
        relaxation = {'ibrion': 1, 'nsw': 60, 'ediffg': -1e-4, 'encut': 400}
        return {
            'code': vasp_code,
            'bulk_structure': structure,
            'protocol': 'fast',
            'overrides': {
                'min_slab_thickness': 5.0,
                'min_vacuum_thickness': 10.0,
                'vasp': {
                    'potential_family': potential_family,
                    'potential_mapping': {one: one for one in structure.get_symbols_set()},
                    'parameters': {'incar': {**relaxation, **(incar or {})}},
                },
                **chosen,
            },
            'options': {
                'resources': {'num_machines': 1},
                'withmpi': False,
                'max_wallclock_seconds': 600,
                'environment_variables': environment or {},
            },
        }

    return make
