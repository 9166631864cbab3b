"""Which slabs are wanted, what is left out and why, and what is merged."""

import numpy as np
import pytest
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax.surfaces import SlabGenerationError, SlabOptions, Survey, survey
from aiida_slabrelax.surfaces.bulk.crystal import Crystal
from aiida_slabrelax.surfaces.exact.cutting import cut_exactly
from aiida_slabrelax.surfaces.exact.faces import FaceNames
from aiida_slabrelax.surfaces.exact.matching import merge_equal
from aiida_slabrelax.surfaces.exact.stacking import Stacking
from bulk_crystals import (
    gallium_arsenide,
    rewritten,
    rutile,
    silver_phosphate,
    strontium_titanate,
    zinc_oxide,
)


def cut(crystal, planes, thickness=10.0, **options) -> Survey:
    return survey(crystal, planes, SlabOptions(thickness, 15.0, **options))


def formulas(found: Survey) -> list[str]:
    return [one.formula for one in found.terminations]


def reasons(found: Survey) -> list[tuple[str, str]]:
    return [(one.what, one.reason) for one in found.excluded]


# --- Symmetric or not ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ('symmetrize', 'expected'),
    [
        (True, ['Sr3Ti2O7', 'Sr2Ti3O8']),
        ('if_possible', ['Sr3Ti2O7', 'Sr2Ti3O8']),
        (False, ['Sr3Ti3O9']),
    ],
)
def test_a_plane_that_can_be_turned_over(symmetrize, expected):
    found = cut(strontium_titanate(), (1, 0, 0), thickness=7.5, symmetrize=symmetrize)
    assert formulas(found) == expected
    assert {one.is_symmetric for one in found.terminations} == {symmetrize is not False}


@pytest.mark.parametrize('symmetrize', ['if_possible', False])
def test_a_plane_that_cannot_be_turned_over(symmetrize):
    found = cut(gallium_arsenide(), (1, 1, 1), symmetrize=symmetrize)
    assert formulas(found) == ['Ga4As4', 'Ga4As4']
    assert not any(one.is_symmetric for one in found.terminations)
    assert found.excluded == []


def test_only_symmetric_slabs_of_such_a_plane():
    with pytest.raises(SlabGenerationError, match='for the 2 unsymmetrized terminations'):
        cut(gallium_arsenide(), (1, 1, 1))


def test_among_several_planes_such_a_one_is_left_out():
    found = cut(gallium_arsenide(), [(1, 1, 0), (1, 1, 1), (1, 0, 1)])
    assert {one.miller_indices for one in found.terminations} == {(1, 1, 0)}
    (asymmetric, reason), repeated = sorted(reasons(found), reverse=True)
    assert asymmetric == '(111)'
    assert reason.startswith('No symmetric slab (111) exists')
    assert repeated == ('(101)', 'equivalent to (110)')


def test_if_possible_is_decided_plane_by_plane():
    found = cut(gallium_arsenide(), [(1, 1, 0), (1, 1, 1)], symmetrize='if_possible')
    symmetric = {one.miller_indices: one.is_symmetric for one in found.terminations}
    assert symmetric == {(1, 1, 0): True, (1, 1, 1): False}
    assert found.excluded == []


# --- What is left out ----------------------------------------------------------------------------


def test_stoichiometric_slabs_only():
    found = cut(rutile(), (1, 1, 0), stoichiometric_only=True)
    assert formulas(found) == ['Ti8O16']
    assert sorted(reasons(found)) == [
        ('Ti10O18', 'no symmetric slab with these faces is stoichiometric'),
        ('Ti6O14', 'no symmetric slab with these faces is stoichiometric'),
    ]


def test_no_stoichiometric_slab_at_all():
    with pytest.raises(SlabGenerationError, match=r'No slab is left\. .*Ag13P4O16: no symmetric'):
        cut(silver_phosphate(), (1, 0, 0), stoichiometric_only=True)


def test_slabs_of_whole_periods_are_stoichiometric():
    plain = cut(silver_phosphate(), (1, 0, 0), symmetrize=False)
    only = cut(silver_phosphate(), (1, 0, 0), symmetrize=False, stoichiometric_only=True)
    assert only == plain
    assert all(one.is_stoichiometric for one in plain.terminations)


def test_slabs_with_too_many_atoms():
    found = cut(silver_phosphate(), (1, 0, 0), max_atoms=31)
    assert formulas(found) == ['Ag10P3O16', 'Ag11P4O16']
    assert sorted(reasons(found)) == [
        ('Ag13P4O16', '33 atoms; max_atoms is 31'),
        ('Ag14P5O16', '35 atoms; max_atoms is 31'),
    ]


def test_all_slabs_have_too_many_atoms():
    with pytest.raises(SlabGenerationError, match='Ag10P3O16: 29 atoms; max_atoms is 20'):
        cut(silver_phosphate(), (1, 0, 0), max_atoms=20)


# --- Polarity ------------------------------------------------------------------------------------


def polarity(crystal, plane, **options):
    found = cut(crystal, plane, **options).terminations
    return {(one.polarity.polar, one.polarity.source) for one in found}


def charged(crystal, **states) -> Structure:
    crystal.add_oxidation_state_by_element(states)
    return crystal


def test_symmetric_slabs_are_not_polar():
    assert polarity(strontium_titanate(), (1, 1, 1)) == {('no', 'symmetry')}


def test_oxidation_states_are_guessed():
    assert polarity(zinc_oxide(), (0, 0, 1), symmetrize=False) == {('yes', 'guessed')}


def test_oxidation_states_are_given():
    bulk = charged(zinc_oxide(), Zn=2, O=-2)
    assert polarity(bulk, (0, 0, 1), symmetrize=False) == {('yes', 'given')}
    neutral = charged(zinc_oxide(), Zn=0, O=0)
    assert polarity(neutral, (0, 0, 1), symmetrize=False) == {('no', 'given')}


def test_without_oxidation_states_it_is_unknown():
    # An alloy with the structure of zinc oxide.
    crystal = zinc_oxide()
    crystal.replace_species({'Zn': 'Cu', 'O': 'Au'})
    unknown = {('unknown', 'no oxidation states')}
    assert polarity(crystal, (0, 0, 1), symmetrize=False) == unknown


# --- Noise ---------------------------------------------------------------------------------------


def dented_rock_salt() -> Structure:
    """Rock salt in a doubled cell, one sodium out of place by more than symmetry allows."""
    vectors = Lattice.orthorhombic(5.64, 5.64, 5.64)
    sodium = [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]
    chlorine = [[0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5], [0.5, 0.5, 0.5]]
    sodium[0] = [0.0025, 0, 0]
    return Structure(vectors, ['Na'] * 4 + ['Cl'] * 4, sodium + chlorine)


def test_slabs_that_noise_has_set_apart_are_merged():
    crystal = dented_rock_salt()
    stacking = Stacking.of(Crystal.of(crystal), (0, 0, 1))
    cuts, _ = cut_exactly(FaceNames(stacking), SlabOptions(10, 15))
    assert len(cuts) == 2
    kept, (merged,) = merge_equal(cuts)
    assert [merged.equal] == kept
    found = cut(crystal, (0, 0, 1))
    assert len(found.terminations) == 1
    (excluded,) = found.excluded
    assert excluded.what == found.terminations[0].formula
    # One sodium of five layers is 0.0141 Å from its place in the other slab, less their mean.
    assert excluded.reason == (
        f'equal to slab_00 within tolerance: its atoms are at most {merged.distance:.3f} Å from '
        'where they are there'
    )
    assert 0.005 < merged.distance < 0.02


def test_a_real_difference_is_not_merged():
    crystal = dented_rock_salt()
    crystal.translate_sites([0], [0.05, 0, 0])
    assert len(cut(crystal, (0, 0, 1)).terminations) == 2


@pytest.mark.parametrize('seed', range(3))
def test_a_thousandth_of_an_angstrom_changes_nothing(seed):
    plain = cut(silver_phosphate(), (1, 0, 0))
    noisy = cut(rewritten(silver_phosphate(), seed, noise=1e-3), (1, 0, 0))
    assert formulas(noisy) == formulas(plain)
    assert np.allclose(
        [one.thickness for one in noisy.terminations],
        [one.thickness for one in plain.terminations],
        atol=5e-3,
    )
