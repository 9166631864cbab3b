"""The retrieved files of a calculation, read in a calcfunction."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiida.orm import Dict, FolderData, StructureData
from ase.build import bulk

from aiida_slabrelax.calculations.read_again import NOTHING_TO_READ, read_again
from vasp_job import Job


@pytest.fixture
def crystal() -> StructureData:
    return StructureData(ase=bulk('Cu', 'fcc', a=3.6, cubic=True), label='crystal')


def retrieved(folder: Path, crystal: StructureData, **variables: object) -> FolderData:
    job = Job(folder).write(crystal.get_ase(), {'IBRION': 1, 'NSW': 5, 'EDIFFG': -0.05})
    job.spawn_binary(MODEL='instant', **variables)
    return FolderData(tree=folder)


def test_what_the_files_hold(tmp_path: Path, crystal: StructureData) -> None:
    parameters = Dict({'ibrion': 1, 'nsw': 5, 'ediffg': -0.05})
    found = read_again(
        retrieved=retrieved(tmp_path, crystal, DIALECT='dos=17'),
        structure=crystal,
        parameters=parameters,
    )
    misc = found['misc'].get_dict()
    assert misc['total_energies']['energy_extrapolated'] == pytest.approx(-4 * (1 + 29 / 20))
    assert misc['run_status']['ionic_converged'] is True
    assert found['structure'].get_formula() == 'Cu4'
    assert found['structure'].label == 'crystal'


def test_the_force_on_what_is_fixed_does_not_count(tmp_path: Path, crystal: StructureData) -> None:
    flags = [[False] * 3] * 3 + [[True] * 3]
    found = read_again(
        retrieved=retrieved(tmp_path, crystal, FAIL='ionic'),
        structure=crystal,
        parameters=Dict({'ibrion': 1, 'nsw': 5}),
        dynamics=Dict({'positions_dof': flags}),
    )
    assert found['misc']['convergence']['largest_force'] == pytest.approx(0.1)
    assert found['misc']['run_status']['ionic_converged'] is False


def test_nothing_was_retrieved(tmp_path: Path, crystal: StructureData) -> None:
    _, node = read_again.run_get_node(
        retrieved=FolderData(tree=tmp_path), structure=crystal, parameters=Dict({})
    )
    assert node.exit_status == NOTHING_TO_READ
    assert node.exit_message == (
        'no complete ionic step was retrieved: vasprun.xml is missing; OUTCAR is missing; '
        'CONTCAR is missing'
    )
