"""Surface energies read from the provenance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from aiida.common.links import LinkType
from aiida.orm import CalcFunctionNode, Dict, Int, WorkChainNode
from plumpy import ProcessState

from aiida_slabrelax.results.energies.surface_energies import (
    collect_surface_energies,
    has_surface_energies,
)


@pytest.fixture(scope='module')
def calculation(phosphate_energies: Callable[[], CalcFunctionNode]) -> CalcFunctionNode:
    return phosphate_energies()


def workflow(calculation: CalcFunctionNode, returned: bool) -> WorkChainNode:
    """A workflow that passes on the outputs of a calculation, or that has none (yet)."""
    node = WorkChainNode(process_type='aiida.workflows:slabrelax.surface_energies')
    node.set_process_label('surface_energies')
    node.set_process_state(ProcessState.FINISHED if returned else ProcessState.RUNNING)
    node.store()
    if returned:
        for name in ('surface_energies', 'refused', 'stability'):
            output = calculation.outputs[name]
            output.base.links.add_incoming(node, LinkType.RETURN, name)
    return node


def test_energies_planes_and_limits(calculation: CalcFunctionNode) -> None:
    found = collect_surface_energies(calculation)
    assert (found.pk, found.uuid) == (calculation.pk, calculation.uuid)
    assert [surface.label for surface in found.surfaces] == [
        'slab_00',
        'slab_01',
        'slab_02',
        'slab_03',
    ]
    output = calculation.outputs.surface_energies.get_dict()
    for surface in found.surfaces:
        assert surface.plane == (1, 0, 0)
        described = surface.energy.describe()
        expected = {key: output[surface.label][key] for key in described}
        assert described.pop('constant') == pytest.approx(expected.pop('constant'))
        assert described == expected
    assert found.limits is not None
    stability = calculation.outputs.stability.get_dict()
    assert list(found.limits.elements) == stability['elements'] == found.elements
    np.testing.assert_array_equal(found.limits.vertices_ev, stability['vertices']['eV'])
    assert found.bulk.space_group == 218


def test_the_lowest_of_each_plane(calculation: CalcFunctionNode) -> None:
    found = collect_surface_energies(calculation)
    poor, rich = ({'P': -3.7, 'O': value} for value in (-1.5, -0.2))
    assert found.lowest(poor)[(1, 0, 0)].label == 'slab_00'
    assert found.lowest(rich)[(1, 0, 0)].label == 'slab_02'


def test_a_workflow_that_passes_the_outputs_on(calculation: CalcFunctionNode) -> None:
    found = collect_surface_energies(workflow(calculation, returned=True))
    assert found.uuid == calculation.uuid
    assert found.surfaces == collect_surface_energies(calculation).surfaces


def test_a_workflow_that_has_called_the_calculation_and_goes_on() -> None:
    parent = WorkChainNode()
    parent.set_process_label('surface_energies')
    parent.store()
    child = CalcFunctionNode()
    child.set_process_label('calculate_surface_energies')
    child.base.links.add_incoming(parent, LinkType.CALL_CALC, 'energies')
    child.store()
    assert not has_surface_energies(parent)
    output = Dict({})
    output.base.links.add_incoming(child, LinkType.CREATE, 'surface_energies')
    output.store()
    assert has_surface_energies(parent)


def test_what_has_none(calculation: CalcFunctionNode) -> None:
    waiting = workflow(calculation, returned=False)
    with pytest.raises(ValueError, match=f'^surface_energies<{waiting.pk}> has no surface energ'):
        collect_surface_energies(waiting)
    number = Int(1).store()
    with pytest.raises(ValueError, match=f'^Int<{number.pk}> has no surface energies$'):
        collect_surface_energies(number)


def test_a_calculation_that_failed_says_why(calculation: CalcFunctionNode) -> None:
    node = CalcFunctionNode()
    node.set_process_label('calculate_surface_energies')
    node.set_exit_message('Fe cannot be eliminated')
    node.store()
    with pytest.raises(ValueError, match='no surface energies: Fe cannot be eliminated'):
        collect_surface_energies(node)
