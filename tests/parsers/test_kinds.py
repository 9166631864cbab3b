from typing import Any

import numpy as np
import pytest
from aiida.orm import StructureData

from aiida_slabrelax.parsers.kinds import MOMENTS, moments_of, restore_kinds, symbols_of
from aiida_slabrelax.parsers.steps import Geometry

CELL = np.diag([4.0, 4.0, 20.0])


def antiferromagnet() -> StructureData:
    structure = StructureData(cell=CELL.tolist(), label='slab_00')
    for name, symbol, height in (('Ni1', 'Ni', 1.0), ('Ni2', 'Ni', 3.0), ('O', 'O', 5.0)):
        structure.append_atom(position=(0, 0, height), symbols=symbol, name=name, mass=50.0)
    return structure


def as_read(sites: int) -> Geometry:
    return Geometry.of(CELL, [(0, 0, 1.1 + height) for height in range(sites)])


def test_each_site_gets_its_kind_back() -> None:
    restored = restore_kinds(as_read(3), antiferromagnet())
    assert [site.kind_name for site in restored.sites] == ['Ni1', 'Ni2', 'O']
    assert [site.position[2] for site in restored.sites] == [1.1, 2.1, 3.1]
    assert [kind.mass for kind in restored.kinds] == [50.0, 50.0, 50.0]
    assert restored.label == 'slab_00'


def test_the_original_keeps_its_positions() -> None:
    original = antiferromagnet()
    restore_kinds(as_read(3), original)
    assert [site.position[2] for site in original.sites] == [1.0, 3.0, 5.0]


@pytest.mark.parametrize('sites', [2, 4])
def test_another_number_of_sites_is_refused(sites: int) -> None:
    with pytest.raises(ValueError, match=f'has {sites} sites, the input structure 3'):
        restore_kinds(as_read(sites), antiferromagnet())


def test_the_elements_of_the_sites() -> None:
    assert symbols_of(antiferromagnet()) == ['Ni', 'Ni', 'O']


@pytest.mark.parametrize(
    ('moments', 'message'),
    [
        ([1.0, 2.0], r'^The magnetic moments of the structure are no mapping: \[1.0, 2.0\]\.$'),
        (
            {'Ni1': '2\nISIF = 3'},
            r"^The magnetic moment of the kind 'Ni1' is a number up to 100 μB, not '2\\nISIF",
        ),
        ({'Ni1': [1.0]}, r'up to 100 μB, not \[1.0\]\.$'),
        ({'Ni1': True}, r'up to 100 μB, not True\.$'),
        ({'Ni1': 1e300}, r'up to 100 μB, not 1e\+300\.$'),
        ({'Ni1': 'x' * 10_000}, r"up to 100 μB, not 'x{49}\.$"),
    ],
)
def test_moments_of_an_edited_node(moments: Any, message: str) -> None:
    structure = antiferromagnet()
    structure.base.attributes.set(MOMENTS, moments)
    with pytest.raises(ValueError, match=message):
        moments_of(structure)
