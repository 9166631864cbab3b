"""Real CalcJobs whose executable plays what VASP has written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida import engine
from aiida.orm import (
    CalcJobNode,
    Computer,
    Dict,
    InstalledCode,
    KpointsData,
    StructureData,
    WorkChainNode,
)
from aiida.plugins import CalculationFactory, WorkflowFactory
from aiida_vasp.data.potcar import PotcarData
from pymatgen.core import Structure

from aiida_slabrelax.standin.inputs.potcar import write_potcar_family
from replay_vasp import EXECUTABLE, Recording


@pytest.fixture(scope='session')
def replaying_code(localhost: Computer, tmp_path_factory: pytest.TempPathFactory) -> InstalledCode:
    """The executable that plays the folders in its environment variable ``REPLAYED``."""
    executable = tmp_path_factory.mktemp('replay') / 'vasp'
    executable.write_text(EXECUTABLE)
    executable.chmod(0o755)
    return InstalledCode(
        label='vasp-replay',
        computer=localhost,
        filepath_executable=str(executable),
        default_calc_job_plugin='vasp.vasp',
        with_mpi=False,
    ).store()


@pytest.fixture(scope='session')
def potentials(aiida_profile: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a family of synthetic potentials of the elements in the recordings."""
    folder = tmp_path_factory.mktemp('potentials') / 'recorded'
    write_potcar_family(folder, ('Al', 'Ca', 'H', 'Ir', 'N', 'Nd', 'O', 'Pb', 'Si', 'Xe'))
    PotcarData.upload_potcar_family(str(folder), 'recorded', 'Synthetic', stop_if_existing=False)
    return 'recorded'


@pytest.fixture(scope='session')
def replay(
    replaying_code: InstalledCode, potentials: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., CalcJobNode]:
    """Return a function that plays a recording through a CalcJob and parses it."""

    def run(
        played: Recording,
        structure: Structure | StructureData,
        incar: dict[str, Any] | None = None,
        parser_settings: dict[str, Any] | None = None,
    ) -> CalcJobNode:
        if isinstance(structure, Structure):
            structure = StructureData(pymatgen=structure)
        kpoints = KpointsData()
        kpoints.set_kpoints_mesh([1, 1, 1])
        mapping = {kind.name: kind.symbol for kind in structure.kinds}
        folder = played.write(tmp_path_factory.mktemp('played') / '0')
        _, node = engine.run_get_node(
            CalculationFactory('vasp.vasp'),
            code=replaying_code,
            structure=structure,
            parameters=Dict({'ibrion': 2, 'nsw': 100, **(incar or {})}),
            kpoints=kpoints,
            potential=PotcarData.get_potcars_from_structure(structure, potentials, mapping),
            settings=Dict({'parser_settings': parser_settings or {}}),
            metadata={
                'options': {
                    'parser_name': 'slabrelax.vasp',
                    'resources': {'num_machines': 1},
                    'environment_variables': {'REPLAYED': str(folder)},
                }
            },
        )
        return node

    return run


@pytest.fixture(scope='session')
def replay_relaxation(
    replaying_code: InstalledCode, potentials: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., WorkChainNode]:
    """Return a function that plays recordings one after the other in a VaspWorkChain."""

    def run(recordings: list[Recording], structure: Structure, incar: dict[str, Any]) -> Any:
        given = StructureData(pymatgen=structure)
        folder = tmp_path_factory.mktemp('played')
        folders = [one.write(folder / str(number)) for number, one in enumerate(recordings)]
        options = {
            'parser_name': 'slabrelax.vasp',
            'resources': {'num_machines': 1},
            'environment_variables': {'REPLAYED': ':'.join(map(str, folders))},
        }
        _, node = engine.run_get_node(
            WorkflowFactory('vasp.v2.vasp'),
            code=replaying_code,
            structure=given,
            kpoints_spacing=1.0,
            parameters=Dict({'incar': incar}),
            potential_family=potentials,
            potential_mapping=Dict({kind.name: kind.symbol for kind in given.kinds}),
            calc={'metadata': {'options': options}},
            settings=Dict({'no_default_monitors': True}),
        )
        return node

    return run
