from functools import cache

import numpy as np
import pytest
from ase.build import add_adsorbate, fcc100
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure
from pymatgen.io.ase import AseAtomsAdaptor
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer, SymmetryUndeterminedError

from aiida_slabrelax.surfaces import (
    SlabOptions,
    dipole_centre,
    find_terminations,
    is_symmetric,
)
from bulk_crystals import (
    gallium_arsenide,
    nickel_oxide,
    rutile,
    silver_phosphate,
    strontium_titanate,
    zinc_oxide,
)

properties = settings(max_examples=100, deadline=None, derandomize=True, database=None)


@cache
def terminations(crystal, hkl, symmetrize=False):
    options = SlabOptions(8.0, 12.0, lll_reduce=False, symmetrize=symmetrize)
    return find_terminations(crystal(), hkl, options)


def blind_nickel_oxide():
    return nickel_oxide(('Ni', 'Ni'))


def copper(layers):
    return AseAtomsAdaptor.get_structure(fcc100('Cu', (1, 1, layers), vacuum=8.0))


# --- Symmetry ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ('crystal', 'hkl', 'symmetrize', 'expected'),
    [
        (silver_phosphate, (1, 0, 0), True, [True] * 4),
        (silver_phosphate, (1, 0, 0), False, [False] * 2),
        (strontium_titanate, (1, 0, 0), True, [True] * 2),
        (strontium_titanate, (1, 0, 0), False, [False]),
        (rutile, (1, 1, 0), False, [True, False]),
        # A twofold axis in the plane, without inversion.
        (gallium_arsenide, (1, 1, 0), False, [True]),
        (gallium_arsenide, (1, 1, 1), False, [False] * 2),
        (zinc_oxide, (0, 0, 1), False, [False] * 2),
        (nickel_oxide, (0, 0, 1), False, [False]),
        (blind_nickel_oxide, (0, 0, 1), False, [True]),
    ],
)
def test_terminations(crystal, hkl, symmetrize, expected):
    found = terminations(crystal, hkl, symmetrize)
    assert sorted(one.is_symmetric for one in found) == sorted(expected)
    assert [is_symmetric(one.structure) for one in found] == [one.is_symmetric for one in found]


@pytest.mark.parametrize('layers', range(4, 8))
def test_copper(layers):
    assert is_symmetric(copper(layers))


def test_an_adsorbate_on_one_face():
    atoms = fcc100('Cu', (1, 1, 4), vacuum=8.0)
    add_adsorbate(atoms, 'O', 1.2, 'hollow')
    assert not is_symmetric(AseAtomsAdaptor.get_structure(atoms))


@pytest.mark.parametrize(('move', 'expected'), [(0.05, True), (0.5, False)])
def test_small_displacements_are_borne(move, expected):
    slab = copper(5)
    slab.translate_sites([4], [0, 0, move], frac_coords=False)
    assert is_symmetric(slab) is expected


def test_faces_of_different_kinds():
    slab = copper(4)
    slab.add_site_property('kind_name', ['Cu1', 'Cu', 'Cu', 'Cu'])
    assert not is_symmetric(slab)
    slab.add_site_property('kind_name', ['Cu1', 'Cu', 'Cu', 'Cu1'])
    assert is_symmetric(slab)


def test_a_slanted_cell_hides_nothing():
    # The offset of one image to the next along the vacuum is no property of the slab, but it can
    # break the twofold axes that exchange the faces of GaAs(110).
    slab = terminations(gallium_arsenide, (1, 1, 0))[0].structure
    a, b, c = slab.lattice.matrix
    slanted = Structure(
        Lattice([a, b, c + 0.3 * a + 0.2 * b]),
        slab.species,
        slab.cart_coords,
        coords_are_cartesian=True,
    )
    operations = SpacegroupAnalyzer(slanted, 0.1).get_symmetry_operations()
    assert not any(one.rotation_matrix[2, 2] == -1 for one in operations)
    assert is_symmetric(slanted)
    slanted.translate_sites(range(len(slanted)), [0, 0, 0.5], to_unit_cell=True)
    assert is_symmetric(slanted)


def test_a_slab_given_twice_has_no_symmetry():
    slab = copper(4)
    slab.append('Cu', slab[0].frac_coords)
    with pytest.raises(SymmetryUndeterminedError):
        is_symmetric(slab)


# --- The centre of mass --------------------------------------------------------------------------


def test_the_centre_of_a_slab_in_the_middle_of_the_cell():
    assert dipole_centre(copper(4)) == pytest.approx((0.25, 0.25, 0.5))
    for one in terminations(silver_phosphate, (1, 0, 0), symmetrize=True):
        assert dipole_centre(one.structure)[2] == pytest.approx(0.5)


def test_heavy_atoms_count_more():
    slab = Structure(
        Lattice.orthorhombic(3, 4, 20), ['Au', 'H'], [[0.0, 0.5, 0.2], [0.5, 0.5, 0.3]]
    )
    light = 1.008 / (1.008 + 196.966569)
    expected = (0.5 * light, 0.5, 0.2 + 0.1 * light)
    assert dipole_centre(slab) == pytest.approx(expected, abs=1e-6)


def test_a_slab_across_the_boundary_of_the_cell():
    lattice = Lattice.orthorhombic(3, 3, 20)
    slab = Structure(lattice, ['Cu'] * 3, [[0, 0, 0.9], [0, 0, 0.0], [0, 0, 0.04]])
    assert dipole_centre(slab) == pytest.approx((0, 0, 0.98))
    slab = Structure(lattice, ['Cu'] * 3, [[0, 0, 0.95], [0, 0, 0.05], [0, 0, 0.06]])
    assert dipole_centre(slab) == pytest.approx((0, 0, 0.02))


def test_the_centre_is_fractional_in_a_slanted_cell():
    lattice = Lattice([[3, 0, 0], [1, 3, 0], [2, 2, 20]])
    slab = Structure(lattice, ['Cu', 'Cu'], [[0.1, 0.2, 0.3], [0.5, 0.4, 0.4]])
    assert dipole_centre(slab) == pytest.approx((0.3, 0.3, 0.35))


def test_a_centre_just_below_the_cell_is_inside():
    slab = Structure(Lattice.orthorhombic(3, 3, 20), ['Cu'], [[-1e-17, 0.2, 0.5]])
    assert dipole_centre(slab) == (0.0, 0.2, 0.5)


@cache
def slabs():
    return [
        *(copper(layers) for layers in range(4, 8)),
        *(one.structure for one in terminations(gallium_arsenide, (1, 1, 1))),
        *(one.structure for one in terminations(silver_phosphate, (1, 0, 0), symmetrize=True)),
    ]


@properties
@given(
    slab=st.deferred(lambda: st.sampled_from(slabs())),
    shift=st.floats(-2, 2),
    random=st.randoms(use_true_random=False),
)
def test_the_centre_moves_with_the_slab(slab, shift, random):
    order = random.sample(range(len(slab)), len(slab))
    coordinates = slab.frac_coords[order]
    coordinates[:, 2] = (coordinates[:, 2] + shift) % 1.0
    moved = Structure(slab.lattice, [slab.species[index] for index in order], coordinates)
    centre = np.array(dipole_centre(moved))
    assert (centre >= 0).all()
    assert (centre < 1).all()
    difference = centre - dipole_centre(slab) - [0, 0, shift]
    assert difference - np.round(difference) == pytest.approx([0, 0, 0], abs=1e-6)
