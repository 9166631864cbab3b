"""Polar slabs with a part of the outermost layer on the other face."""

import itertools

import numpy as np
import pytest
from pymatgen.analysis.structure_matcher import StructureMatcher
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from aiida_slabrelax.surfaces import (
    SlabGenerationError,
    SlabOptions,
    Survey,
    Termination,
    is_symmetric,
    survey,
)
from bulk_crystals import copper, from_spacegroup, lithium_cobaltate, rutile, silver_phosphate

MAGNESIA = from_spacegroup('Fm-3m', Lattice.cubic(4.21), ['Mg', 'O'], [[0, 0, 0], [0.5, 0.5, 0.5]])
CERIA = from_spacegroup('Fm-3m', Lattice.cubic(5.411), ['Ce', 'O'], [[0, 0, 0], [0.25, 0.25, 0.25]])
IDEAL = from_spacegroup(
    'P6_3mc',
    Lattice.hexagonal(3.25, 3.25 * np.sqrt(8 / 3)),
    ['Zn', 'O'],
    [[1 / 3, 2 / 3, 0], [1 / 3, 2 / 3, 0.375]],
)
"""Zinc oxide with regular tetrahedra."""

CHARGES = {'Mg': 2, 'Ce': 4, 'O': -2, 'Zn': 2, 'Li': 1, 'Co': 3}


def charged(crystal: Structure) -> Structure:
    crystal = crystal.copy()
    crystal.add_oxidation_state_by_element(
        {element.symbol: CHARGES[element.symbol] for element in crystal.composition.elements}
    )
    return crystal


def cut(crystal: Structure, plane, surface_cell=None, **options) -> Survey:
    asked = {'max_reconstructions': 1000, 'reconstruct': 'tasker', 'surface_cell': surface_cell}
    return survey(crystal, plane, SlabOptions(8.0, 12.0, **{**asked, **options}))


def of_layer(slabs: list[Termination], element: str) -> list[Termination]:
    """Return the slabs whose outermost layers consist of an element."""
    return [slab for slab in slabs if slab.top.layers[0][0][0][0].startswith(element)]


def dipole(slab: Structure) -> float:
    """Return the dipole moment per area of point charges, in e/Å."""
    charges = np.array([CHARGES[site.specie.symbol] for site in slab])
    assert charges.sum() == 0
    heights = slab.cart_coords[:, 2]
    a, b, _ = slab.lattice.matrix
    return float(charges @ heights) / float(np.linalg.norm(np.cross(a, b)))


@pytest.mark.parametrize(
    ('crystal', 'plane', 'surface_cell', 'count'),
    [
        (MAGNESIA, (1, 1, 1), (2, 1), 4),
        (MAGNESIA, (1, 1, 1), (2, 2), 6),
        (CERIA, (1, 0, 0), None, 2),
        (CERIA, (1, 0, 0), (2, 1), 10),
        (lithium_cobaltate(), (0, 0, 1), (2, 1), 4),
        (IDEAL, (0, 0, 1), (2, 2), 4),
    ],
    ids=['MgO 2x1', 'MgO 2x2', 'CeO2', 'CeO2 2x1', 'LiCoO2', 'ZnO'],
)
def test_slabs_have_no_dipole_moment_and_the_composition_of_the_bulk(
    crystal, plane, surface_cell, count
):
    found = cut(charged(crystal), plane, surface_cell)
    assert len(found.terminations) == count
    for slab in found.terminations:
        assert dipole(slab.structure) == pytest.approx(0, abs=1e-6)
        assert slab.is_stoichiometric
        assert slab.polarity.polar == 'no'
        assert slab.polarity.tasker == 'III'
        assert slab.thickness >= 8.0
        assert slab.is_symmetric == is_symmetric(slab.structure)
    identities = [slab.identity for slab in found.terminations]
    assert len(set(identities)) == len(identities)


def orders(slabs: list[Termination]) -> list[int]:
    """Return the numbers of symmetry operations, in the order of the arrangements."""
    ranked = sorted(slabs, key=lambda slab: int(slab.identity.rpartition('#')[2]))
    return [
        len(SpacegroupAnalyzer(slab.structure, 0.01).get_symmetry_operations()) for slab in ranked
    ]


def arrangements(full: Structure, layer: str, part: int) -> list[Structure]:
    """Return all ways to leave a part of the highest and of the lowest layer.

    :param full: a slab with all of both.
    :param layer: the element in them.
    :param part: how many atoms are on the lower face.
    """
    heights = full.cart_coords[:, 2]
    top, bottom = (
        [index for index, height in enumerate(heights) if abs(height - end) < 0.1]
        for end in (heights.max(), heights.min())
    )
    assert {full[index].specie.symbol for index in top + bottom} == {layer}
    found = []
    for away in itertools.combinations(top, part):
        for there in itertools.combinations(bottom, part):
            structure = full.copy()
            structure.remove_sites([*away, *(one for one in bottom if one not in there)])
            found.append(structure)
    return found


def reduced(structure: Structure) -> Structure:
    return structure.get_reduced_structure('niggli')


@pytest.mark.parametrize(
    ('crystal', 'plane', 'surface_cell', 'layer', 'part'),
    [
        (MAGNESIA, (1, 1, 1), (2, 1), 'O', 1),
        (MAGNESIA, (1, 1, 1), (2, 2), 'Mg', 2),
        (CERIA, (1, 0, 0), None, 'O', 1),
        (CERIA, (1, 0, 0), (2, 1), 'O', 2),
    ],
)
def test_every_arrangement_is_there_once_and_the_most_symmetric_is_first(
    crystal, plane, surface_cell, layer, part
):
    found = of_layer(cut(charged(crystal), plane, surface_cell).terminations, layer)
    # A symmetric slab that ends with whole layers of the element, as thick as these.
    options = SlabOptions(8.0, 12.0, surface_cell=surface_cell, top=layer)
    (full,) = survey(crystal, plane, options).terminations
    matcher = StructureMatcher(primitive_cell=False, scale=False, stol=0.05, ltol=0.02)

    def equal(one: Structure, other: Structure) -> bool:
        return matcher.fit(one, other, skip_structure_reduction=True)

    classes: list[Structure] = []
    # Each is compared many times, and reduced once.
    for structure in map(reduced, arrangements(full.structure, layer, part)):
        if not any(equal(structure, other) for other in classes):
            classes.append(structure)
    slabs = [slab.structure.copy() for slab in found]
    for slab in slabs:
        slab.remove_oxidation_states()
    slabs = [reduced(slab) for slab in slabs]
    assert len(slabs) == len(classes)
    for structure in classes:
        assert sum(equal(structure, slab) for slab in slabs) == 1
    counted = [
        len(SpacegroupAnalyzer(structure, 0.01).get_symmetry_operations()) for structure in classes
    ]
    assert orders(found)[0] == max(counted)
    assert orders(found) == sorted(orders(found), reverse=True)


def test_an_upper_bound_keeps_the_most_symmetric():
    every = cut(charged(CERIA), (1, 0, 0), (2, 1))
    found = cut(charged(CERIA), (1, 0, 0), (2, 1), max_reconstructions=2)
    by_oxygen, expected = (of_layer(one.terminations, 'O') for one in (found, every))
    assert {slab.identity for slab in by_oxygen} == {
        slab.identity for slab in expected if slab.identity.endswith(('#1', '#2'))
    }
    assert [one.reason for one in found.excluded] == [
        f'{len(expected) - 2} less symmetric arrangements of its faces; max_reconstructions is 2'
    ]


def test_a_cell_that_cannot_be_divided_is_told_with_one_that_can():
    with pytest.raises(SlabGenerationError) as raised:
        cut(charged(MAGNESIA), (1, 1, 1))
    assert '0.50 of the outermost layer (O2-) must be on the other face' in str(raised.value)
    assert 'one of 2 smallest cells can be' in str(raised.value)


def test_a_quarter_in_zinc_oxide_as_it_is():
    """Its layers are not quite where they cancel a quarter; what is left is small."""
    real = charged(
        from_spacegroup(
            'P6_3mc',
            Lattice.hexagonal(3.25, 5.207),
            ['Zn', 'O'],
            [[1 / 3, 2 / 3, 0], [1 / 3, 2 / 3, 0.382]],
        )
    )
    found = cut(real, (0, 0, 1), (2, 2)).terminations
    assert {slab.lower_part for slab in found} == {'1/4', '3/4'}
    options = SlabOptions(8.0, 12.0, symmetrize=False)
    bare = survey(real, (0, 0, 1), options).terminations
    smallest = min(abs(dipole(slab.structure)) for slab in bare)
    for slab in found:
        assert abs(dipole(slab.structure)) < 0.1 * smallest


def test_surfaces_that_are_not_polar_are_cut_as_without():
    found, plain = (
        survey(
            rutile(), (1, 1, 0), SlabOptions(8.0, 12.0, reconstruct=how, surface_cell=(1, 1))
        ).terminations
        for how in ('tasker', None)
    )
    stoichiometric = [slab.identity for slab in plain if slab.polarity.tasker == 'II']
    assert [slab.identity for slab in found if slab.lower_part is None] == stoichiometric
    assert all(slab.polarity.polar == 'no' for slab in found)


def test_whole_groups_are_moved_whole():
    found = cut(silver_phosphate(), (1, 1, 0), (1, 1), keep_whole='P-O').terminations
    assert found
    for slab in found:
        symbols = np.array([site.specie.symbol for site in slab.structure])
        first, second, images, distances = slab.structure.get_neighbor_list(2.0)
        near = (symbols[first] == 'P') & (symbols[second] == 'O') & (images[:, 2] == 0)
        counts = np.bincount(first[near], minlength=len(symbols))[symbols == 'P']
        assert set(counts) == {4}
        assert distances.max() <= 2.0


def test_broken_bonds_are_counted():
    # Of three bonds of an atom on (111) of rock salt half are broken at each face.
    for slab in cut(charged(MAGNESIA), (1, 1, 1), (2, 1)).terminations:
        upper, lower = slab.cut_bonds
        assert sum(upper.lost.values()) == sum(lower.lost.values()) == 6


def test_without_charges_it_is_refused():
    with pytest.raises(SlabGenerationError, match='no oxidation states') as raised:
        cut(copper(), (1, 1, 1))
    assert raised.value.option == 'reconstruct'


def test_the_limit_of_atoms():
    with pytest.raises(SlabGenerationError, match='16 atoms; max_atoms is 12'):
        cut(charged(MAGNESIA), (1, 1, 1), (2, 1), max_atoms=12)
