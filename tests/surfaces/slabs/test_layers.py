import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiida_slabrelax.surfaces.slabs.layers import (
    atomic_layers,
    canonical_layers,
    compare_layers,
    find_cuts,
    layer_members,
    slab_labels,
)


def test_layers_are_read_from_the_top():
    layers = atomic_layers([0.0, 2.0, 2.05, 5.0], ['O', 'Ti', 'O', 'Sr'])
    assert [contents for contents, _ in layers] == [
        (('Sr', 1),),
        (('O', 1), ('Ti', 1)),
        (('O', 1),),
    ]
    assert [gap for _, gap in layers] == pytest.approx([2.975, 2.025, 0.0])


def test_kinds_of_one_element_make_different_layers():
    first = atomic_layers([0.0, 1.0], ['Ni1', 'Ni2'])
    second = atomic_layers([0.0, 1.0], ['Ni2', 'Ni1'])
    assert compare_layers(first, second) > 0
    assert compare_layers(second, first) < 0


def test_noise_in_the_gaps_makes_no_difference():
    first = atomic_layers([0.0, 1.0, 2.5], ['A', 'B', 'A'])
    second = atomic_layers([0.0, 1.0001, 2.4999], ['A', 'B', 'A'])
    assert compare_layers(first, second) == 0


def test_gaps_decide_between_equal_contents():
    narrow = atomic_layers([0.0, 1.0], ['Si', 'Si'])
    wide = atomic_layers([0.0, 2.0], ['Si', 'Si'])
    assert compare_layers(narrow, wide) < 0


def test_a_slab_that_begins_like_another_comes_first():
    short = atomic_layers([0.0], ['Si'])
    assert compare_layers(short, []) > 0
    assert compare_layers([], short) < 0


def test_a_slab_turned_over_is_the_same():
    heights = np.array([0.0, 1.1, 2.0, 4.2])
    kinds = ['O', 'Ti', 'O', 'Sr']
    views = (canonical_layers(atomic_layers(sign * heights, kinds)) for sign in (1, -1))
    assert compare_layers(*views) == 0


def divide(heights, tolerance: float) -> list[list[float]]:
    """Return the heights in each layer, from the lowest."""
    return [sorted(heights[one] for one in layer) for layer in layer_members(heights, tolerance)][
        ::-1
    ]


def test_no_layer_is_thicker_than_it_may_be():
    heights = [0.0, 0.04, 0.08, 0.12, 0.16]
    assert divide(heights, 0.05) == [[one] for one in heights]


def test_a_thick_layer_is_divided_at_its_widest_gaps():
    heights = [0.0, 0.05, 0.15, 0.19]
    assert divide(heights, 0.12) == [[0.0, 0.05], [0.15, 0.19]]


def test_gaps_that_are_equally_wide_are_cut_together():
    # Otherwise the layers of a slab would be others if it is turned over.
    assert divide([0.0, 0.06, 0.121], 0.1) == [[0.0], [0.06], [0.121]]


def test_heights_that_noise_may_have_told_apart_are_one():
    heights = [0.008 * number for number in range(12)]
    assert divide(heights, 0.05) == [heights]


@pytest.mark.parametrize('first', range(4))
def test_layers_of_a_period_do_not_depend_on_where_it_begins(first):
    gaps = [0.3, 0.04, 0.02, 0.025]
    cuts = find_cuts(np.roll(gaps, -first), 0.05, periodic=True)
    assert sorted((cuts + first) % 4) == [0, 1]


@pytest.mark.parametrize(
    ('gaps', 'cuts'),
    [
        ([0.08, 0.07, 0.08], [0, 2]),
        ([0.02, 0.04, 0.02], [1]),
        ([0.009, 0.009, 0.009], []),
        ([0.01], [0]),
    ],
)
def test_a_period_without_a_wide_gap_is_cut_at_the_widest(gaps, cuts):
    assert find_cuts(gaps, 0.1, periodic=True).tolist() == cuts


@given(
    gaps=st.lists(st.floats(0.0, 0.5), min_size=1, max_size=12),
    tolerance=st.floats(0.01, 1.0),
)
def test_layers_turned_over_are_the_same(gaps, tolerance):
    cuts = find_cuts(gaps, tolerance, periodic=True)
    turned = find_cuts(gaps[::-1], tolerance, periodic=True)
    assert sorted(len(gaps) - 1 - turned) == cuts.tolist()


@given(heights=st.lists(st.floats(0.0, 3.0), min_size=1, max_size=20), tolerance=st.floats(0.01, 1))
def test_only_a_layer_without_gaps_is_too_thick(heights, tolerance):
    for layer in divide(heights, tolerance):
        assert np.ptp(layer) <= tolerance + 1e-5 or np.diff(layer).max() < 0.01 + 1e-9


def test_labels_have_two_digits_or_more():
    assert slab_labels(2) == ['slab_00', 'slab_01']
    assert slab_labels(100)[-1] == 'slab_99'
    assert slab_labels(101)[0] == 'slab_000'
    assert slab_labels(101)[-1] == 'slab_100'
