"""Tasker's types of well-known surfaces."""

import pytest
from pymatgen.core.lattice import Lattice

from aiida_slabrelax.surfaces import SlabOptions, find_terminations
from bulk_crystals import (
    copper,
    from_spacegroup,
    lithium_cobaltate,
    rock_salt,
    rutile,
    strontium_titanate,
    zinc_oxide,
)

MAGNESIA = from_spacegroup('Fm-3m', Lattice.cubic(4.21), ['Mg', 'O'], [[0, 0, 0], [0.5, 0.5, 0.5]])
FLUORITE = from_spacegroup(
    'Fm-3m', Lattice.cubic(5.463), ['Ca', 'F'], [[0, 0, 0], [0.25, 0.25, 0.25]]
)


def types(crystal, plane, **options) -> dict[str, str | None]:
    """Return the types by the name of the upper face."""
    asked = SlabOptions(8.0, 12.0, symmetrize='if_possible', **options)
    slabs = find_terminations(crystal, plane, asked)
    return {slab.top.name.split('-')[0]: slab.polarity.tasker for slab in slabs}


@pytest.mark.parametrize(
    ('crystal', 'plane', 'expected'),
    [
        (MAGNESIA, (1, 0, 0), {'MgO': 'I'}),
        (MAGNESIA, (1, 1, 0), {'MgO': 'I'}),
        (MAGNESIA, (1, 1, 1), {'Mg': 'III', 'O': 'III'}),
        (FLUORITE, (1, 0, 0), {'Ca': 'III', 'F2': 'III'}),
        (zinc_oxide(), (1, 0, 0), {'ZnO': 'I'}),
        (strontium_titanate(), (1, 0, 0), {'SrO': 'I', 'TiO2': 'I'}),
        (strontium_titanate(), (1, 1, 0), {'SrTiO': 'III', 'O2': 'III'}),
        (rock_salt(), (1, 1, 1), {'Na': 'III', 'Cl': 'III'}),
    ],
)
def test_types(crystal, plane, expected):
    assert types(crystal, plane) == expected


def test_fluorite_111_is_of_type_two_where_a_whole_unit_is_cut():
    # F-Ca-F has no dipole moment; a cut after one of its layers leaves a polar face.
    slabs = find_terminations(FLUORITE, (1, 1, 1), SlabOptions(8.0, 12.0))
    assert {slab.identity: slab.polarity.tasker for slab in slabs} == {
        'Ca-1-F-2-F': 'III',
        'F-1-Ca-1-F': 'II',
        'F-2-F-1-Ca': 'III',
    }


def test_rutile_110():
    slabs = find_terminations(rutile(), (1, 1, 0), SlabOptions(8.0, 12.0))
    found = [(slab.polarity.tasker, slab.is_stoichiometric) for slab in slabs]
    assert sorted(found) == [('II', True), ('III', False), ('III', False)]


def test_how_it_was_decided():
    (magnesium, _) = find_terminations(MAGNESIA, (1, 1, 1), SlabOptions(8.0, 12.0))
    # 2 e on 7.675 Å², half of the distance of 2.431 Å of equal layers apart.
    assert magnesium.polarity.reason == (
        'a period has a dipole moment of 0.317 e/Å (guessed charges Mg +2, O -2)'
    )


def test_given_charges_count():
    crystal = MAGNESIA.copy()
    crystal.add_oxidation_state_by_element({'Mg': 1.0, 'O': -1.0})
    slab = find_terminations(crystal, (1, 0, 0), SlabOptions(8.0, 12.0))[0]
    assert slab.polarity.reason == 'all layers are neutral (given charges Mg +1, O -1)'


def test_without_charges_there_is_no_type():
    (slab,) = find_terminations(copper(), (1, 1, 1), SlabOptions(8.0, 12.0))
    assert (slab.polarity.tasker, slab.polarity.reason) == (None, '')


def test_whole_groups_have_the_charge_of_their_atoms():
    # The layers O-Co-O of LiCoO2 are whole: Li+ and CoO2- alternate.
    slabs = find_terminations(
        lithium_cobaltate(), (0, 0, 1), SlabOptions(8.0, 12.0, keep_whole='Co-O')
    )
    assert {slab.top.name.split('-')[0]: slab.polarity.tasker for slab in slabs} == {
        'Li': 'III',
        'CoO2': 'III',
    }
