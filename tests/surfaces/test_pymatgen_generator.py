import itertools
import math

import numpy as np
import pytest
from pymatgen.core.lattice import Lattice
from pymatgen.core.periodic_table import Element
from pymatgen.core.structure import Structure
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from aiida_slabrelax.surfaces import SlabGenerationError, SlabOptions, find_terminations
from bulk_crystals import (
    copper,
    from_spacegroup,
    gallium_arsenide,
    nickel_oxide,
    quartz,
    rutile,
    silver_phosphate,
    strontium_titanate,
    triclinic,
    zinc_oxide,
)


def cut(crystal, hkl, thickness=8.0, vacuum=12.0, **options):
    options = SlabOptions(thickness, vacuum, **{'generator': 'pymatgen', **options})
    return find_terminations(crystal, hkl, options)


def refusal(crystal, hkl, thickness=8.0, vacuum=12.0, **options):
    with pytest.raises(SlabGenerationError) as caught:
        cut(crystal, hkl, thickness, vacuum, **options)
    return str(caught.value)


def kind_counts(termination):
    kinds = termination.structure.site_properties['kind_name']
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def layers_of(termination, element):
    """Return the sets of kinds that an element has in each layer, from the bottom."""
    sites = [site for site in termination.structure if site.specie.symbol == element]
    layers = itertools.groupby(
        sorted(sites, key=lambda site: site.z), key=lambda site: round(site.z, 1)
    )
    return [{site.properties['kind_name'] for site in layer} for _, layer in layers]


# --- The reference job ---------------------------------------------------------------------------


@pytest.fixture(scope='module')
def reference_job():
    return cut(silver_phosphate(), (1, 0, 0), 10, 15)


def test_silver_phosphate(reference_job):
    assert [one.label for one in reference_job] == ['slab_00', 'slab_01', 'slab_02', 'slab_03']
    found = {
        one.formula: (one.n_atoms, round(one.thickness, 2), round(one.vacuum, 2))
        for one in reference_job
    }
    assert found == {
        'Ag10P3O16': (29, 10.43, 20.17),
        'Ag11P4O16': (31, 10.99, 19.61),
        'Ag10P3O12': (25, 9.18, 21.42),
        'Ag11P4O12': (27, 9.18, 21.42),
    }
    for one in reference_job:
        assert one.area == pytest.approx(6.12**2)
        assert one.structure.lattice.c == pytest.approx(30.60)
        assert one.is_symmetric
        assert not one.is_stoichiometric


def test_thin_slabs_are_said(reference_job):
    remarks = {one.formula: one.remarks for one in reference_job}
    thin = ['it is 9.18 Å thick, less than the 10.00 Å asked for']
    assert remarks == {'Ag10P3O16': [], 'Ag11P4O16': [], 'Ag10P3O12': thin, 'Ag11P4O12': thin}


def test_sites_are_sorted_by_element_then_height(reference_job):
    for one in reference_job:
        symbols = [site.specie.symbol for site in one.structure]
        assert [symbol for symbol, _ in itertools.groupby(symbols)] == ['Ag', 'P', 'O']
        for symbol in ('Ag', 'P', 'O'):
            heights = [round(site.z, 3) for site in one.structure if site.specie.symbol == symbol]
            assert heights == sorted(heights)


def test_slabs_are_upright_centred_and_inside_the_cell(reference_job):
    for one in reference_job:
        vectors = one.structure.lattice.matrix
        assert vectors[0, 1:] == pytest.approx([0, 0])
        assert vectors[1, 2] == pytest.approx(0)
        assert vectors[2, :2] == pytest.approx([0, 0])
        assert np.linalg.det(vectors) > 0
        assert (one.structure.frac_coords >= 0).all()
        assert (one.structure.frac_coords < 1).all()
        masses = [site.specie.atomic_mass for site in one.structure]
        centre = np.average(one.structure.cart_coords[:, 2], weights=masses)
        assert centre == pytest.approx(15.30)


def test_thickness_and_vacuum_fill_the_cell(reference_job):
    for one in reference_job:
        assert np.ptp(one.structure.cart_coords[:, 2]) == pytest.approx(one.thickness)
        assert one.thickness + one.vacuum == pytest.approx(30.60)


# --- What the options do -------------------------------------------------------------------------


def test_planes_can_be_counted():
    (slab,) = cut(copper(), (1, 0, 0), 3, 4, in_unit_planes=True)
    assert slab.n_atoms == 6
    assert slab.structure.lattice.c == pytest.approx(7 * 3.615)
    assert slab.requested_thickness == pytest.approx(3 * 3.615)


def test_without_centring_the_slab_stays_at_the_bottom():
    (slab,) = cut(copper(), (1, 0, 0), center_slab=False)
    heights = slab.structure.cart_coords[:, 2]
    assert heights.min() == pytest.approx(3.615 / 4)
    assert heights.max() == pytest.approx(3.615 / 4 + slab.thickness)


def test_without_primitive_the_cell_is_larger():
    (slab,) = cut(copper(), (1, 0, 0), primitive=False)
    assert slab.area == pytest.approx(3.615**2)


def test_a_search_for_the_normal_reaches_the_generator():
    bulk = triclinic()
    plain = cut(bulk, (1, 1, 0), symmetrize=False, lll_reduce=False)[0]
    searched = cut(bulk, (1, 1, 0), symmetrize=False, lll_reduce=False, max_normal_search=2)[0]
    assert searched.area == pytest.approx(plain.area)
    assert searched.structure.lattice.c > plain.structure.lattice.c


def test_indices_refer_to_the_given_cell():
    # (100) of the primitive cell of fcc is (111) of the conventional one.
    (conventional,) = cut(copper(), (1, 0, 0))
    (primitive,) = cut(copper().get_primitive_structure(), (1, 0, 0))
    assert conventional.area == pytest.approx(3.615**2 / 2)
    assert primitive.area == pytest.approx(3.615**2 * math.sqrt(3) / 4)


def test_indices_with_a_divisor_give_the_same_slab():
    (slab,) = cut(copper(), (2, 0, 0))
    assert slab.miller_indices == (1, 0, 0)
    assert slab.structure == cut(copper(), (1, 0, 0))[0].structure


def test_four_indices_give_the_same_slabs():
    three = cut(zinc_oxide(), (1, 0, 0))
    four = cut(zinc_oxide(), (1, 0, -1, 0))
    assert [one.structure for one in four] == [one.structure for one in three]


def test_four_indices_are_refused_without_hexagonal_cell():
    assert 'hexagonal' in refusal(copper(), (1, 0, -1, 0))


def test_a_thin_vacuum_is_remarked():
    (slab,) = cut(copper(), (1, 0, 0), 8, 4)
    assert slab.vacuum < 10
    assert any('vacuum' in remark for remark in slab.remarks)


# --- What is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        ({'hkl': (0, 0, 0)}, 'no plane'),
        ({'hkl': (1.0, 0, 0)}, 'is a float'),
        ({'thickness': 0}, 'slab thickness must be a finite number above 0, not 0.0'),
        ({'thickness': math.nan}, 'not nan'),
        ({'vacuum': -1}, 'vacuum thickness must be a finite number above 0, not -1.0'),
        ({'vacuum': math.inf}, 'not inf'),
        ({'max_atoms': 0}, 'max_atoms'),
        ({'max_normal_search': 0}, 'max_normal_search'),
    ],
)
def test_wrong_input_is_refused(arguments, words):
    assert words in refusal(copper(), **{'hkl': (1, 0, 0), **arguments})


def test_what_is_no_crystal_is_refused():
    (slab,) = cut(copper(), (1, 0, 0))
    assert 'not a bulk crystal' in refusal(slab.structure, (1, 0, 0))


def test_no_symmetric_slab_where_nothing_turns_the_plane_over():
    assert refusal(gallium_arsenide(), (1, 1, 1)) == (
        'No symmetric slab (111) exists: no symmetry operation of the crystal turns the plane '
        'over. Set symmetrize to False for the 2 unsymmetrized terminations.'
    )
    assert len(cut(gallium_arsenide(), (1, 1, 1), symmetrize=False)) == 2


def test_a_slab_too_thin_to_become_symmetric():
    rock_salt = from_spacegroup(
        'Fm-3m', Lattice.cubic(5.64), ['Na', 'Cl'], [[0, 0, 0], [0.5, 0.5, 0.5]]
    )
    message = refusal(rock_salt, (1, 1, 1), 5, lll_reduce=False)
    assert message.startswith('None of the 1 unsymmetrized termination (111) became symmetric')
    assert 'thicker' in message


def test_the_number_of_atoms_is_limited():
    message = refusal(copper(), (1, 1, 1), max_atoms=15)
    assert 'has 16 atoms' in message
    assert 'max_atoms is 15' in message
    assert len(cut(copper(), (1, 1, 1), max_atoms=16)) == 1


@pytest.mark.parametrize('lll_reduce', [True, False])
@pytest.mark.parametrize('hkl', [(101, 1, 0), (1000, 999, 998), (10**6, 1, 0), (-9, 7, 5)])
def test_very_high_indices_are_refused_before_anything_is_built(hkl, lll_reduce):
    assert 'max_atoms is 1000' in refusal(copper(), hkl, lll_reduce=lll_reduce)


def test_the_search_for_the_normal_counts_into_the_limit():
    bulk = triclinic()
    atoms = cut(bulk, (1, 1, 0), symmetrize=False, lll_reduce=False)[0].n_atoms
    options = {'symmetrize': False, 'lll_reduce': False, 'max_atoms': atoms}
    assert len(cut(bulk, (1, 1, 0), **options)) > 1
    assert 'the limit max_atoms' in refusal(bulk, (1, 1, 0), max_normal_search=10, **options)


@pytest.mark.parametrize('lll_reduce', [True, False])
def test_planes_too_close_to_be_told_apart(lll_reduce):
    message = refusal(copper(), (201, 1, 0), lll_reduce=lll_reduce, max_atoms=10**4)
    assert message.startswith('The atomic planes (201 1 0) are at most 0.009 Å apart')


def test_a_cell_reduction_that_mixes_in_the_vacuum():
    wide = copper().make_supercell([1, 1, 6], in_place=False)
    message = refusal(wide, (1, 0, 0), 2, 2, primitive=False)
    assert 'LLL reduction mixes the vacuum' in message
    (slab,) = cut(wide, (1, 0, 0), 2, 2, primitive=False, lll_reduce=False)
    assert slab.structure.lattice.c == pytest.approx(2 * 3.615)


# --- The crystal stays what it is ----------------------------------------------------------------


def test_the_input_is_not_changed():
    crystal = silver_phosphate()
    before = crystal.as_dict()
    cut(crystal, (1, 0, 0))
    assert crystal.as_dict() == before


def handedness(structure, distances, tolerance=0.02):
    """Return the signs of the triple products of the vectors from Na to its Mg, S and Cl.

    Only atoms with neighbours at exactly the given distances count, so that those at the faces of
    a slab, which lack some, do not.
    """
    signs = set()
    for site in structure:
        if site.specie.symbol != 'Na':
            continue
        neighbours = structure.get_neighbors(site, max(distances.values()) + tolerance)
        vectors = [
            [
                other.coords - site.coords
                for other in neighbours
                if other.specie.symbol == symbol and abs(other.nn_distance - distance) < tolerance
            ]
            for symbol, distance in distances.items()
        ]
        if all(len(found) == 1 for found in vectors):
            signs.add(float(np.sign(np.linalg.det([found[0] for found in vectors]))))
    return signs


def nearest(structure):
    row = structure.distance_matrix[0]
    return {site.specie.symbol: row[i] for i, site in enumerate(structure) if i}


@pytest.mark.parametrize('left_handed', [False, True])
@pytest.mark.parametrize('lll_reduce', [False, True])
@pytest.mark.parametrize('hkl', [(1, 0, 0), (0, 1, 0), (0, 0, -1), (1, 1, 1), (1, -1, 2)])
def test_no_crystal_is_mirrored(hkl, lll_reduce, left_handed):
    bulk = triclinic(left_handed)
    slab = cut(bulk, hkl, symmetrize=False, lll_reduce=lll_reduce)[0].structure
    expected = handedness(bulk, nearest(bulk))
    assert len(expected) == 1
    assert handedness(slab, nearest(bulk)) == expected
    assert np.linalg.det(slab.lattice.matrix) > 0


@pytest.mark.parametrize('left_handed', [False, True])
@pytest.mark.parametrize('center_slab', [False, True])
@pytest.mark.parametrize('hkl', [(1, 0, 0), (0, 1, 0), (0, -1, 0), (1, 1, 1)])
def test_the_face_asked_for_is_on_top(hkl, center_slab, left_handed):
    # In a crystal without symmetry the heights of the atoms tell up from down.
    bulk = triclinic(left_handed)
    spacing = bulk.lattice.d_hkl(hkl)
    expected = {
        site.specie.symbol: float(np.dot(site.frac_coords - bulk[0].frac_coords, hkl)) % 1.0
        for site in bulk[1:]
    }
    slab = cut(bulk, hkl, 4.0, symmetrize=False, center_slab=center_slab)[0].structure
    origin = next(site.z for site in slab if site.specie.symbol == 'Na')
    for site in slab:
        if site.specie.symbol != 'Na':
            planes = (site.z - origin) / spacing % 1.0
            assert planes == pytest.approx(expected[site.specie.symbol], abs=1e-6)


def rebuilt_space_groups(slab, height):
    """Return the space groups of the crystals that continue a slab along its normal."""
    sites = list(slab)
    bottom = min(site.z for site in sites)
    period = [site for site in sites if site.z - bottom < height - 1e-3]
    groups = set()
    for other in sites:
        if other.specie != sites[0].specie or abs(other.z - sites[0].z - height) > 1e-3:
            continue
        vectors = [*slab.lattice.matrix[:2], other.coords - sites[0].coords]
        crystal = Structure(
            Lattice(vectors),
            [site.specie for site in period],
            [site.coords for site in period],
            coords_are_cartesian=True,
        )
        groups.add(SpacegroupAnalyzer(crystal).get_space_group_number())
    return groups


@pytest.mark.parametrize('lll_reduce', [True, False])
def test_quartz_keeps_its_hand(lll_reduce):
    # With lll_reduce, pymatgen alone turns space group 152 into its mirror image, 154.
    crystal = quartz()
    height = crystal.lattice.d_hkl((1, 1, 1))
    slab = cut(crystal, (1, 1, 1), 4.0, symmetrize=False, lll_reduce=lll_reduce)[0].structure
    groups = rebuilt_space_groups(slab, height)
    assert 152 in groups
    assert 154 not in groups


# --- Kinds ---------------------------------------------------------------------------------------


def test_without_kinds_sites_are_named_by_their_element(reference_job):
    for one in reference_job:
        names = one.structure.site_properties['kind_name']
        assert names == [site.specie.symbol for site in one.structure]


def test_kinds_enlarge_the_primitive_cell():
    (blind,) = cut(nickel_oxide(('Ni', 'Ni')), (1, 0, 0))
    (ordered,) = cut(nickel_oxide(), (1, 0, 0))
    assert blind.area == pytest.approx(4.17**2 / 2)
    assert ordered.area == pytest.approx(4.17**2)
    assert kind_counts(blind) == {'Ni': 4, 'O': 4}
    assert kind_counts(ordered) == {'Ni1': 4, 'Ni2': 4, 'O': 8}
    assert layers_of(ordered, 'Ni') == [{'Ni1', 'Ni2'}] * 4


def test_kinds_tell_terminations_apart():
    (blind,) = cut(nickel_oxide(('Ni', 'Ni')), (0, 0, 1), 10)
    assert kind_counts(blind) == {'Ni': 6, 'O': 6}
    first, second = cut(nickel_oxide(), (0, 0, 1), 10)
    assert kind_counts(first) == {'Ni1': 3, 'Ni2': 2, 'O': 5}
    assert kind_counts(second) == {'Ni1': 2, 'Ni2': 3, 'O': 5}
    assert layers_of(first, 'Ni') == [{'Ni1'}, {'Ni2'}, {'Ni1'}, {'Ni2'}, {'Ni1'}]
    assert layers_of(second, 'Ni') == [{'Ni2'}, {'Ni1'}, {'Ni2'}, {'Ni1'}, {'Ni2'}]
    assert first.is_symmetric
    assert second.is_symmetric


def test_a_slab_with_different_kinds_on_its_faces_is_not_symmetric():
    (slab,) = cut(nickel_oxide(), (0, 0, 1), symmetrize=False)
    assert not slab.is_symmetric
    assert slab.is_stoichiometric
    assert layers_of(slab, 'Ni') in (
        [{'Ni1'}, {'Ni2'}, {'Ni1'}, {'Ni2'}],
        [{'Ni2'}, {'Ni1'}, {'Ni2'}, {'Ni1'}],
    )


def test_the_order_of_a_rhombohedral_antiferromagnet():
    # Order of type II: in the doubled primitive cell, (111) planes of Ni1 and Ni2 alternate.
    vectors = np.array([[2, 1, 1], [1, 2, 1], [1, 1, 2]]) * 4.17 / 2
    bulk = Structure(
        Lattice(vectors),
        ['Ni', 'Ni', 'O', 'O'],
        [[0, 0, 0], [0.5, 0.5, 0.5], [0.25, 0.25, 0.25], [0.75, 0.75, 0.75]],
        site_properties={'kind_name': ['Ni1', 'Ni2', 'O', 'O']},
    )
    slabs = cut(bulk, (1, 1, 1), symmetrize=False)
    assert slabs
    for slab in slabs:
        assert slab.area == pytest.approx(4.17**2 * math.sqrt(3) / 4)
        assert kind_counts(slab) == {'Ni1': 2, 'Ni2': 2, 'O': 4}
        layers = layers_of(slab, 'Ni')
        assert len(layers) == 4
        assert all(lower != upper for lower, upper in itertools.pairwise(layers))


def test_sites_of_a_kind_stay_together():
    (slab,) = cut(nickel_oxide(), (1, 0, 0))
    names = slab.structure.site_properties['kind_name']
    assert [name for name, _ in itertools.groupby(names)] == ['Ni1', 'Ni2', 'O']
    assert {site.specie for site in slab.structure} == {Element('Ni'), Element('O')}


# --- Labels --------------------------------------------------------------------------------------


def test_labels_follow_the_layers():
    slabs = cut(strontium_titanate(), (1, 0, 0), 10, 15)
    assert [one.formula for one in slabs] == ['Sr3Ti2O7', 'Sr2Ti3O8']


def test_runs_are_equal():
    first, second = cut(rutile(), (1, 1, 0)), cut(rutile(), (1, 1, 0))
    assert first == second
