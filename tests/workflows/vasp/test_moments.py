"""Magnetic moments from the outputs of one calculation to the inputs of the next."""

from __future__ import annotations

from typing import Any

import pytest
from aiida.orm import Computer, Dict, StructureData

from aiida_slabrelax.workflows.slab_relax.relaxation_inputs import carry_moments
from aiida_slabrelax.workflows.vasp.moments import asks_for_moments, moments_behind
from failed_relaxations import MAGNETIZATION, fail_calculation
from sample_structures import copper_slab


def geometry(computer: Computer, misc: dict[str, Any] | None, layers: int = 2) -> StructureData:
    """A slab that a calculation has made, with such an output `misc`."""
    reached = copper_slab(layers)
    fail_calculation(None, computer, copper_slab(layers), {}, misc=misc, reached=reached)
    return reached


def test_moments_of_the_last_step(localhost: Computer) -> None:
    made = geometry(localhost, {'site_magnetization': MAGNETIZATION})
    assert moments_behind(made) == [2.1, -1.9]


@pytest.mark.parametrize(
    'misc', [None, {}, {'site_magnetization': None}, {'site_magnetization': {'sphere': {'x': {}}}}]
)
def test_a_calculation_without_spin_has_none(
    localhost: Computer, misc: dict[str, Any] | None
) -> None:
    assert moments_behind(geometry(localhost, misc)) is None


def test_moments_of_another_number_of_sites(localhost: Computer) -> None:
    assert moments_behind(geometry(localhost, {'site_magnetization': MAGNETIZATION}, 3)) is None


def test_a_structure_given_by_hand_has_none() -> None:
    assert moments_behind(copper_slab(2)) is None


def test_moments_take_the_place_of_those_given() -> None:
    inputs = {'parameters': Dict({'incar': {'ispin': 2, 'magmom': [5, 5]}})}
    carried = carry_moments(inputs, [2.1, -1.9])
    assert carried.parameters.get_dict() == {'incar': {'ispin': 2, 'magmom': [2.1, -1.9]}}
    assert inputs['parameters'].get_dict() == {'incar': {'ispin': 2, 'magmom': [5, 5]}}


def test_moments_take_the_place_of_a_mapping() -> None:
    inputs = {'parameters': Dict({'incar': {}}), 'magmom_mapping': Dict({'Cu': 1.0})}
    carried = carry_moments(inputs, [2.1, -1.9])
    assert carried.parameters.get_dict() == {'incar': {'ispin': 2, 'magmom': [2.1, -1.9]}}
    assert 'magmom_mapping' not in carried


@pytest.mark.parametrize('incar', [{}, {'ispin': 1}, {'ispin': 2, 'lnoncollinear': True}])
def test_moments_are_carried_only_where_they_are_numbers(incar: dict[str, Any]) -> None:
    carried = carry_moments({'parameters': Dict({'incar': incar})}, [2.1, -1.9])
    assert carried.parameters.get_dict() == {'incar': incar}


@pytest.mark.parametrize(
    ('changes', 'expected'),
    [
        ({}, False),
        ({'parameters': {'incar': {'encut': 500}}}, False),
        ({'parameters': {'incar': {'MAGMOM': '2*1'}}}, True),
        ({'magmom_mapping': {'Cu': 1.0}}, True),
    ],
)
def test_changes_that_name_moments(changes: dict[str, Any], expected: bool) -> None:
    assert asks_for_moments(changes) is expected
