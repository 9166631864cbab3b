"""How large slabs are: a number of layers, and parts of a period that symmetry repeats."""

import pytest
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax.surfaces import (
    SlabGenerationError,
    SlabOptions,
    Termination,
    find_terminations,
)
from bulk_crystals import copper, from_spacegroup, rutile, silver_phosphate, zinc_oxide


def molybdenite() -> Structure:
    """2H: its second layer is where a screw axis takes the first one."""
    return from_spacegroup(
        'P6_3/mmc',
        Lattice.hexagonal(3.160, 12.294),
        ['Mo', 'S'],
        [[1 / 3, 2 / 3, 0.25], [1 / 3, 2 / 3, 0.621]],
    )


def cut(crystal: Structure, hkl, **options) -> list[Termination]:
    return find_terminations(crystal, hkl, SlabOptions(min_vacuum_thickness=15, **options))


@pytest.mark.parametrize('number', range(1, 8))
def test_a_metal_has_as_many_layers_as_asked_for(number):
    (one,) = cut(copper(), (1, 1, 1), layers=number)
    assert (one.n_layers, one.n_atoms, one.requested_thickness) == (number, number, None)
    assert one.remarks == []


@pytest.mark.parametrize('number', [1, 5, 12])
def test_slabs_have_at_least_as_many_layers_and_are_the_smallest(number):
    for one in cut(silver_phosphate(), (1, 0, 0), layers=number):
        assert number <= one.n_layers < number + 8
    for one in cut(rutile(), (1, 1, 0), layers=number, symmetrize=False):
        assert number <= one.n_layers < number + 6


def test_layers_count_as_the_tolerance_says():
    (one,) = cut(molybdenite(), (0, 0, 1), layers=3, layer_tolerance=3.5)
    assert (one.n_layers, one.formula) == (3, 'Mo3S6')


@pytest.mark.parametrize(
    ('asked', 'message'),
    [
        ({}, 'Either the thickness of the slabs or their number of layers is needed.'),
        (
            {'layers': 5, 'min_slab_thickness': 10},
            'Give either the thickness of the slabs or their number of layers: both are there, '
            '10 and 5.',
        ),
        ({'layers': 0}, 'layers must be an integer above 0, not 0.'),
        ({'layers': 2.0}, 'layers must be an integer above 0, not 2.0.'),
        (
            {'layers': 4, 'generator': 'pymatgen'},
            'Only the generator exact counts layers; give the thickness in Å.',
        ),
    ],
)
def test_what_is_not_one_size_is_refused(asked, message):
    with pytest.raises(SlabGenerationError) as refused:
        cut(copper(), (1, 1, 1), **asked)
    assert str(refused.value) == message
    assert refused.value.option == 'layers'


def test_slabs_of_whole_repeats_use_screw_axes():
    slabs = cut(molybdenite(), (0, 0, 1), min_slab_thickness=10, symmetrize=False)
    (van_der_waals,) = (one for one in slabs if one.is_symmetric)
    assert van_der_waals.formula == 'Mo3S6'
    assert van_der_waals.thickness == pytest.approx(15.46, abs=0.01)
    assert all(one.is_stoichiometric for one in slabs)


def test_an_odd_number_of_bilayers_of_wurtzite():
    (one, *_) = cut(zinc_oxide(), (0, 0, 1), layers=6, symmetrize=False)
    assert (one.n_layers, one.formula) == (6, 'Zn3O3')


def test_in_unit_planes_counts_distances_of_planes():
    (one,) = cut(copper(), (1, 1, 1), min_slab_thickness=5, in_unit_planes=True)
    assert one.requested_thickness == pytest.approx(5 * 3.615 / 3**0.5)
    assert one.n_layers == 6
