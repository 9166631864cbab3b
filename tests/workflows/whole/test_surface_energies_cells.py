"""The slabs as they were cut, and the bulk in their cell: what they were computed with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiida.engine import run_get_node

from aiida_slabrelax.durable import replay
from aiida_slabrelax.workflows.surface_energies.workflow import SurfaceEnergiesWorkChain
from process_tree import calculations, stand


def test_unrelaxed_slabs_and_the_bulk_in_their_cell(
    metal_inputs: Callable[..., dict[str, Any]],
) -> None:
    inputs = metal_inputs(
        'Cu',
        environment={'VASP_STANDIN_MODEL': 'linear'},
        fix={'layers': 1, 'side': 'bottom'},
        dipole_correction='on',
        slab_overrides={'slab_110_00': {'parameters': {'incar': {'NSW': 50}}}},
    )
    planes = [[1, 0, 0], [1, 1, 0]]
    chosen = {'miller_indices': planes, 'unrelaxed': True, 'oriented_bulk': True}
    _, node = run_get_node(SurfaceEnergiesWorkChain, **inputs, **chosen)
    assert (node.exit_status, node.exit_message) == (0, None), stand(node)
    found = {calculation.label: calculation.inputs for calculation in calculations(node)}
    (maker,) = (process for process in node.called if process.process_label == 'make_own_inputs')
    assert sorted(maker.inputs.slabs) == ['slab_100_00', 'slab_110_00']
    for label in ('slab_100_00', 'slab_110_00'):
        relaxed, unrelaxed = found[label], found[f'{label} unrelaxed']
        oriented = found[f'bulk in the cell of {label}']
        assert unrelaxed.kpoints.creator == maker
        assert relaxed.kpoints.creator.process_label == 'make_own_inputs'
        assert oriented.kpoints.creator.process_label == 'oriented_kpoints'
        meshes = [one.kpoints.get_kpoints_mesh()[0] for one in (relaxed, unrelaxed, oriented)]
        assert meshes[0] == meshes[1] == [*meshes[2][:2], 1]
        assert ('dynamics' in relaxed, 'dynamics' in unrelaxed) == (True, False)
        tags = [one.parameters.get_dict() for one in (relaxed, unrelaxed)]
        steps = {'slab_100_00': 60, 'slab_110_00': 50}
        assert [tag['nsw'] for tag in tags] == [steps[label], 0]
        assert tags[0]['dipol'] == tags[1]['dipol']
        energy = node.outputs.surface_energies.get_dict()[label]
        assert {'relaxation', 'unrelaxed_constant'} <= energy.keys()
    replay(node)
