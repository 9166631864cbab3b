import dataclasses
import math

import pytest

from aiida_slabrelax import energetics
from aiida_slabrelax.energetics import NotComparableError, Phase, Slab

UNITS = ('_ev', '_a2', '_ev_per_a2', '_per_a2', '_a', '_per_cm', '_k', '_pa')


def test_a_phase_counts_formula_units():
    phase = Phase({'O': 8, 'Ti': 4}, -105.42)
    assert phase.formula == 'Ti4O8'
    assert phase.units == 4
    assert phase.formula_unit == {'O': 2, 'Ti': 1}
    assert phase.energy_per_unit_ev == pytest.approx(-26.355)
    assert phase.energy_per_atom_ev == pytest.approx(-8.785)
    assert phase.elements == ['Ti', 'O']


@pytest.mark.parametrize(
    ('counts', 'energy', 'message'),
    [
        ({}, -1.0, 'without atoms'),
        ({'Xx': 1}, -1.0, "'Xx' is not an element"),
        ({'Ti': 0}, -1.0, '0 is not a number of Ti atoms'),
        ({'Ti': 1.5}, -1.0, '1.5 is not a number of Ti atoms'),
        ({'Ti': -2}, -1.0, '-2 is not a number'),
        ({'Ti': True}, -1.0, 'True is not a number'),
        ({'Ti': 1}, math.nan, 'energy of Ti1 is nan eV'),
        ({'Ti': 1}, -math.inf, 'energy of Ti1 is -inf eV'),
    ],
)
def test_a_phase_has_whole_atoms_and_a_finite_energy(counts, energy, message):
    with pytest.raises(NotComparableError, match=message):
        Phase(counts, energy)


@pytest.mark.parametrize('area', [0.0, -3.0, math.nan, math.inf])
def test_a_slab_has_an_area(area):
    with pytest.raises(NotComparableError, match=f'area of Ti1 is {area} Å²'):
        Slab({'Ti': 1}, -1.0, area, symmetric=True)


def test_every_field_that_is_a_number_names_its_unit():
    classes = [one for one in vars(energetics).values() if dataclasses.is_dataclass(one)]
    numbers = {
        f'{class_.__name__}.{field.name}'
        for class_ in classes
        for field in dataclasses.fields(class_)
        if any(word in field.type for word in ('float', 'Values', 'Array'))
    }
    assert len(numbers) > 15
    assert [name for name in sorted(numbers) if not name.endswith(UNITS)] == []
