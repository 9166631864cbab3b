"""Surface energies from numbers in a CSV file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiida_slabrelax.energetics import NotComparableError, Phase, Slab, surface_energy
from aiida_slabrelax.energetics.own_numbers import (
    COLUMNS,
    NumbersError,
    read_numbers,
    surface_energies_of,
)

OXIDE = """
# rutile, numbers invented
role,label,formula,energy_ev,area_angstrom2,miller_indices,symmetric
bulk,TiO2,Ti2O4,-53.0,,,
slab,a,Ti6O12,-157.0,19.2,1 1 0,yes
slab,b,Ti6O13,"-162.0",19.2,"(1,1,0)",no
slab,c,Ti6O11,-149.0,19.2,,
reference,O2,O2,-9.86,,,
reference,,Ti2,-15.6,,,
competing,Ti2O3,Ti4O6,-88.0,,,
"""


def test_cells_are_read_by_their_roles() -> None:
    numbers = read_numbers(OXIDE)
    assert numbers.bulk == Phase({'Ti': 2, 'O': 4}, -53.0)
    assert numbers.slabs == {
        'a': Slab({'Ti': 6, 'O': 12}, -157.0, area_a2=19.2, symmetric=True),
        'b': Slab({'Ti': 6, 'O': 13}, -162.0, area_a2=19.2, symmetric=False),
        'c': Slab({'Ti': 6, 'O': 11}, -149.0, area_a2=19.2, symmetric=True),
    }
    assert numbers.planes == {'a': (1, 1, 0), 'b': (1, 1, 0), 'c': None}
    assert sorted(numbers.references) == ['O', 'Ti']
    assert list(numbers.competing) == ['Ti2O3']


def test_energies_are_those_of_the_functions() -> None:
    numbers = read_numbers(OXIDE)
    energies = surface_energies_of(numbers)
    for label, slab in numbers.slabs.items():
        expected = surface_energy(slab, numbers.bulk, numbers.references)
        assert energies.surface_energies[label] == expected
    assert energies.refused == {}
    assert energies.region is not None
    assert 'Ti2O3' in energies.region.phases


def test_without_references_other_compositions_are_refused() -> None:
    text = '\n'.join(line for line in OXIDE.splitlines() if not line.startswith(('ref', 'comp')))
    energies = surface_energies_of(read_numbers(text))
    assert list(energies.surface_energies) == ['a']
    assert sorted(energies.refused) == ['b', 'c']
    assert energies.region is None
    assert energies.without_region


def test_an_element_that_cannot_be_eliminated() -> None:
    with pytest.raises(NotComparableError, match='Cu cannot be eliminated'):
        surface_energies_of(read_numbers(OXIDE), 'Cu')


HEADER = ','.join(COLUMNS)
BULK = 'bulk,b,Cu4,-15.0,,,'


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('', 'it is empty'),
        ('role,label,formula', 'the column energy_ev is missing; the columns are role, '),
        (f'{HEADER},colour', "there is no column 'colour'; "),
        (f'{HEADER},role', 'a column occurs twice; '),
        (f'{HEADER}\n{BULK}', 'no line has the role slab'),
        (f'{HEADER}\nslab,s,Cu4,-14.0,6.5,,', 'one line has the role bulk, here 0 have it'),
        (f'{HEADER}\nmolecule,s,Cu4,-14.0,6.5,,', 'line 2: role: one of bulk, slab, reference'),
        (f'{HEADER}\n{BULK}\n\nslab,s,Cu4,-14.0,,,', 'line 4: area_angstrom2: a number is needed'),
        (f'{HEADER}\n{BULK}\nslab,s,Cu4,nan,6.5,,', 'line 3: energy_ev: a number is needed'),
        (f'{HEADER}\n{BULK}\nslab,s,Qq4,-14,6.5,,', "line 3: formula: 'Qq4' is not the formula"),
        (f'{HEADER}\n{BULK}\nslab,s,Cu1.5,-14,6.5,,', 'line 3: formula: '),
        (f'{HEADER}\n{BULK}\nslab,s,Cu4,-14,-6.5,,', 'line 3: The area of Cu4 is -6.5'),
        (f'{HEADER}\n{BULK}\nslab,s,Cu4,-14,6.5,1 0,', 'line 3: miller_indices: Miller indices'),
        (f'{HEADER}\n{BULK}\nslab,s,Cu4,-14,6.5,x y z,', 'line 3: miller_indices: integers'),
        (f'{HEADER}\n{BULK}\nslab,s,Cu4,-14,6.5,,maybe', 'line 3: symmetric: yes or no'),
        (f'{HEADER}\n{BULK}\nslab,s,Cu4,-14,6.5,,,9', 'line 3: it has 8 values for 7 columns'),
        (f'{HEADER}\n{BULK}\n{BULK}', "line 3: label: there are two lines 'b'"),
        (f'{HEADER}\n{BULK}\n"slab,s', 'it is not CSV'),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(NumbersError) as refused:
        read_numbers(text)
    assert str(refused.value).startswith(message)


@given(st.text() | st.text('bulksabref,CuO12-.\n"#'))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_numbers(f'{HEADER}\n{text}')
    except NumbersError:
        return
