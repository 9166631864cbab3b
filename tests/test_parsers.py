import numpy as np
import pytest
from aiida.orm import StructureData

from aiida_slabrelax.parsers import restore_kinds

CELL = np.diag([4.0, 4.0, 20.0]).tolist()


def antiferromagnet() -> StructureData:
    structure = StructureData(cell=CELL, label='slab_00')
    for name, symbol, height in (('Ni1', 'Ni', 1.0), ('Ni2', 'Ni', 3.0), ('O', 'O', 5.0)):
        structure.append_atom(position=(0, 0, height), symbols=symbol, name=name, mass=50.0)
    return structure


def as_parsed(symbols: list[str]) -> StructureData:
    structure = StructureData(cell=CELL)
    for height, symbol in enumerate(symbols):
        structure.append_atom(position=(0, 0, 1.1 + height), symbols=symbol)
    return structure


def test_each_site_gets_its_kind_back():
    restored = restore_kinds(as_parsed(['Ni', 'Ni', 'O']), antiferromagnet())
    assert [site.kind_name for site in restored.sites] == ['Ni1', 'Ni2', 'O']
    assert [site.position[2] for site in restored.sites] == [1.1, 2.1, 3.1]
    assert [kind.mass for kind in restored.kinds] == [50.0, 50.0, 50.0]
    assert restored.label == 'slab_00'


def test_the_original_keeps_its_positions():
    original = antiferromagnet()
    restore_kinds(as_parsed(['Ni', 'Ni', 'O']), original)
    assert [site.position[2] for site in original.sites] == [1.0, 3.0, 5.0]


@pytest.mark.parametrize('symbols', [['Ni', 'O', 'Ni'], ['Ni', 'Ni'], ['Ni', 'Ni', 'O', 'O']])
def test_other_sites_are_refused(symbols):
    with pytest.raises(ValueError, match='does not have the sites'):
        restore_kinds(as_parsed(symbols), antiferromagnet())
