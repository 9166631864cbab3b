"""What other generators take in silence or choke on, row by row, as the exact one treats it."""

import itertools
import math
import tracemalloc

import pytest
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax.surfaces import (
    SlabGenerationError,
    SlabOptions,
    describe_reduction,
    find_terminations,
    survey,
)
from bulk_crystals import (
    copper,
    hematite,
    nickel_oxide,
    silver_phosphate,
    spinel,
    triclinic,
    zinc_oxide,
)


def cut(crystal, hkl, thickness=8.0, vacuum=12.0, **options):
    return find_terminations(crystal, hkl, SlabOptions(thickness, vacuum, **options))


def refusal(crystal, hkl, thickness=8.0, vacuum=12.0, **options):
    with pytest.raises(SlabGenerationError) as caught:
        cut(crystal, hkl, thickness, vacuum, **options)
    return str(caught.value)


def water_in_a_box() -> Structure:
    places = [[5, 5, 5], [5.76, 5.59, 5], [4.24, 5.59, 5]]
    return Structure(Lattice.cubic(10), ['O', 'H', 'H'], places, coords_are_cartesian=True)


def copper_slab() -> Structure:
    return cut(copper(), (1, 0, 0))[0].structure


def copper_sheet() -> Structure:
    return Structure(Lattice.cubic(3, pbc=(True, True, False)), ['Cu'], [[0, 0, 0]])


def gold_copper() -> Structure:
    return Structure(Lattice.cubic(3), [{'Cu': 0.5, 'Au': 0.5}], [[0, 0, 0]])


def with_vacancies() -> Structure:
    return Structure(Lattice.cubic(3), [{'Ti': 0.83}], [[0, 0, 0]])


def atom_twice() -> Structure:
    crystal = copper()
    crystal.append('Cu', [0.5, 0.5, 0.001])
    return crystal


def empty_cell() -> Structure:
    return Structure(Lattice.cubic(4), [], [])


# --- Wrong input ---------------------------------------------------------------------------------


@pytest.mark.parametrize('value', [0, -1.5, math.nan, math.inf])
@pytest.mark.parametrize(
    ('name', 'words'), [('thickness', 'slab thickness'), ('vacuum', 'vacuum thickness')]
)
def test_lengths_that_are_none(name, words, value):
    message = refusal(copper(), (1, 0, 0), **{name: value})
    assert f'{words} must be a finite number above 0, not {float(value)}' in message


@pytest.mark.parametrize(
    ('hkl', 'words'),
    [
        ((0, 0, 0), 'no plane'),
        ((1, 0), 'three (hkl) or four (hkil)'),
        ((1, 0, 0, 0, 0), 'three (hkl) or four (hkil)'),
        ((1.0, 0, 0), 'is a float'),
        ((1, 1, 1, 0), 'h + k + i must be 0'),
        ((1, 0, -1, 0), 'hexagonal'),
    ],
)
def test_indices_of_no_plane(hkl, words):
    assert words in refusal(copper(), hkl)


@pytest.mark.parametrize(
    ('crystal', 'words'),
    [
        (water_in_a_box, 'a slab or a molecule in a box, not a bulk crystal'),
        (copper_slab, 'a slab or a molecule in a box, not a bulk crystal'),
        (copper_sheet, 'must be periodic in 3 directions'),
        (gold_copper, 'disordered'),
        (with_vacancies, 'disordered'),
        (atom_twice, 'an atom seems to be given twice'),
        (empty_cell, 'no atoms'),
    ],
)
def test_what_is_no_crystal(crystal, words):
    assert words in refusal(crystal(), (1, 0, 0))


# --- What is meant -------------------------------------------------------------------------------


def test_four_indices_are_three():
    three, four = cut(hematite(), (1, 0, 4)), cut(hematite(), (1, 0, -1, 4))
    assert four == three
    assert {one.miller_indices for one in four} == {(1, 0, 4)}


def test_indices_with_a_divisor_are_reduced_with_a_message():
    assert cut(copper(), (2, 0, 0)) == cut(copper(), (1, 0, 0))
    assert describe_reduction((2, 0, 0)) == 'Miller indices (2, 0, 0) are taken as (1, 0, 0).'


def test_a_thin_vacuum_is_warned_of():
    (slab,) = cut(copper(), (1, 0, 0), vacuum=9.9)
    assert slab.remarks == [
        'a vacuum of 9.90 Å is thin: below 10 Å the two faces of a slab may feel each other'
    ]
    assert cut(copper(), (1, 0, 0), vacuum=10.0)[0].remarks == []


@pytest.mark.parametrize('symmetrize', [True, False])
def test_the_input_is_not_changed(symmetrize):
    crystal = silver_phosphate()
    before = crystal.as_dict()
    cut(crystal, (1, 0, 0), symmetrize=symmetrize)
    assert crystal.as_dict() == before


@pytest.mark.parametrize('hkl', [(1, 0, 0), (1, 1, 1), (2, -1, 1)])
def test_every_atom_is_inside_the_cell(hkl):
    for crystal in (silver_phosphate(), triclinic(), zinc_oxide()):
        for one in cut(crystal, hkl, symmetrize=False):
            coordinates = one.structure.frac_coords
            assert (coordinates >= 0).all()
            assert (coordinates < 1).all()


def test_sites_are_sorted_by_element_then_height():
    for one in cut(silver_phosphate(), (1, 0, 0)):
        symbols = [site.specie.symbol for site in one.structure]
        assert [symbol for symbol, _ in itertools.groupby(symbols)] == ['Ag', 'P', 'O']
        for symbol in ('Ag', 'P', 'O'):
            heights = [round(site.z, 3) for site in one.structure if site.specie.symbol == symbol]
            assert heights == sorted(heights)


# --- Kinds ---------------------------------------------------------------------------------------


def spins(slab):
    """Return the kinds of nickel in each layer, from the bottom."""
    nickel = [site for site in slab.structure if site.specie.symbol == 'Ni']
    layers = itertools.groupby(
        sorted(nickel, key=lambda site: site.z), lambda site: round(site.z, 1)
    )
    return [sorted({site.properties['kind_name'] for site in layer}) for _, layer in layers]


def test_kinds_tell_terminations_apart_and_keep_their_order():
    first, second = cut(nickel_oxide(), (0, 0, 1))
    assert spins(first) == [['Ni1'], ['Ni2'], ['Ni1'], ['Ni2'], ['Ni1']]
    assert spins(second) == [['Ni2'], ['Ni1'], ['Ni2'], ['Ni1'], ['Ni2']]
    (blind,) = cut(nickel_oxide(('Ni', 'Ni')), (0, 0, 1))
    assert blind.n_atoms == first.n_atoms


def test_kinds_count_in_the_period_of_the_plane():
    (ordered,) = cut(nickel_oxide(), (1, 0, 0))
    (blind,) = cut(nickel_oxide(('Ni', 'Ni')), (1, 0, 0))
    assert ordered.area == pytest.approx(2 * blind.area)
    assert spins(ordered) == [['Ni1', 'Ni2']] * 5


def test_kinds_count_in_what_is_symmetric():
    # Whole periods end with Ni1 on one face and Ni2 on the other.
    (ordered,) = cut(nickel_oxide(), (0, 0, 1), symmetrize=False)
    assert not ordered.is_symmetric
    assert len({ordered.top.name, ordered.bottom.name}) == 2
    (blind,) = cut(nickel_oxide(('Ni', 'Ni')), (0, 0, 1), symmetrize=False)
    assert blind.is_symmetric


# --- Sizes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize('generator', ['exact', 'pymatgen'])
@pytest.mark.parametrize('hkl', [(201, 1, 0), (1000, 999, 998), (10**6, 1, 0)])
def test_planes_with_very_high_indices_are_refused(hkl, generator):
    assert 'Choose lower Miller indices' in refusal(copper(), hkl, generator=generator)


BIG = {
    'thick': (copper, (1, 1, 1), 1e7, {}),
    'thick, high indices': (silver_phosphate, (3, 2, 1), 1e5, {'symmetrize': False}),
    'wide': (
        lambda: hematite().make_supercell([4, 4, 1], in_place=False),
        (1, 0, 4),
        50,
        {'primitive': False},
    ),
    'large cell': (lambda: spinel().make_supercell([3, 3, 2], in_place=False), (1, 1, 0), 5e3, {}),
}


@pytest.mark.parametrize('case', BIG)
def test_what_is_too_big_is_refused_before_it_is_built(case):
    make, hkl, thickness, options = BIG[case]
    crystal = make()
    tracemalloc.start()
    message = refusal(crystal, hkl, thickness, **options)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 'atoms; max_atoms is 1000' in message
    assert peak < 1e9


def test_as_many_atoms_as_the_limit_lets_through():
    # From a cell of a thousand.
    crystal = spinel().make_supercell([3, 3, 2], in_place=False)
    slabs = cut(crystal, (1, 0, 0), 270)
    assert max(one.n_atoms for one in slabs) > 900


def test_all_planes_of_a_large_cell():
    found = survey(spinel(), None, SlabOptions(10, 15), max_index=2)
    assert len({one.miller_indices for one in found.terminations}) == 6


def test_numbers_of_atoms_are_those_of_the_slabs():
    for options in ({}, {'symmetrize': False}, {'primitive': False}):
        slabs = cut(silver_phosphate(), (1, 1, 0), **options)
        most = max(one.n_atoms for one in slabs)
        assert len(cut(silver_phosphate(), (1, 1, 0), max_atoms=most, **options)) == len(slabs)
        fewer = cut(silver_phosphate(), (1, 1, 0), max_atoms=most - 1, **options)
        rest = [one.n_atoms for one in slabs if one.n_atoms < most]
        assert [one.n_atoms for one in fewer] == rest
