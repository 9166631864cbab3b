import math

import pytest
from aiida.orm import CalcFunctionNode, Dict, QueryBuilder

from aiida_slabrelax.calculations.gather_energies import (
    EnergyNotFoundError,
    find_energy,
    gather_energies,
)


@pytest.mark.parametrize(
    ('misc', 'energy'),
    [
        ({'total_energies': {'energy_extrapolated': -1.0, 'energy_no_entropy': -2.0}}, -1.0),
        ({'total_energies': {'energy': -3.0, 'energy_no_entropy': -2.0}}, -2.0),
        ({'total_energies': {'energy': -3.0}}, -3.0),
        ({'energy_extrapolated': -4.0}, -4.0),
        ({'total_energies': {'other': 1.0}, 'energy': -5}, -5.0),
        ({'total_energies': {'energy_extrapolated': 0.0}}, 0.0),
    ],
)
def test_the_first_of_the_known_keys_counts(misc, energy):
    assert find_energy(misc) == energy


@pytest.mark.parametrize(
    ('misc', 'keys'),
    [
        ({'total_energies': {'e_fr': 1.0, 'a': 2.0}}, 'a, e_fr'),
        ({'run_status': {}, 'forces': {}}, 'forces, run_status'),
        ({}, 'no keys'),
    ],
)
def test_without_an_energy_the_keys_are_listed(misc, keys):
    with pytest.raises(EnergyNotFoundError, match=f'{keys}$'):
        find_energy(misc)


@pytest.mark.parametrize('value', [math.nan, -math.inf, None, '-1.0'])
def test_an_energy_is_a_finite_number(value):
    with pytest.raises(EnergyNotFoundError, match='not a finite number'):
        find_energy({'total_energies': {'energy_extrapolated': value}})


def test_one_calculation_gathers_all():
    misc = {
        label: Dict({'total_energies': {'energy_extrapolated': energy}})
        for label, energy in (('slab_00', -1.5), ('metadata', -2.5))
    }
    before = QueryBuilder().append(CalcFunctionNode).count()
    outputs, node = gather_energies.run_get_node(misc=misc)
    assert {label: energy.value for label, energy in outputs['energies'].items()} == {
        'slab_00': -1.5,
        'metadata': -2.5,
    }
    assert QueryBuilder().append(CalcFunctionNode).count() == before + 1
    assert node.inputs.misc.slab_00.uuid == misc['slab_00'].uuid
    assert node.outputs.energies.slab_00.value == -1.5


def test_the_message_says_which_file_could_not_be_read() -> None:
    misc = {'file_problems': {'vasprun.xml': 'is empty', 'OUTCAR': 'is missing'}}
    with pytest.raises(EnergyNotFoundError, match=r'; vasprun\.xml is empty; OUTCAR is missing$'):
        find_energy(misc)
