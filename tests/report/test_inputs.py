"""Inputs and their units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.orm import CalcFunctionNode, Node

from aiida_slabrelax.report.inputs import NO_UNIT, OWN_UNIT, Input, list_inputs, unit_of
from sample_structures import copper_slabs


@pytest.mark.parametrize(
    ('name', 'value', 'unit'),
    [
        ('min_slab_thickness', 10.0, 'Å'),
        ('vasp.kpoints_spacing', 0.05, '2π/Å'),
        ('vasp.parameters.incar.ENCUT', 400, 'eV'),
        ('vasp.parameters.incar.ediffg', -0.02, 'eV/Å'),
        ('vasp.parameters.incar.ediffg', 1e-4, 'eV'),
        ('vasp.parameters.incar.magmom', [1.0, -1.0], 'μB'),
        ('vasp.parameters.incar.potim', 0.5, OWN_UNIT),
        ('vasp.parameters.incar.ibrion', 2, NO_UNIT),
        ('reference_energies.O', -9.86, 'eV'),
        ('bulk_energy', -88.41, 'eV'),
        ('vasp.calc.metadata.options.max_wallclock_seconds', 600, 's'),
        ('max_atoms', 1000, NO_UNIT),
        ('symmetrize', True, ''),
        ('generator', 'exact', ''),
    ],
)
def test_the_unit_of_each_number(name: str, value: Any, unit: str) -> None:
    assert unit_of(name, value) == unit


def test_a_run(instantiate: Callable[..., Any]) -> None:
    node: Node = instantiate().node
    inputs = {item.name: item for item in list_inputs(node)}
    copper = node.inputs.bulk_structure
    assert inputs['bulk_structure'].value == f'Cu4, 4 atoms, StructureData<{copper.pk}>'
    assert inputs['min_slab_thickness'] == Input('min_slab_thickness', '5.0', 'Å')
    assert inputs['miller_indices'] == Input('miller_indices', '1, 0, 0', NO_UNIT)
    assert inputs['vasp.parameters.incar.encut'] == Input(
        'vasp.parameters.incar.encut', '400', 'eV'
    )
    assert inputs['vasp.code'].value == 'vasp-standin@localhost-test, vasp.vasp'
    assert all(one.unit for one in inputs.values() if one.value.replace('.', '').isdigit())
    assert {'bulk_structure', 'vasp.code', 'vasp.parameters.incar.encut'} <= {
        name for name, one in inputs.items() if one.essential
    }
    assert not inputs['vasp.parameters.incar.ibrion'].essential


def test_thicknesses_can_count_planes(instantiate: Callable[..., Any]) -> None:
    node = instantiate(in_unit_planes=True, generator='pymatgen').node
    inputs = {item.name: item.unit for item in list_inputs(node)}
    assert inputs['min_slab_thickness'] == inputs['min_vacuum_thickness'] == '(hkl) planes'


def test_slabs_of_the_user(instantiate: Callable[..., Any]) -> None:
    names = [item.name for item in list_inputs(instantiate(slabs=copper_slabs(3, 4)).node)]
    assert [name for name in names if name.startswith('slabs')] == ['slabs.cu_3', 'slabs.cu_4']


def test_data_of_other_processes_are_named_only(
    phosphate_energies: Callable[[], CalcFunctionNode],
) -> None:
    node = phosphate_energies()
    values = {item.name: item.value for item in list_inputs(node)}
    assert values['terminations'] == f'Dict<{node.inputs.terminations.pk}>'
