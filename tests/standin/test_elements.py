import math

import pytest
from ase.data import atomic_masses, chemical_symbols
from pymatgen.core import Element as PymatgenElement

from aiida_slabrelax.standin.elements import ELEMENTS, element_of


def test_elements_are_in_the_order_of_the_atomic_number() -> None:
    assert list(ELEMENTS) == chemical_symbols[1:104]
    assert [element.number for element in ELEMENTS.values()] == list(range(1, 104))


def test_masses_are_those_of_ase() -> None:
    masses = [element.mass for element in ELEMENTS.values()]
    assert masses == pytest.approx(list(atomic_masses[1:104]), rel=1e-9)


def test_electronegativities_are_those_of_pymatgen() -> None:
    defined = {s: e for s, e in ELEMENTS.items() if math.isfinite(e.electronegativity)}
    assert set(ELEMENTS) - set(defined) == {'He', 'Ne', 'Ar'}
    assert all(e.electronegativity == PymatgenElement(s).X for s, e in defined.items())


@pytest.mark.parametrize(
    ('name', 'element'),
    [
        ('Fe', 'Fe'),
        ('Fe1', 'Fe'),
        ('Fe_pv', 'Fe'),
        ('Fe/1a2b3c', 'Fe'),
        ('Feup', 'Fe'),
        ('Osurf', 'Os'),
        ('O2', 'O'),
        ('H1.25', 'H'),
        ('cu', 'Cu'),
        ('Xx', None),
        ('12', None),
    ],
)
def test_species_names_stand_for_elements(name: str, element: str | None) -> None:
    assert element_of(name) == element
