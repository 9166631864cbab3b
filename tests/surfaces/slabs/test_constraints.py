from functools import cache
from itertools import chain

import numpy as np
import pytest
from ase.build import fcc100
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure
from pymatgen.io.ase import AseAtomsAdaptor
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from aiida_slabrelax.surfaces import (
    FixingError,
    SlabOptions,
    check_fixing,
    find_terminations,
    fixed_sites,
    is_symmetric,
)
from bulk_crystals import (
    from_spacegroup,
    gallium_arsenide,
    nickel_oxide,
    silver_phosphate,
    strontium_titanate,
)

properties = settings(max_examples=100, derandomize=True, database=None)


def stack(*layers, height=30.0):
    """Return a slab from the bottom to the top; each layer is (height in Å, element, ...)."""
    sites = [(element, z / height) for z, *elements in layers for element in elements]
    places = {'Mg': (0.0, 0.0), 'O': (0.5, 0.5)}
    return Structure(
        Lattice.orthorhombic(3.0, 3.0, height),
        [element for element, _ in sites],
        [(*places.get(element, (0.0, 0.0)), z) for element, z in sites],
    )


@cache
def _copper(layers):
    return AseAtomsAdaptor.get_structure(fcc100('Cu', (1, 1, layers), a=3.6, vacuum=8.0))


def copper(layers):
    """Return Cu(100), one atom a layer from the bottom to the top, 1.8 Å apart."""
    return _copper(layers).copy()


@cache
def _cut(crystal, hkl, thickness, symmetrize):
    options = SlabOptions(
        thickness, 12.0, lll_reduce=False, symmetrize=symmetrize, generator='pymatgen'
    )
    return find_terminations(crystal(), hkl, options)


def cut(crystal, hkl, thickness, symmetrize=False):
    return [one.structure.copy() for one in _cut(crystal, hkl, thickness, symmetrize)]


def magnesium_oxide():
    return from_spacegroup('Fm-3m', Lattice.cubic(4.212), ['Mg', 'O'], [[0, 0, 0], [0.5] * 3])


def blind_nickel_oxide():
    return nickel_oxide(('Ni', 'Ni'))


def fixed_layers(slab, rule, symmetric=None):
    """Return the fixed layers' numbers from the bottom, and how many layers there are.

    Layers are told apart by their heights, and must be fixed whole.
    """
    if symmetric is None:
        symmetric = is_symmetric(slab)
    heights = np.round(slab.cart_coords[:, 2], 2)
    levels = sorted(set(heights))
    by_level = {level: set() for level in levels}
    for height, fixed in zip(heights, fixed_sites(slab, rule, symmetric=symmetric), strict=True):
        by_level[height].add(fixed)
    assert all(len(found) == 1 for found in by_level.values())
    return [number for number, level in enumerate(levels) if by_level[level] == {True}], len(levels)


def refusal(slab, rule, symmetric):
    with pytest.raises(FixingError) as caught:
        fixed_sites(slab, rule, symmetric=symmetric)
    return str(caught.value)


# --- The rule ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    'value',
    [
        {'layers': 1},
        {'layers': np.int64(3), 'side': 'bottom'},
        {'thickness': 2, 'side': 'top'},
        {'thickness': 3.5, 'side': 'middle'},
    ],
)
def test_rules_taken(value):
    assert check_fixing(value) is None


@pytest.mark.parametrize(
    ('value', 'message'),
    [
        (2, "The part to fix must be a mapping such as {'layers': 2}, not 2."),
        ([1, 2], "The part to fix must be a mapping such as {'layers': 2}, not [1, 2]."),
        ({}, 'The part to fix needs either layers or thickness, not {}.'),
        (
            {'side': 'top'},
            "The part to fix needs either layers or thickness, not {'side': 'top'}.",
        ),
        (
            {'layers': 1, 'thickness': 2},
            "The part to fix needs either layers or thickness, not {'layers': 1, 'thickness': 2}.",
        ),
        (
            {'layers': 1, 'face': 'top', 'n': 2},
            "The part to fix is told by layers or thickness, and side, not by 'face', 'n'.",
        ),
        (
            {'layers': 1, 'side': 'left'},
            "The side to fix must be one of bottom, top, middle, not 'left'.",
        ),
        (
            {'layers': 1, 'side': None},
            'The side to fix must be one of bottom, top, middle, not None.',
        ),
        ({'layers': 0}, 'The number of layers to fix must be an integer above 0, not 0.'),
        ({'layers': True}, 'The number of layers to fix must be an integer above 0, not True.'),
        ({'layers': 2.0}, 'The number of layers to fix must be an integer above 0, not 2.0.'),
        ({'thickness': 0}, 'The thickness to fix must be a finite number above 0, not 0.0.'),
        (
            {'thickness': float('nan')},
            'The thickness to fix must be a finite number above 0, not nan.',
        ),
        (
            {'thickness': float('inf')},
            'The thickness to fix must be a finite number above 0, not inf.',
        ),
        ({'thickness': True}, 'The thickness to fix must be a number above 0, not True.'),
        ({'thickness': '3'}, "The thickness to fix must be a number above 0, not '3'."),
    ],
)
def test_rules_refused(value, message):
    assert check_fixing(value) == message


def test_a_rule_that_is_wrong_fixes_nothing():
    assert refusal(copper(4), {'layers': 0}, True) == check_fixing({'layers': 0})


# --- Layers and thicknesses ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ('layers', 'number', 'side', 'expected'),
    [
        (4, 1, 'bottom', [0]),
        (4, 3, 'bottom', [0, 1, 2]),
        (4, 1, 'top', [3]),
        (5, 2, 'top', [3, 4]),
        (5, 1, 'middle', [2]),
        (5, 3, 'middle', [1, 2, 3]),
        (6, 2, 'middle', [2, 3]),
        (7, 5, 'middle', [1, 2, 3, 4, 5]),
        # Numbers that cannot lie with as many free layers above as below.
        (4, 1, 'middle', [1, 2]),
        (5, 2, 'middle', [1, 2, 3]),
        (6, 3, 'middle', [1, 2, 3, 4]),
        (7, 2, 'middle', [2, 3, 4]),
    ],
)
@pytest.mark.parametrize('symmetric', [True, False])
def test_layers_are_counted_from_the_side(layers, number, side, expected, symmetric):
    fixed = fixed_sites(copper(layers), {'layers': number, 'side': side}, symmetric=symmetric)
    assert fixed == [index in expected for index in range(layers)]
    assert all(type(one) is bool for one in fixed)


@pytest.mark.parametrize(
    ('layers', 'thickness', 'side', 'expected'),
    [
        (5, 0.001, 'bottom', [0]),
        (5, 1.78, 'bottom', [0]),
        (5, 1.8, 'bottom', [0, 1]),
        (5, 3.5, 'bottom', [0, 1]),
        (5, 3.6, 'top', [2, 3, 4]),
        (5, 0.001, 'middle', [2]),
        (5, 3.5, 'middle', [2]),
        (5, 3.6, 'middle', [1, 2, 3]),
        (4, 0.001, 'middle', [1, 2]),
        (4, 1.8, 'middle', [1, 2]),
        (6, 5.3, 'middle', [2, 3]),
        (6, 5.4, 'middle', [1, 2, 3, 4]),
    ],
)
def test_layers_that_begin_within_a_thickness(layers, thickness, side, expected):
    rule = {'thickness': thickness, 'side': side}
    assert fixed_layers(copper(layers), rule) == (expected, layers)


def test_a_thickness_around_the_middle_leaves_as_many_layers_above_as_below():
    # The middle of heights is at 4 Å, that of the layers is the one at 2 Å.
    slab = stack((0, 'Mg'), (1, 'Mg'), (2, 'Mg'), (3.5, 'Mg'), (8, 'Mg'))
    rule = {'thickness': 1.2, 'side': 'middle'}
    assert fixed_sites(slab, rule, symmetric=False) == [False, True, True, True, False]
    rule = {'thickness': 0.9, 'side': 'middle'}
    assert fixed_sites(slab, rule, symmetric=False) == [False, False, True, False, False]


def test_a_rumpled_layer_is_fixed_whole():
    layers = [[(z, 'Mg'), (z + 0.29, 'O')] for z in (0, 2, 4, 6, 8)]
    slab = stack(*chain.from_iterable(layers))
    # The nearest edge of a layer counts; from the middle the next ones are 1.855 Å away.
    for rule, expected in [
        ({'layers': 1, 'side': 'bottom'}, [0]),
        ({'thickness': 0.1, 'side': 'bottom'}, [0]),
        ({'thickness': 1.9, 'side': 'bottom'}, [0]),
        ({'thickness': 2.1, 'side': 'bottom'}, [0, 1]),
        ({'thickness': 2.1, 'side': 'top'}, [3, 4]),
        ({'thickness': 0.1, 'side': 'middle'}, [2]),
        ({'thickness': 3.6, 'side': 'middle'}, [2]),
        ({'thickness': 3.8, 'side': 'middle'}, [1, 2, 3]),
        ({'layers': 1}, [0]),
    ]:
        fixed = fixed_sites(slab, rule, symmetric=False)
        assert fixed == [index // 2 in expected for index in range(10)]


def test_atoms_further_apart_are_layers_of_their_own():
    slab = stack((0, 'Mg'), (0.31, 'O'), (2.0, 'Mg'), (2.31, 'O'))
    fixed = fixed_sites(slab, {'layers': 1, 'side': 'bottom'}, symmetric=False)
    assert fixed == [True, False, False, False]


def test_a_slab_across_the_boundary_of_the_cell():
    slab = stack((-3, 'Mg'), (-1, 'O'), (1, 'Mg'), (3, 'O'), height=20)
    inside = Structure(slab.lattice, slab.species, slab.frac_coords % 1.0)
    assert inside.frac_coords[:, 2] == pytest.approx([0.85, 0.95, 0.05, 0.15])
    rule = {'layers': 1, 'side': 'bottom'}
    assert fixed_sites(inside, rule, symmetric=False) == [True, False, False, False]
    rule = {'layers': 1, 'side': 'middle'}
    assert fixed_sites(inside, rule, symmetric=False) == [False, True, True, False]


def test_heights_are_counted_along_the_normal():
    # c is 60° from the normal and twice as long as the cell is high: 4 layers, 2 Å apart.
    lattice = Lattice([[3, 0, 0], [0, 3, 0], [20 * np.sqrt(3), 0, 20]])
    slab = Structure(lattice, ['Cu'] * 4, [[0, 0, z] for z in (0.1, 0.2, 0.3, 0.4)])
    rule = {'thickness': 2.5, 'side': 'bottom'}
    assert fixed_sites(slab, rule, symmetric=False) == [True, True, False, False]


def test_up_is_along_c_in_a_left_handed_cell():
    slab = copper(4)
    a, b, c = slab.lattice.matrix
    mirrored = Structure(Lattice([b, a, c]), slab.species, slab.frac_coords[:, [1, 0, 2]])
    rule = {'layers': 1, 'side': 'top'}
    assert fixed_sites(mirrored, rule, symmetric=True) == [False, False, False, True]


def test_the_slab_is_not_changed():
    (slab,) = cut(gallium_arsenide, (1, 1, 0), 8)
    before = slab.as_dict()
    fixed_sites(slab, {'layers': 2}, symmetric=True)
    assert slab.as_dict() == before


# --- Without a side ------------------------------------------------------------------------------


def test_symmetric_slabs_are_fixed_in_the_middle_and_others_at_the_bottom():
    assert fixed_layers(copper(6), {'layers': 2}, symmetric=True) == ([2, 3], 6)
    assert fixed_layers(copper(6), {'layers': 2}, symmetric=False) == ([0, 1], 6)
    assert fixed_layers(copper(6), {'thickness': 2.0}, symmetric=True) == ([2, 3], 6)
    assert fixed_layers(copper(6), {'thickness': 2.0}, symmetric=False) == ([0, 1], 6)


def test_layers_of_one_composition_are_periods():
    (oxide,) = cut(magnesium_oxide, (1, 0, 0), 8)
    assert fixed_layers(oxide, {'layers': 2}) == ([1, 2], 4)
    (arsenide,) = cut(gallium_arsenide, (1, 1, 0), 8)
    assert fixed_layers(arsenide, {'layers': 1}) == ([2, 3], 6)


@pytest.mark.parametrize(
    ('rule', 'expected'),
    [
        ({'layers': 1}, [0, 1]),
        ({'layers': 2}, [0, 1]),
        ({'layers': 3}, [0, 1, 2, 3]),
        ({'thickness': 0.1}, [0, 1]),
        ({'thickness': 3.5}, [0, 1, 2, 3]),
        ({'layers': 1, 'side': 'bottom'}, [0]),
        ({'layers': 3, 'side': 'bottom'}, [0, 1, 2]),
        ({'layers': 3, 'side': 'top'}, [3, 4, 5]),
    ],
)
def test_only_without_a_side_whole_periods_are_fixed(rule, expected):
    slabs = cut(gallium_arsenide, (1, 1, 1), 8)
    assert len(slabs) == 2
    for slab in slabs:
        assert fixed_layers(slab, rule) == (expected, 6)


def test_kinds_make_a_period():
    (ordered,), (blind,) = (
        cut(crystal, (0, 0, 1), 8) for crystal in (nickel_oxide, blind_nickel_oxide)
    )
    assert fixed_layers(ordered, {'layers': 1}, symmetric=False) == ([0, 1], 4)
    assert fixed_layers(blind, {'layers': 1}, symmetric=False) == ([0], 4)


def test_distances_make_a_period():
    heights = (0.0, 1.0, 3.0, 4.0, 6.0, 7.0)
    slab = stack(*((z, 'Mg') for z in heights))
    assert fixed_layers(slab, {'layers': 1}, symmetric=False) == ([0, 1], 6)
    even = stack(*((1.4 * number, 'Mg') for number in range(6)))
    assert fixed_layers(even, {'layers': 1}, symmetric=False) == ([0], 6)


@pytest.mark.parametrize(('outwards', 'expected'), [(0.04, [0, 1]), (0.06, [0])])
def test_a_period_bears_small_differences_only(outwards, expected):
    heights = (0.0, 1.0, 3.0, 4.0, 6.0, 7.0 + outwards)
    slab = stack(*((z, 'Mg') for z in heights))
    assert fixed_layers(slab, {'layers': 1}, symmetric=False) == (expected, 6)


def test_a_period_must_be_seen_twice():
    layers = [(0, 'Mg'), (1.5, 'O'), (3, 'Mg'), (4.5, 'O')]
    assert fixed_layers(stack(*layers), {'layers': 1}, symmetric=False) == ([0, 1], 4)
    assert fixed_layers(stack(*layers[:3]), {'layers': 1}, symmetric=False) == ([0], 3)


def test_in_the_middle_nothing_is_rounded_to_periods():
    for slab in cut(strontium_titanate, (1, 0, 0), 14, symmetrize=True):
        assert fixed_layers(slab, {'layers': 1}) == ([3], 7)
        assert fixed_layers(slab, {'layers': 3}) == ([2, 3, 4], 7)


def test_silver_phosphate():
    found = {
        slab.formula: fixed_layers(slab, {'layers': 3}, symmetric=True)
        for slab in cut(silver_phosphate, (1, 0, 0), 10, symmetrize=True)
    }
    assert found == {
        'Ag10 P3 O16': ([6, 7, 8], 15),
        'Ag11 P4 O16': ([6, 7, 8], 15),
        'Ag10 P3 O12': ([5, 6, 7], 13),
        'Ag11 P4 O12': ([5, 6, 7], 13),
    }


# --- What is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ('slab', 'rule', 'symmetric', 'message'),
    [
        (copper(4), {'layers': 6}, True, 'the slab has 4 atomic layers, 6 were to be fixed'),
        (copper(1), {'layers': 2}, True, 'the slab has 1 atomic layer, 2 were to be fixed'),
        (
            copper(4),
            {'thickness': 5.5, 'side': 'top'},
            True,
            'the slab is 5.40 Å thick, 5.50 Å were to be fixed',
        ),
        (
            copper(4),
            {'thickness': 8, 'side': 'middle'},
            True,
            'the slab is 5.40 Å thick, 8.00 Å were to be fixed',
        ),
        (copper(1), {'layers': 1}, True, 'all 1 atomic layer of the slab would be fixed'),
        (
            copper(4),
            {'layers': 4, 'side': 'bottom'},
            False,
            'all 4 atomic layers of the slab would be fixed',
        ),
        (
            copper(5),
            {'thickness': 7.2},
            True,
            'all 5 atomic layers of the slab would be fixed',
        ),
        (
            copper(4),
            {'layers': 3, 'side': 'middle'},
            False,
            'all 4 atomic layers of the slab would be fixed: 3 rounded up to 4, as many free above '
            'as below',
        ),
        (
            stack((0, 'Mg'), (1.5, 'O'), (3, 'Mg'), (4.5, 'O')),
            {'layers': 3},
            False,
            'all 4 atomic layers of the slab would be fixed: 3 rounded up to 4, whole periods of 2 '
            'layers',
        ),
    ],
)
def test_what_cannot_be_fixed(slab, rule, symmetric, message):
    assert refusal(slab, rule, symmetric) == message


# --- What holds for every slab -------------------------------------------------------------------


@cache
def slabs():
    """Return pairs: a slab, and whether it is symmetric."""
    every = [
        *(copper(layers) for layers in range(4, 8)),
        *cut(magnesium_oxide, (1, 0, 0), 8),
        *cut(gallium_arsenide, (1, 1, 0), 8),
        *cut(gallium_arsenide, (1, 1, 1), 8),
        *cut(nickel_oxide, (0, 0, 1), 8),
        *cut(silver_phosphate, (1, 0, 0), 10, symmetrize=True),
        *cut(silver_phosphate, (1, 0, 0), 10),
    ]
    return [(slab, is_symmetric(slab)) for slab in every]


cases = st.deferred(lambda: st.sampled_from(slabs()))
sides = st.sampled_from([{}, {'side': 'bottom'}, {'side': 'top'}, {'side': 'middle'}])
numbers = st.integers(1, 12)
# In steps that no height of the slabs is a multiple of.
thicknesses = st.integers(1, 80).map(lambda steps: 0.1357 * steps)
amounts = st.one_of(
    numbers.map(lambda n: {'layers': n}), thicknesses.map(lambda t: {'thickness': t})
)


def fixed_or_none(slab, rule, symmetric):
    try:
        return fixed_sites(slab, rule, symmetric=symmetric)
    except FixingError:
        return None


def exchanges(slab):
    """Return, for each operation that exchanges the faces, the site that each site comes to."""
    operations = SpacegroupAnalyzer(slab, 0.1).get_symmetry_operations()
    return [
        slab.lattice.get_all_distances(
            np.ascontiguousarray(one.operate_multi(slab.frac_coords)), slab.frac_coords
        )
        .argmin(axis=1)
        .tolist()
        for one in operations
        if one.rotation_matrix[2].tolist() == [0, 0, -1]
    ]


@properties
@given(
    case=cases,
    amount=amounts,
    side=sides,
    shift=st.floats(-2, 2),
    random=st.randoms(use_true_random=False),
)
def test_the_place_in_the_cell_and_the_order_of_sites_do_not_matter(
    case, amount, side, shift, random
):
    slab, symmetric = case
    order = random.sample(range(len(slab)), len(slab))
    coordinates = slab.frac_coords[order]
    coordinates[:, 2] = (coordinates[:, 2] + shift) % 1.0
    other = Structure(
        slab.lattice,
        [slab.species[index] for index in order],
        coordinates,
        site_properties={
            name: [values[index] for index in order]
            for name, values in slab.site_properties.items()
        },
    )
    expected = fixed_or_none(slab, amount | side, symmetric)
    found = fixed_or_none(other, amount | side, symmetric)
    assert found == (expected and [expected[index] for index in order])


@properties
@given(case=cases, amount=amounts)
def test_the_top_is_the_bottom_of_the_slab_turned_over(case, amount):
    slab, symmetric = case
    turned = Structure(slab.lattice, slab.species, slab.frac_coords * [1, 1, -1])
    top = fixed_or_none(slab, amount | {'side': 'top'}, symmetric)
    assert top == fixed_or_none(turned, amount | {'side': 'bottom'}, symmetric)


@properties
@given(case=cases, side=sides, pair=st.tuples(numbers, numbers).map(sorted))
def test_more_layers_hold_fewer(case, side, pair):
    slab, symmetric = case
    fewer, more = (fixed_or_none(slab, {'layers': n} | side, symmetric) for n in pair)
    assume(more is not None)
    assert fewer is not None
    assert all(other for one, other in zip(fewer, more, strict=True) if one)


@properties
@given(case=cases, side=sides, pair=st.tuples(thicknesses, thicknesses).map(sorted))
def test_a_greater_thickness_holds_a_smaller_one(case, side, pair):
    slab, symmetric = case
    fewer, more = (fixed_or_none(slab, {'thickness': t} | side, symmetric) for t in pair)
    assume(more is not None)
    assert fewer is not None
    assert all(other for one, other in zip(fewer, more, strict=True) if one)


@properties
@given(case=cases, amount=amounts, side=sides)
def test_fixed_and_free_atoms_are_layers_apart(case, amount, side):
    slab, symmetric = case
    fixed = fixed_or_none(slab, amount | side, symmetric)
    assume(fixed is not None)
    heights = slab.cart_coords[:, 2]
    distances = np.abs(np.subtract.outer(heights[fixed], heights[~np.array(fixed)]))
    assert distances.size
    assert distances.min() > 0.3


@properties
@given(
    case=cases.filter(lambda case: case[1]),
    amount=amounts,
    side=st.sampled_from([{}, {'side': 'middle'}]),
)
def test_what_exchanges_the_faces_maps_the_middle_onto_itself(case, amount, side):
    slab, symmetric = case
    fixed = fixed_or_none(slab, amount | side, symmetric)
    assume(fixed is not None)
    permutations = exchanges(slab)
    assert permutations
    for permutation in permutations:
        assert [fixed[image] for image in permutation] == fixed
