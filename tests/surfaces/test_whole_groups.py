"""Slabs of whole groups of real crystals."""

from __future__ import annotations

import pytest

from aiida_slabrelax.surfaces import (
    SlabGenerationError,
    SlabOptions,
    find_terminations,
    is_symmetric,
    survey,
)
from bulk_crystals import quartz, rutile, silver_phosphate
from grouped_crystals import GROUPED, count_neighbours, molybdenum_sulfide, urea


@pytest.mark.parametrize('case', GROUPED)
def test_no_group_is_broken(case):
    make, plane = GROUPED[case]
    grouped = make()
    assert count_neighbours(grouped.crystal, grouped.bonds) == grouped.coordination
    options = SlabOptions(
        8.0, 12.0, keep_whole=grouped.keep_whole, symmetrize='if_possible', max_atoms=2000
    )
    slabs = find_terminations(grouped.crystal, plane, options)
    for slab in slabs:
        found = count_neighbours(slab.structure, grouped.bonds, periodic_along_c=False)
        assert found == grouped.coordination
        assert slab.thickness >= 8.0
        assert is_symmetric(slab.structure) == slab.is_symmetric
        assert slab.whole
        assert slab.doubts == ()


@pytest.mark.parametrize(
    ('case', 'whole', 'flat'),
    [
        ('KH2PO4 (001)', 2, 0),
        ('calcite (104)', 1, 1),
        ('Ag3PO4 (100)', 2, 2),
        ('Ag3PO4 (110)', 4, 2),
        ('Ag3PO4 (111)', 2, 0),
        ('urea (110)', 1, 0),
        ('CO2 (111)', 1, 1),
        ('Bi2Se3 (001)', 1, 1),
        ('MoS2 (001)', 1, 1),
    ],
)
def test_how_many_terminations_keep_groups_whole(case, whole, flat):
    make, plane = GROUPED[case]
    grouped = make()
    options = {'symmetrize': 'if_possible', 'max_atoms': 2000}
    slabs = find_terminations(
        grouped.crystal, plane, SlabOptions(8.0, 12.0, keep_whole=grouped.keep_whole, **options)
    )
    assert len(slabs) == whole
    kept = [
        slab
        for slab in find_terminations(grouped.crystal, plane, SlabOptions(8.0, 12.0, **options))
        if count_neighbours(slab.structure, grouped.bonds, periodic_along_c=False)
        == grouped.coordination
    ]
    assert len(kept) == flat


def test_flat_slabs_that_keep_groups_whole_are_among_them():
    options = SlabOptions(8.0, 12.0)
    flat = find_terminations(silver_phosphate(), (1, 0, 0), options)
    whole = survey(silver_phosphate(), (1, 0, 0), SlabOptions(8.0, 12.0, keep_whole='P-O'))
    formulas = {slab.formula for slab in flat}
    assert {slab.formula for slab in whole.terminations} < formulas


@pytest.mark.parametrize(
    ('crystal', 'plane', 'keep_whole', 'broken'),
    [
        (quartz(), (1, 0, 0), 'Si-O', 'SiO2 network'),
        (rutile(), (1, 1, 0), 'Ti-O', 'TiO2 network'),
        (molybdenum_sulfide().crystal, (1, 0, 0), 'layers', 'MoS2 layer'),
        (molybdenum_sulfide().crystal, (1, 0, 1), 'auto', 'MoS2 layer'),
    ],
)
def test_a_plane_that_breaks_every_group_is_refused_with_its_name(
    crystal, plane, keep_whole, broken
):
    with pytest.raises(SlabGenerationError, match=f'breaks the {broken}, which') as raised:
        find_terminations(crystal, plane, SlabOptions(8.0, 12.0, keep_whole=keep_whole))
    assert raised.value.option == 'keep_whole'


def test_among_several_planes_such_a_one_is_left_out():
    found = survey(
        molybdenum_sulfide().crystal,
        [[0, 0, 1], [1, 0, 0]],
        SlabOptions(8.0, 12.0, keep_whole='auto'),
    )
    assert [slab.miller_indices for slab in found.terminations] == [(0, 0, 1)]
    assert [one.miller_indices for one in found.excluded] == [(1, 0, 0)]
    assert 'breaks the MoS2 layer' in found.excluded[0].reason


def test_without_groups_auto_cuts_flat():
    flat, auto = (
        find_terminations(rutile(), (1, 1, 0), SlabOptions(8.0, 12.0, keep_whole=what))
        for what in (None, 'auto')
    )
    assert [slab.identity for slab in flat] == [slab.identity for slab in auto]
    assert all(slab.whole == () for slab in auto)


def test_molecules_count_as_layers():
    slabs = [
        find_terminations(
            urea().crystal, (1, 1, 0), SlabOptions(None, 12.0, layers=layers, keep_whole='auto')
        )[0]
        for layers in (2, 4)
    ]
    assert [slab.n_layers for slab in slabs] == [2, 4]
