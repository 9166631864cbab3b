import math

import numpy as np
import pytest
from pymatgen.core.lattice import Lattice
from pymatgen.core.periodic_table import DummySpecies
from pymatgen.core.structure import Structure

from aiida_slabrelax import surfaces
from bulk_crystals import copper, from_spacegroup, quartz, silver_phosphate


@pytest.mark.parametrize(
    'value', [[1, 0, 0], (1, 1, -2, 3), np.array([1, 0, 4]), [np.int64(1), 0, 0], (0, 0, -2)]
)
def test_miller_indices_taken(value):
    assert surfaces.check_miller_indices(value) is None


@pytest.mark.parametrize(
    ('value', 'words'),
    [
        ([0, 0, 0], 'no plane'),
        ([0, 0, 0, 0], 'no plane'),
        ([1, 0], 'three (hkl) or four (hkil)'),
        ([1, 0, 0, 0, 0], 'three (hkl) or four (hkil)'),
        ([1.0, 0, 0], '1.0 in [1.0, 0, 0] is a float'),
        (np.array([1.0, 0.0, 0.0]), 'is a float'),
        ([True, 0, 0], 'True in [True, 0, 0] is a bool'),
        (['1', 0, 0], "'1'"),
        ('100', "'100'"),
        (100, '100'),
        (None, 'None'),
        ([[1, 0, 0]], 'three (hkl) or four (hkil)'),
        ([1, 1, 1, 0], 'h + k + i must be 0; in [1, 1, 1, 0] it is 3'),
    ],
)
def test_miller_indices_refused(value, words):
    assert words in surfaces.check_miller_indices(value)


@pytest.mark.parametrize(
    ('value', 'reduced'),
    [
        ((1, 0, 0), (1, 0, 0)),
        ((2, 0, 0), (1, 0, 0)),
        ([-2, 4, 6], (-1, 2, 3)),
        ((1, 1, -2, 0), (1, 1, 0)),
        ((2, 0, -2, 4), (1, 0, 2)),
        (np.array([0, 0, 3]), (0, 0, 1)),
    ],
)
def test_miller_indices_are_reduced(value, reduced):
    assert surfaces.reduce_miller_indices(value) == reduced
    assert all(type(index) is int for index in surfaces.reduce_miller_indices(value))


def test_indices_that_are_wrong_are_not_reduced():
    with pytest.raises(ValueError, match='no plane'):
        surfaces.reduce_miller_indices((0, 0, 0))


def test_a_reduction_is_said():
    message = surfaces.describe_reduction([2, 0, 0])
    assert message == 'Miller indices (2, 0, 0) are taken as (1, 0, 0).'
    assert surfaces.describe_reduction([1, 0, 0]) is None


@pytest.mark.parametrize(
    ('indices', 'written'),
    [((1, 0, 0), '(100)'), ((1, 0, -4), '(1 0 -4)'), ((25, 1, 0), '(25 1 0)')],
)
def test_planes_are_written_as_in_the_field(indices, written):
    assert surfaces.format_plane(indices) == written


@pytest.mark.parametrize('check', [surfaces.check_thickness, surfaces.check_vacuum])
@pytest.mark.parametrize('value', [10, 0.5, np.float64(12.5), np.int64(3)])
def test_lengths_taken(check, value):
    assert check(value) is None


@pytest.mark.parametrize(
    ('check', 'name'),
    [(surfaces.check_thickness, 'slab thickness'), (surfaces.check_vacuum, 'vacuum thickness')],
)
@pytest.mark.parametrize(
    ('value', 'named'),
    [
        (0, 'not 0.0'),
        (-1.5, 'not -1.5'),
        (math.nan, 'not nan'),
        (math.inf, 'not inf'),
        (True, 'not True'),
        ('10', "not '10'"),
        (None, 'not None'),
    ],
)
def test_lengths_refused(check, name, value, named):
    message = check(value)
    assert name in message
    assert named in message


def test_a_thin_vacuum_is_warned_of():
    assert '9.99 Å is thin' in surfaces.describe_thin_vacuum(9.99)
    assert surfaces.describe_thin_vacuum(10.0) is None


@pytest.mark.parametrize('value', [None, 1, 20, np.int64(2)])
def test_max_normal_search_taken(value):
    assert surfaces.check_max_normal_search(value) is None


@pytest.mark.parametrize('value', [0, -1, 21, 1.0, True])
def test_max_normal_search_refused(value):
    message = surfaces.check_max_normal_search(value)
    assert message == f'max_normal_search must be an integer from 1 to 20, not {value!r}.'


@pytest.mark.parametrize('value', [0, -1, 10.0, False])
def test_max_atoms_refused(value):
    assert (
        surfaces.check_max_atoms(value) == f'max_atoms must be an integer above 0, not {value!r}.'
    )


@pytest.mark.parametrize('crystal', [copper, silver_phosphate, quartz])
def test_crystals_are_taken(crystal):
    assert surfaces.check_bulk(crystal()) is None
    assert surfaces.check_bulk(crystal().get_primitive_structure()) is None


def test_layered_crystals_are_taken():
    graphite = from_spacegroup(
        'P6_3/mmc',
        Lattice.hexagonal(2.461, 6.708),
        ['C', 'C'],
        [[0, 0, 0.25], [1 / 3, 2 / 3, 0.25]],
    )
    assert surfaces.check_bulk(graphite) is None
    assert surfaces.widest_gap(graphite, (0, 0, 1)) == pytest.approx(3.354)


def test_an_empty_cell_is_refused():
    assert 'no atoms' in surfaces.check_bulk(Structure(Lattice.cubic(4), [], []))


def test_a_cell_without_volume_is_refused():
    flat = Structure(Lattice([[3, 0, 0], [0, 3, 0], [3, 3, 1e-9]]), ['Cu'], [[0, 0, 0]])
    assert 'no volume' in surfaces.check_bulk(flat)


def test_coordinates_that_are_no_numbers_are_refused():
    broken = Structure(Lattice.cubic(3.6), ['Cu'], [[math.nan, 0, 0]])
    assert 'not finite' in surfaces.check_bulk(broken)


def test_partial_occupancy_is_refused():
    alloy = Structure(Lattice.cubic(3), [{'Cu': 0.5, 'Au': 0.5}], [[0, 0, 0]])
    message = surfaces.check_bulk(alloy)
    assert 'disordered' in message
    assert 'Cu' in message


def test_vacancies_are_refused():
    defective = Structure(Lattice.cubic(3), [{'Ti': 0.83}], [[0, 0, 0]])
    assert 'disordered' in surfaces.check_bulk(defective)


def test_an_unknown_element_is_refused():
    unknown = Structure(Lattice.cubic(3), [DummySpecies('X')], [[0, 0, 0]])
    assert 'not an element' in surfaces.check_bulk(unknown)


def test_an_atom_given_twice_is_refused():
    crystal = copper()
    crystal.append('Cu', [0.5, 0.5, 0.001])
    message = surfaces.check_bulk(crystal)
    assert 'Atoms 3 and 4' in message or 'Atoms 1 and 4' in message
    assert '0.004 Å apart' in message


@pytest.mark.parametrize('axis', [0, 1, 2])
def test_a_slab_is_refused_as_bulk(axis):
    lengths = np.full(3, 3.615)
    lengths[axis] += 5.1 - 3.615 / 2
    vectors = np.diag(lengths)
    slab = Structure(Lattice(vectors), ['Cu'] * 4, copper().cart_coords, coords_are_cartesian=True)
    assert 'There is a gap of 5.1 Å' in surfaces.check_bulk(slab)


def test_a_slab_upright_on_a_diagonal_is_refused_as_bulk():
    # The empty slices are normal to (110) of this cell, to none of its vectors.
    vectors = np.array([[6.0, 6, 0], [-6, 6, 0], [0, 0, 3]])
    corners = Structure(Lattice(vectors), ['Cu', 'Cu'], [[0, 0, 0], [0.5, -0.5, 0]])
    filled = corners.copy()
    filled.append('Cu', [0.25, -0.25, 0])
    filled.append('Cu', [0.75, -0.75, 0])
    assert 'gap' in surfaces.check_bulk(filled)


def test_a_molecule_in_a_box_is_refused():
    water = Structure(
        Lattice.cubic(10),
        ['O', 'H', 'H'],
        [[0, 0, 0], [0.76, 0.59, 0], [-0.76, 0.59, 0]],
        coords_are_cartesian=True,
    )
    assert 'molecule in a box' in surfaces.check_bulk(water)


def test_two_periodic_directions_are_refused():
    sheet = Structure(Lattice.cubic(3, pbc=(True, True, False)), ['Cu'], [[0, 0, 0]])
    assert 'periodic in 3 directions' in surfaces.check_bulk(sheet)


def test_checking_leaves_the_structure_alone():
    crystal = silver_phosphate()
    before = crystal.as_dict()
    surfaces.check_bulk(crystal)
    assert crystal.as_dict() == before


def test_a_slab_has_its_vacuum_along_the_third_vector():
    slab = Structure(Lattice.orthorhombic(3, 3, 12), ['Cu', 'Cu'], [[0, 0, 0], [0.5, 0.5, 0.2]])
    assert surfaces.check_slab(slab) is None
    turned = Structure(Lattice.orthorhombic(3, 12, 3), ['Cu', 'Cu'], [[0, 0, 0], [0.5, 0.2, 0.5]])
    assert 'the widest gap there is 1.5 Å' in surfaces.check_slab(turned)
    assert 'no atoms' in surfaces.check_slab(Structure(Lattice.cubic(9), [], []))


def test_four_indices_need_a_hexagonal_cell():
    assert surfaces.check_hexagonal(quartz(), (1, 0, -1, 1)) is None
    assert surfaces.check_hexagonal(copper(), (1, 0, 1)) is None
    message = surfaces.check_hexagonal(copper(), (1, 0, -1, 1))
    assert 'hexagonal' in message
    assert '3.615' in message


@pytest.mark.parametrize('check', [surfaces.check_bulk, surfaces.check_slab])
@pytest.mark.parametrize(
    ('cell', 'words'),
    [
        ([[1e-5, 0, 0], [0, 3, 0], [0, 0, 3]], 'a lattice vector of 1e-05 Å; 0.5 to 1000 Å are'),
        ([[3, 0, 0], [0, 1e300, 0], [0, 0, 3]], 'a lattice vector of 1e+300 Å; 0.5 to 1000 Å are'),
        ([[3, 0, 0], [0, 0, 0], [0, 0, 3]], 'a lattice vector of 0 Å; 0.5 to 1000 Å are taken'),
        ([[3, 0, 0], [0, math.nan, 0], [0, 0, 3]], 'not three times three finite numbers'),
        ([[3, 0, 0], [900, 1e-2, 0], [0, 0, 3]], 'has no volume (0.09 Å³)'),
    ],
)
def test_cells_that_no_crystal_has(check, cell, words):
    with np.errstate(all='ignore'):
        structure = Structure(Lattice(np.eye(3)), ['Cu'], [[0, 0, 0]])
        structure._lattice = Lattice(cell)
    assert words in check(structure)


@pytest.mark.parametrize('index', [10**6 + 1, -(10**6) - 1, 10**20, 10**6000], ids=range(4))
def test_indices_that_no_plane_has(index):
    message = surfaces.check_miller_indices([index, 0, 1])
    assert message.startswith('Miller indices from -1000000 to 1000000 are taken, not ')


def test_a_slab_with_coordinates_that_are_no_numbers_is_refused():
    broken = Structure(Lattice.cubic(20), ['Cu'], [[math.nan, 0, 0]])
    assert 'not finite' in surfaces.check_slab(broken)
