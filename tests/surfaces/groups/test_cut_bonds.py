"""Broken bonds, against those that the positions of the atoms tell."""

from collections import Counter

import numpy as np
import pytest

from aiida_slabrelax.surfaces import Crystal, SlabOptions, Termination, find_terminations, survey
from aiida_slabrelax.surfaces.exact.stacking import Stacking
from aiida_slabrelax.surfaces.groups.bonds import find_bonds
from aiida_slabrelax.surfaces.groups.choice import choose_groups
from aiida_slabrelax.surfaces.groups.cut_bonds import CutBondCounter
from bulk_crystals import copper, gallium_arsenide, rutile, silver_phosphate, strontium_titanate
from grouped_crystals import bismuth_selenide, count_neighbours


def cut(crystal, plane, thickness=12.0, **options) -> list[Termination]:
    return find_terminations(crystal, plane, SlabOptions(thickness, 12.0, **options))


@pytest.mark.parametrize(
    ('plane', 'bonds', 'density'),
    [((1, 1, 1), 3, 0.530), ((1, 0, 0), 4, 0.612), ((1, 1, 0), 6, 0.649)],
)
def test_broken_bonds_of_copper(plane, bonds, density):
    # Of twelve neighbours an atom of (111) lacks 3 and one of (100) 4; of (110) the first lacks 5
    # and the second 1.
    (slab,) = cut(copper(), plane)
    assert [face.lost for face in slab.cut_bonds] == [{'Cu-Cu': bonds}] * 2
    assert slab.broken_bonds == pytest.approx(density, abs=1e-3)
    assert slab.broken_bonds == pytest.approx(bonds / slab.area)


def test_titanium_and_oxygen_of_rutile_110():
    lost = [slab.cut_bonds[0].lost for slab in cut(rutile(), (1, 1, 0))]
    # The stoichiometric face has one five-fold titanium and one two-fold oxygen in a cell.
    assert {'O-Ti': 1, 'Ti-O': 1} in lost


@pytest.mark.parametrize(
    ('make', 'plane', 'bonds', 'bulk'),
    [
        (silver_phosphate, (1, 0, 0), {'Ag-O': 2.6, 'P-O': 2.0}, {'Ag-O': 4, 'P-O': 4}),
        (silver_phosphate, (1, 1, 0), {'Ag-O': 2.6, 'P-O': 2.0}, {'Ag-O': 4, 'P-O': 4}),
        (strontium_titanate, (1, 1, 1), {'Ti-O': 2.2, 'Sr-O': 3.0}, {'Ti-O': 6, 'Sr-O': 12}),
        (gallium_arsenide, (1, 1, 1), {'Ga-As': 2.7}, {'Ga-As': 4}),
    ],
)
@pytest.mark.parametrize('surface_cell', [None, (2, 1)])
@pytest.mark.parametrize('keep_whole', [None, 'auto'])
def test_lost_neighbours_are_those_that_are_missing(
    make, plane, bonds, bulk, surface_cell, keep_whole
):
    options = {'surface_cell': surface_cell, 'keep_whole': keep_whole}
    for slab in cut(make(), plane, symmetrize='if_possible', **options):
        structure = slab.structure
        symbols = np.array([site.specie.symbol for site in structure])
        first, second, images, distances = structure.get_neighbor_list(max(bonds.values()))
        middle = np.median([structure.cart_coords[:, 2].min(), structure.cart_coords[:, 2].max()])
        for pair, length in bonds.items():
            one, other = pair.split('-')
            near = (symbols[first] == one) & (symbols[second] == other) & (distances <= length)
            near &= images[:, 2] == 0
            missing = bulk[pair] - np.bincount(first[near], minlength=len(structure))
            above = structure.cart_coords[:, 2] > middle
            for face, side in zip(slab.cut_bonds, (above, ~above), strict=True):
                expected = int(missing[(symbols == one) & side].sum())
                assert face.lost.get(pair, 0) == expected


def test_a_cut_between_layers_breaks_no_bond():
    (slab,) = cut(bismuth_selenide().crystal, (0, 0, 1), keep_whole='layers')
    assert slab.broken_bonds == 0.0
    assert [face.lost for face in slab.cut_bonds] == [{}, {}]


def test_slabs_of_pymatgen_have_broken_bonds_where_their_layers_are_complete():
    (slab,) = cut(copper(), (1, 1, 1), generator='pymatgen')
    atoms_of_a_layer = slab.n_atoms / slab.n_layers
    assert slab.cut_bonds[0].lost == {'Cu-Cu': 3 * atoms_of_a_layer}
    assert slab.broken_bonds == pytest.approx(0.530, abs=1e-3)


def test_only_the_bonds_that_were_given():
    slabs = cut(silver_phosphate(), (1, 0, 0), bonds={'P-O': 1.8})
    assert [slab.broken_bonds > 0 for slab in slabs].count(False) == 2
    assert {pair for slab in slabs for pair in slab.cut_bonds[0].lost} == {'O-P', 'P-O'}


def test_flat_cuts_break_what_whole_groups_keep():
    bonds = {'P-O': 2.0}
    flat = survey(silver_phosphate(), (1, 1, 1), SlabOptions(10, 12, symmetrize=False))
    broken = [count_neighbours(one.structure, bonds, False) for one in flat.terminations]
    assert all(found['P-O'] != {4} for found in broken)


@pytest.mark.parametrize('crystal', [silver_phosphate(), rutile(), gallium_arsenide(), copper()])
@pytest.mark.parametrize('keep_whole', [False, True])
@pytest.mark.parametrize('plane', [(1, 0, 0), (1, 1, 0), (2, 1, 1)])
def test_layers_and_atoms_tell_the_same(crystal, keep_whole, plane):
    """Slabs from a single layer to more than a period."""
    cell = Crystal.of(crystal)
    bonds = find_bonds(cell)
    groups = choose_groups(cell, ['auto'], bonds) if keep_whole else None
    stacking = Stacking.of(cell, plane, groups=groups)
    counter = CutBondCounter(stacking, bonds)
    for thickness in range(2 * len(stacking.layers)):
        for top in range(len(stacking.layers)):
            bottom = top - thickness
            by_layers = counter.count_of_layers(bottom, top, 1.0)
            by_atoms = counter.count_of_atoms(stacking.plane, *stacking.cut_members(bottom, top))
            both = [Counter(one.lost) + Counter(other.lost) for one, other in (by_layers, by_atoms)]
            assert both[0] == both[1]
            if thickness > len(stacking.layers):
                assert [one.lost for one in by_layers] == [one.lost for one in by_atoms]
