"""Planes that are given several times, or that symmetry takes to each other."""

import pytest

from aiida_slabrelax.surfaces import SlabOptions, survey
from bulk_crystals import copper, triclinic, zinc_oxide


def excluded(crystal, planes):
    found = survey(crystal, planes, SlabOptions(8, 12, symmetrize=False))
    return [(one.miller_indices, one.what, one.reason) for one in found.excluded]


@pytest.mark.parametrize(
    ('planes', 'expected'),
    [
        ([(1, 0, 0), (2, 0, 0)], ((2, 0, 0), '(200)', 'the same plane as (100)')),
        ([(2, 0, 0), (1, 0, 0)], ((1, 0, 0), '(100)', 'the same plane as (100)')),
        ([(1, 0, 0), (0, 3, 0)], ((0, 3, 0), '(030)', 'equivalent to (100)')),
        ([(1, 0, 0), (0, 0, -1)], ((0, 0, -1), '(0 0 -1)', 'equivalent to (100)')),
    ],
)
def test_why_a_plane_is_left_out(planes, expected):
    assert excluded(copper(), planes) == [expected]


def test_four_indices_are_written_as_three():
    planes = [(1, 0, 0), (2, 0, -2, 0), (0, 1, -1, 0)]
    assert excluded(zinc_oxide(), planes) == [
        ((2, 0, 0), '(200)', 'the same plane as (100)'),
        ((0, 1, 0), '(010)', 'equivalent to (100)'),
    ]


def test_without_symmetry_only_the_same_planes_are_left_out():
    assert excluded(triclinic(), [(1, 0, 0), (0, 1, 0), (3, 0, 0)]) == [
        ((3, 0, 0), '(300)', 'the same plane as (100)')
    ]
