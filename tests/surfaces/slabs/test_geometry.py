"""Measures of slabs, their symmetry and their centre."""

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
from scipy.spatial.transform import Rotation

from aiida_slabrelax.surfaces import (
    SlabGeometry,
    SlabOptions,
    dipole_centre,
    find_terminations,
    is_symmetric,
)
from bulk_crystals import (
    from_spacegroup,
    gallium_arsenide,
    nickel_oxide,
    rutile,
    silver_phosphate,
    strontium_titanate,
    zinc_oxide,
)

properties = settings(max_examples=100, derandomize=True, database=None)


@cache
def terminations(crystal, hkl, symmetrize=False):
    options = SlabOptions(8.0, 12.0, lll_reduce=False, symmetrize=symmetrize)
    return find_terminations(crystal(), hkl, options)


def blind_nickel_oxide():
    return nickel_oxide(('Ni', 'Ni'))


def copper(layers):
    return AseAtomsAdaptor.get_structure(fcc100('Cu', (1, 1, layers), vacuum=8.0))


# --- Measures ---------------------------------------------------------------------------------


def sides(geometry):
    """Return what is on the upper face and on the lower one."""
    kinds = ['Ga', 'As'] * 2
    return [geometry.layers(kinds, from_below=below)[0][0] for below in (False, True)]


def polar_slab(c=(0.0, 0.0, 20.0), left_handed=False):
    """Four layers, gallium above and arsenic below, 1.5 Å apart."""
    a, b = [4.0, 0.0, 0.0], [1.0, 3.0, 0.0]
    vectors = np.array([b, a, c] if left_handed else [a, b, c])
    heights = [4.5, 0.0, 3.0, 1.5]
    positions = np.array([[0.1, 0.2, height] for height in heights])
    return Structure(vectors, ['Ga', 'As'] * 2, positions, coords_are_cartesian=True)


def test_the_measures_of_a_slab():
    geometry = SlabGeometry.of(polar_slab())
    assert geometry.thickness == pytest.approx(4.5)
    assert geometry.vacuum == pytest.approx(15.5)
    assert geometry.height == pytest.approx(20.0)
    assert geometry.area == pytest.approx(12.0)
    assert geometry.tilt == pytest.approx(0.0)
    assert geometry.normal == pytest.approx([0, 0, 1])
    assert geometry.heights == pytest.approx([4.5, 0.0, 3.0, 1.5])
    assert sides(geometry) == [(('Ga', 1),), (('As', 1),)]


@properties
@given(
    shift=st.tuples(*[st.floats(-2, 2)] * 3),
    slant=st.tuples(*[st.floats(-15, 15)] * 2),
    left_handed=st.booleans(),
)
def test_measures_depend_neither_on_the_place_nor_on_the_cell(shift, slant, left_handed):
    slab = polar_slab((*slant, 20.0), left_handed)
    slab.translate_sites(range(4), shift, to_unit_cell=True)
    geometry = SlabGeometry.of(slab)
    assert geometry.thickness == pytest.approx(4.5)
    assert geometry.vacuum == pytest.approx(15.5)
    assert geometry.area == pytest.approx(12.0)
    assert geometry.heights == pytest.approx([4.5, 0.0, 3.0, 1.5])
    assert geometry.positions[:, 2] == pytest.approx([4.5, 0.0, 3.0, 1.5])
    assert np.linalg.det(geometry.axes) == pytest.approx(1.0)


@properties
@given(rotation=st.floats(0, 6.3), tilted=st.floats(0, 6.3), left_handed=st.booleans())
def test_a_slab_that_is_turned_has_the_same_faces(rotation, tilted, left_handed):
    """The upper face is the one that c leads to, wherever that is."""
    slab = polar_slab(left_handed=left_handed)
    turn = Rotation.from_euler('zx', [rotation, tilted]).as_matrix()
    turned = Structure(slab.lattice.matrix @ turn.T, slab.species, slab.frac_coords)
    geometry = SlabGeometry.of(turned)
    assert geometry.thickness == pytest.approx(4.5)
    assert geometry.normal == pytest.approx(turn[:, 2])
    assert sides(geometry) == [(('Ga', 1),), (('As', 1),)]


def test_a_thin_vacuum_is_no_gap_of_a_slab_that_was_cut():
    """The generator knows where it has cut, also where the vacuum is not the widest gap."""
    crystal = from_spacegroup('Fm-3m', Lattice.cubic(3.6), ['Cu'], [[0, 0, 0]])
    (slab,) = find_terminations(crystal, (0, 0, 1), SlabOptions(8.0, 1.0))
    assert slab.vacuum == pytest.approx(1.0)
    assert slab.thickness > 8.0 - 1e-6


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
