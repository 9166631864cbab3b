"""What the generator has noted of slabs."""

from __future__ import annotations

from aiida.orm import Dict, StructureData

from aiida_slabrelax.results.generators import known_symmetry, noted_by_generators, terminations_of
from sample_structures import copper_slab, silver_phosphate_slabs


def test_slabs_that_were_cut_have_the_data_of_their_generator_under_any_label() -> None:
    (_, first), (_, second) = silver_phosphate_slabs(), silver_phosphate_slabs()
    slabs: dict[str, StructureData] = {
        'mine': copper_slab(3).store(),
        'new': copper_slab(3),
        'slab_01': first['slabs']['slab_01'],
        'other': second['slabs']['slab_00'],
        'copy': first['slabs']['slab_01'].clone().store(),
    }
    noted = noted_by_generators(slabs)
    assert [node.uuid for node in noted] == [
        first['terminations'].uuid,
        second['terminations'].uuid,
    ]
    assert terminations_of(slabs, noted) == {
        'slab_01': first['terminations']['slab_01'],
        'other': second['terminations']['slab_00'],
    }
    assert known_symmetry(slabs) == {'slab_01': True, 'other': True}
    assert list(known_symmetry(slabs, noted[:1])) == ['slab_01']


def test_there_is_nothing_to_know_of_slabs_of_a_user() -> None:
    slabs = {'mine': copper_slab(3).store(), 'new': copper_slab(4)}
    assert noted_by_generators(slabs) == []
    assert terminations_of(slabs, [Dict({'mine': {'symmetric': False}}).store()]) == {}
    assert known_symmetry({}) == {}
