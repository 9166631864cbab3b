"""How surface cells are written."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiida_slabrelax.surface_cell import LeastLength, Matrix, Wood, read_surface_cell


@pytest.mark.parametrize(
    ('value', 'expected'),
    [
        ((2, 2), Matrix(((2, 0), (0, 2)))),
        ([3, 1], Matrix(((3, 0), (0, 1)))),
        ('3,1', Matrix(((3, 0), (0, 1)))),
        ([[1, 1], [-1, 1]], Matrix(((1, 1), (-1, 1)))),
        ('1,1,-1,1', Matrix(((1, 1), (-1, 1)))),
        ('[1 1; -1 1]', Matrix(((1, 1), (-1, 1)))),
        (8, LeastLength(8.0)),
        (7.5, LeastLength(7.5)),
        (' 7.5 ', LeastLength(7.5)),
        ('2x2', Wood(2, 2, 0, False, '2x2')),
        ('p(2×1)', Wood(2, 1, 0, False, 'p(2×1)')),
        ('c(4x2)', Wood(4, 2, 0, True, 'c(4x2)')),
        ('(√3×√3)R30°', Wood(3**0.5, 3**0.5, 30, False, '(√3×√3)R30°')),
        ('sqrt3xsqrt3R30', Wood(3**0.5, 3**0.5, 30, False, 'sqrt3xsqrt3R30')),
        ('(sqrt(3)xsqrt(3))-R30', Wood(3**0.5, 3**0.5, 30, False, '(sqrt(3)xsqrt(3))-R30')),
        ('(2√3×2√3)R30°', Wood(12**0.5, 12**0.5, 30, False, '(2√3×2√3)R30°')),
        ('(√13×√13)R13.9°', Wood(13**0.5, 13**0.5, 13.9, False, '(√13×√13)R13.9°')),
    ],
)
def test_what_is_read(value, expected):
    found = read_surface_cell(value)
    if isinstance(expected, Wood):
        assert isinstance(found, Wood)
        assert (found.first, found.second) == pytest.approx((expected.first, expected.second))
        assert (found.angle, found.centred, found.text) == (
            expected.angle,
            expected.centred,
            expected.text,
        )
    else:
        assert found == expected


@pytest.mark.parametrize(
    ('value', 'message'),
    [
        ((0, 1), 'determinant'),
        ([[0, 1], [1, 0]], 'determinant .* is -1'),
        ([[1, 1], [2, 2]], 'determinant'),
        ((21, 1), 'numbers up to 20'),
        ((2.0, 1), 'two multiples'),
        ((2,), 'two multiples'),
        ((True, 1), 'two multiples'),
        ([[1, 0, 0], [0, 1, 0]], 'two multiples'),
        (None, 'two multiples'),
        (True, 'two multiples'),
        (0, 'least length'),
        (-3.0, 'least length'),
        (float('nan'), 'least length'),
        ('inf', 'least length'),
        (1000, 'at most 200'),
        ('', 'is not read'),
        ('large', 'is not read'),
        ('0x2', 'lengths from 1'),
        ('21x1', 'lengths from 1'),
        ('(√3×√3)R30°?', 'is not read'),
    ],
)
def test_what_is_refused(value, message):
    with pytest.raises(ValueError, match=message):
        read_surface_cell(value)


@given(st.text(max_size=20) | st.recursive(st.integers() | st.floats(), st.lists, max_leaves=5))
def test_any_other_value_is_read_or_refused_in_one_line(value):
    found = None
    with contextlib.suppress(ValueError):
        found = read_surface_cell(value)
    assert found is None or isinstance(found, Matrix | Wood | LeastLength)
