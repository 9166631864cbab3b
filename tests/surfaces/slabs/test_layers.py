import numpy as np
import pytest

from aiida_slabrelax.surfaces.slabs.layers import (
    atomic_layers,
    canonical_layers,
    compare_layers,
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
    assert compare_layers(canonical_layers(heights, kinds), canonical_layers(-heights, kinds)) == 0


def test_labels_have_two_digits_or_more():
    assert slab_labels(2) == ['slab_00', 'slab_01']
    assert slab_labels(100)[-1] == 'slab_99'
    assert slab_labels(101)[0] == 'slab_000'
    assert slab_labels(101)[-1] == 'slab_100'
