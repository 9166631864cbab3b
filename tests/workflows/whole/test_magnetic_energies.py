"""Surface energies of an antiferromagnetic crystal from a file: the order is in every calculation.

The bulk, the bulk in the cell of a slab and the slabs must begin with one order, or their energies
belong to different states.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiida.engine import run_get_node, submit
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import CalcJobNode, InstalledCode, ProcessNode

from aiida_slabrelax.calculations.crystals import read_structure
from aiida_slabrelax.parsers.kinds import moments_of
from aiida_slabrelax.workflows.surface_energies.converge_thickness import ConvergeThicknessWorkChain
from aiida_slabrelax.workflows.surface_energies.workflow import SurfaceEnergiesWorkChain
from magnetic_crystals import antiferromagnetic_nickel_oxide, tags_of
from process_tree import await_end, stand

AREA = 4.178**2


@pytest.fixture
def inputs(vasp_code: InstalledCode, potential_family: str, tmp_path: Path) -> dict[str, Any]:
    """The inputs of both workflows for NiO (100) from a file; the model moves nothing."""
    path = tmp_path / 'NiO.json'
    antiferromagnetic_nickel_oxide().to(str(path))
    return {
        'code': vasp_code,
        'bulk_structure': read_structure(path),
        'miller_indices': [1, 0, 0],
        'protocol': 'fast',
        'overrides': {'vasp': {'potential_family': potential_family}},
        'options': {
            'resources': {'num_machines': 1},
            'withmpi': False,
            'environment_variables': {'VASP_STANDIN_MODEL': 'instant'},
        },
    }


def calculations_of(run: ProcessNode) -> dict[str, CalcJobNode]:
    """All calculations of a run by the label of their relaxation, the last one of each."""
    return {
        one.caller.label: one
        for one in sorted(run.called_descendants, key=lambda one: one.pk)
        if isinstance(one, CalcJobNode)
    }


def check_order(run: ProcessNode, labels: set[str]) -> None:
    """Check MAGMOM in what VASP got for each part, and the kinds of the relaxed slabs."""
    assert (run.exit_status, run.exit_message) == (0, None), stand(run)
    calculations = calculations_of(run)
    assert set(calculations) == labels
    for calculation in calculations.values():
        moments = moments_of(calculation.inputs.structure)
        assert moments == {'Ni1': 2.0, 'Ni2': -2.0, 'O': 0.0}
        tags = tags_of(calculation)
        kinds = calculation.inputs.structure.get_site_kindnames()
        assert (tags['ISPIN'], tags['LORBIT']) == ('2', '11')
        assert [float(one) for one in tags['MAGMOM'].split()] == [moments[kind] for kind in kinds]
    for label, slab in run.outputs.relaxed_slabs.items():
        assert moments_of(slab) == {'Ni1': 2.0, 'Ni2': -2.0, 'O': 0.0}
        assert run.outputs.terminations[label]['area'] == pytest.approx(AREA)
    assert run.outputs.refused.get_dict() == {}


def test_surface_energies(started_daemon_client: DaemonClient, inputs: dict[str, Any]) -> None:
    inputs['overrides']['min_slab_thickness'] = 4.0
    run = submit(SurfaceEnergiesWorkChain, **inputs, oriented_bulk=True, unrelaxed=True)
    await_end(run, 400)
    check_order(run, {'bulk', 'slab_00', 'slab_00 unrelaxed', 'bulk in the cell of slab_00'})


def test_convergence(inputs: dict[str, Any]) -> None:
    _, run = run_get_node(ConvergeThicknessWorkChain, **inputs, thicknesses=[4.0, 6.0])
    assert run.is_finished_ok, stand(run)
    labels = set(run.outputs.relaxed_slabs)
    assert len(labels) == 2
    check_order(run, {'bulk', *labels})
