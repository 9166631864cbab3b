"""Slabs that are pre-relaxed, well and badly, through a real daemon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from aiida.engine import run_get_node, submit
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import InstalledCode, Log, WorkChainNode

from aiida_slabrelax.engine.children import NEVER_STARTED
from aiida_slabrelax.results import collect, relaxations_of
from aiida_slabrelax.workflows.surface_energies.workflow import SurfaceEnergiesWorkChain
from emt_metals import relaxed_energy
from process_tree import await_end, kill_daemon_again_and_again, relaxations, stand
from sample_structures import copper_slabs

#: A model in VASP's place that computes copper well, but pulls the slab of five layers apart. The
#: slab of four layers crashes.
SABOTAGED = {
    'VASP_STANDIN_MODEL': 'ase',
    'VASP_STANDIN_CALCULATOR': 'ase_calculators:Tearing',
    'VASP_STANDIN_ARGUMENTS': '{"atoms": 5}',
    'VASP_STANDIN_FAIL': 'crash@Cu4',
}
LABELS = ('cu_3', 'cu_4', 'cu_5', 'cu_6')


def test_slabs_end_right_whatever_their_pre_relaxations_do(
    submit_and_await: Callable[..., WorkChainNode],
    slab_relax_builder: Callable[..., Any],
) -> None:
    builder = slab_relax_builder(
        slabs=copper_slabs(3, 4, 5, 6),
        incar={'ediffg': -0.001},
        environment={'VASP_STANDIN_MODEL': 'emt'},
        prerelax={'incar': {'ediffg': -0.001}, 'environment': SABOTAGED},
        max_concurrent=2,
    )
    builder.prerelax.max_iterations = 1
    run = submit_and_await(builder, timeout=600)
    assert (run.exit_status, run.exit_message) == (0, None), stand(run)
    for label, slab in copper_slabs(3, 4, 5, 6).items():
        energy = run.outputs.slab_energies[label].value
        assert energy == pytest.approx(relaxed_energy(slab.get_ase()), abs=1e-5)
    found = {slab.label: slab for slab in collect(run).slabs}
    states = {label: slab.prerelaxation.state for label, slab in found.items()}
    assert states == {'cu_3': 'used', 'cu_4': 'unused', 'cu_5': 'unused', 'cu_6': 'used'}
    assert 'SEGMENTATION FAULT' in found['cu_4'].prerelaxation.why
    assert found['cu_5'].prerelaxation.why.startswith('ATOMS LOST: 1 of 5 atoms')
    reports = [log.message for log in Log.collection.get_logs_for(run)]
    for label in ('cu_4', 'cu_5'):
        told = f'{label}: the pre-relaxation is not used, its relaxation starts from the slab as it'
        assert sum(told in line for line in reports) == 1
        assert relaxations_of(run)[label].inputs.structure.uuid == run.inputs.slabs[label].uuid
        assert found[label].ionic_steps > 2
    for label in ('cu_3', 'cu_6'):
        # The geometry is that of the pre-relaxation, and VASP has nothing left to do.
        decision = relaxations_of(run)[label].inputs.structure.creator
        assert decision.inputs.prerelaxed.creator.caller.label == f'{label} pre-relaxation'
        assert found[label].ionic_steps == 1
        assert found[label].prerelaxation.ionic_steps > 2
        assert found[label].program != found[label].prerelaxation.program


@pytest.mark.timeout(1200)
def test_a_killed_daemon_neither_loses_nor_doubles_a_pre_relaxation(
    stopped_daemon_client: DaemonClient, slab_relax_builder: Callable[..., Any]
) -> None:
    environment = {'VASP_STANDIN_MODEL': 'instant', 'VASP_STANDIN_FAIL': 'slow=1'}
    builder = slab_relax_builder(
        slabs=copper_slabs(3, 4, 5, 6),
        max_concurrent=2,
        environment=environment,
        prerelax={'environment': environment},
    )
    stopped_daemon_client.start_daemon()
    node = submit(builder)
    kill_daemon_again_and_again(stopped_daemon_client, node, seed=22)
    await_end(node)
    assert (node.exit_status, node.exit_message) == (0, None), stand(node)
    begun = [child for child in relaxations(node) if child.process_status != NEVER_STARTED]
    expected = [*LABELS, *(f'{label} pre-relaxation' for label in LABELS)]
    assert Counter(child.label for child in begun) == dict.fromkeys(expected, 1)
    assert {slab.prerelaxation.state for slab in collect(node).slabs} == {'used'}


def test_surface_energies_of_slabs_that_were_pre_relaxed_and_compared(
    metal_inputs: Callable[..., dict[str, Any]], vasp_code: InstalledCode
) -> None:
    inputs = metal_inputs('Cu', environment={'VASP_STANDIN_MODEL': 'emt'}, screen=0.3)
    planes = [[1, 1, 1], [1, 0, 0]]
    _, run = run_get_node(
        SurfaceEnergiesWorkChain, **inputs, miller_indices=planes, prerelax=vasp_code
    )
    assert (run.exit_status, run.exit_message) == (0, None), stand(run)
    energies = run.outputs.surface_energies.get_dict()
    screening = run.outputs.screening.get_dict()
    assert sorted(screening) == sorted(energies) == ['slab_100_00', 'slab_111_00']
    for label, entry in screening.items():
        # Both stages have the same model, and the bulk is relaxed before.
        gamma = energies[label]['constant']['J/m²']
        assert entry['surface_energy']['J/m²'] == pytest.approx(gamma, abs=1e-4)
        # Each is the lowest of its surface.
        assert entry['excess']['J/m²'] == pytest.approx(0.0, abs=1e-5)
        assert entry['excluded'] is None
    for slab in collect(run).slabs:
        assert (slab.prerelaxation.state, slab.ionic_steps) == ('used', 1)
