"""Magnetic moments make kinds, and time reversal relates them."""

import pytest
from ase import Atoms
from pymatgen.core.composition import Composition
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure
from pymatgen.electronic_structure.core import Magmom

from aiida_slabrelax.surfaces import SlabOptions, find_terminations, from_ase, is_symmetric
from aiida_slabrelax.surfaces.bulk.crystal import Crystal
from aiida_slabrelax.surfaces.bulk.doubts import describe_doubts
from aiida_slabrelax.surfaces.bulk.kinds import kind_names, moments_of_kinds
from aiida_slabrelax.surfaces.bulk.moments import (
    NonCollinearError,
    along_one_axis,
    split_kinds,
    tell_moments_apart,
)
from aiida_slabrelax.surfaces.exact.matching import merge_reversed
from aiida_slabrelax.surfaces.orientation import Cut, UprightSlab
from bulk_crystals import from_spacegroup
from magnetic_crystals import antiferromagnetic_nickel_oxide, hematite

OPTIONS = SlabOptions(6, 12)


def with_moments(structure: Structure, moments: list) -> Structure:
    structure.add_site_property('magmom', moments)
    return structure


def test_up_and_down_are_two_kinds():
    crystal = tell_moments_apart(antiferromagnetic_nickel_oxide())
    assert kind_names(crystal) == ['Ni1', 'Ni1', 'Ni2', 'Ni2', 'O', 'O', 'O', 'O']
    assert moments_of_kinds(crystal) == {'Ni1': 2.0, 'Ni2': -2.0, 'O': 0.0}


def test_kinds_that_moments_do_not_divide_keep_their_names():
    assert split_kinds(['A', 'A', 'B'], [2.0, 2.0, -2.0]) == (
        ['A', 'A', 'B'],
        {'A': 2.0, 'B': -2.0},
    )


def test_a_new_name_is_not_that_of_another_kind():
    names, moments = split_kinds(['Ni', 'Ni', 'Ni1'], [2.0, -2.0, 1.0])
    assert names == ['Ni2', 'Ni3', 'Ni1']
    assert moments == {'Ni2': 2.0, 'Ni3': -2.0, 'Ni1': 1.0}


def test_moments_of_a_calculation_scatter():
    moments = [1.71, 1.7, -1.7, -1.69, 0.002, -0.003, 0.001, 0.0]
    crystal = tell_moments_apart(with_moments(antiferromagnetic_nickel_oxide(), moments))
    assert moments_of_kinds(crystal) == {'Ni1': 1.705, 'Ni2': -1.695, 'O': 0.0}


@pytest.mark.parametrize(
    'moments',
    [
        [Magmom([0, 0, one]) for one in (2, 2, -2, -2, 0, 0, 0, 0)],
        [[0, one, 0] for one in (2, 2, -2, -2, 0, 0, 0, 0)],
    ],
)
def test_vectors_along_one_axis(moments):
    crystal = tell_moments_apart(with_moments(antiferromagnetic_nickel_oxide(), moments))
    assert moments_of_kinds(crystal) == {'Ni1': 2.0, 'Ni2': -2.0, 'O': 0.0}


def test_spins_of_species_are_moments_and_charges_stay():
    crystal = antiferromagnetic_nickel_oxide()
    spins = crystal.site_properties['magmom']
    crystal.remove_site_property('magmom')
    crystal.add_oxidation_state_by_element({'Ni': 2, 'O': -2})
    crystal.add_spin_by_site(spins)
    told = tell_moments_apart(crystal)
    assert moments_of_kinds(told) == {'Ni1': 2.0, 'Ni2': -2.0, 'O': 0.0}
    assert {str(one) for one in told.species} == {'Ni2+', 'O2-'}


def test_canted_moments_have_an_axis():
    moments, leaning = along_one_axis([[2, 0, 0.1], [-2, 0, 0.1]])
    assert [round(one, 2) for one in moments] == [2.0, -2.0]
    assert 2 < leaning < 4


def test_moments_that_are_not_collinear():
    with pytest.raises(NonCollinearError, match='lean by up to 90° from an axis'):
        along_one_axis([[2, 0, 0], [0, 2, 0], [-2, 0, 0], [0, -2, 0]])


def test_moments_of_zero_are_none():
    crystal = with_moments(antiferromagnetic_nickel_oxide(), [0.0] * 8)
    assert moments_of_kinds(tell_moments_apart(crystal)) == {}


def test_moments_of_ase():
    crystal = antiferromagnetic_nickel_oxide()
    atoms = Atoms(
        [site.specie.symbol for site in crystal],
        positions=crystal.cart_coords,
        cell=crystal.lattice.matrix,
        pbc=True,
        magmoms=crystal.site_properties['magmom'],
    )
    assert moments_of_kinds(from_ase(atoms)) == {'Ni1': 2.0, 'Ni2': -2.0, 'O': 0.0}


def test_the_cell_of_a_slab_is_that_of_the_order():
    magnetic, plain = antiferromagnetic_nickel_oxide(), antiferromagnetic_nickel_oxide()
    plain.remove_site_property('magmom')
    areas = [
        round(one.area, 2)
        for crystal in (magnetic, plain)
        for one in find_terminations(crystal, (1, 0, 0), OPTIONS)
    ]
    assert areas == [17.46, 8.73]


def test_faces_that_time_reversal_relates_count_once():
    (slab,) = find_terminations(antiferromagnetic_nickel_oxide(), (0, 0, 1), OPTIONS)
    assert slab.identity == '(Ni1)O-1-(Ni2)O'
    assert any('all magnetic moments reversed' in remark for remark in slab.remarks)
    assert slab.structure.site_properties['magmom'] == [
        {'Ni1': 2.0, 'Ni2': -2.0, 'O': 0.0}[name] for name in kind_names(slab.structure)
    ]


def test_slabs_that_are_equal_but_for_the_sign_of_all_moments():
    (slab,) = find_terminations(antiferromagnetic_nickel_oxide(), (0, 0, 1), OPTIONS)
    opposites = {'Ni1': 'Ni2', 'Ni2': 'Ni1', 'O': 'O'}
    reverse = slab.structure.copy()
    reverse.add_site_property('kind_name', [opposites[one] for one in kind_names(reverse)])
    cuts = [Cut(UprightSlab(one), 0.0, True, []) for one in (slab.structure, reverse)]
    assert merge_reversed(cuts, opposites) == cuts[:1]
    assert merge_reversed(cuts, None) == cuts


@pytest.mark.parametrize('crystal', [antiferromagnetic_nickel_oxide, hematite])
def test_it_is_a_choice_which_moments_are_up(crystal):
    flipped = crystal()
    flipped = with_moments(flipped, [-one for one in flipped.site_properties['magmom']])
    described = [
        [(one.label, one.identity, one.formula) for one in find_terminations(each, hkl, OPTIONS)]
        for hkl in ((0, 0, 1), (1, 1, 1))
        for each in (crystal(), flipped)
    ]
    assert described[0] == described[1]
    assert described[2] == described[3]


def test_hematite_has_the_operations_of_its_magnetic_group():
    crystal = Crystal.of(tell_moments_apart(hematite()))
    assert crystal.opposites == {'Fe1': 'Fe2', 'Fe2': 'Fe1', 'O': 'O'}
    # Those of R-3c, half of which reverse all moments.
    assert (len(crystal.rotations), int(crystal.reversing.sum())) == (12, 6)


def test_a_ferrimagnet_is_not_its_reverse():
    moments = [2.0, 2.0, -1.0, -1.0, 0.0, 0.0, 0.0, 0.0]
    crystal = tell_moments_apart(with_moments(antiferromagnetic_nickel_oxide(), moments))
    assert Crystal.of(crystal).opposites is None


def test_a_slab_can_be_symmetric_by_time_reversal():
    slab = Structure(
        Lattice.orthorhombic(3, 3.5, 20),
        ['Ni', 'Ni'],
        [[0, 0, 0.4], [0.5, 0.3, 0.6]],
        site_properties={'kind_name': ['Ni1', 'Ni2'], 'magmom': [2.0, -2.0]},
    )
    assert is_symmetric(slab)
    slab.remove_site_property('magmom')
    assert not is_symmetric(slab)


@pytest.mark.parametrize(('moments', 'needed'), [(None, True), ([2.0] * 4 + [0.0] * 4, False)])
def test_a_magnetic_oxide_without_moments(moments, needed):
    crystal = antiferromagnetic_nickel_oxide()
    crystal.remove_site_property('magmom')
    if moments is not None:
        crystal = tell_moments_apart(with_moments(crystal, moments))
    assert any('Ni in an oxide' in doubt for doubt in describe_doubts(crystal)) is needed


@pytest.mark.parametrize(
    ('symbols', 'doubtful'),
    [('TiO', True), ('MgO', False), ('FeS', False), ('FeO', True), ('NiAl', False)],
)
def test_which_crystals_need_moments(symbols, doubtful):
    elements = [str(one) for one in Composition(symbols)]
    crystal = from_spacegroup('Fm-3m', Lattice.cubic(4.2), elements, [[0, 0, 0], [0.5, 0.5, 0.5]])
    assert bool(describe_doubts(crystal)) is doubtful
