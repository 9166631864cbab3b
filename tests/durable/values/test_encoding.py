"""Values that JSON has no form for: they come back as they were, or are refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from aiida import orm
from hypothesis import given, settings
from hypothesis import strategies as st

from aiida_slabrelax.durable.values.encoding import decode, encode
from aiida_slabrelax.durable.values.plain import ENCODED, to_node, to_plain


@dataclass(frozen=True)
class Point:
    x: float
    name: tuple[str, ...] = ()


@dataclass
class Path2:
    points: list[Point]
    end: Point | None = None


ATOMS = [
    math.inf,
    -math.inf,
    1 + 2j,
    b'a\x00',
    datetime(2026, 1, 2, 3, 4, 5, 6),
    datetime(2026, 1, 2, tzinfo=UTC),
    date(2026, 1, 2),
    time(1, 2),
    timedelta(days=-1, microseconds=3),
    Decimal('1.10'),
    Path('/a/b'),
    (),
    (1, (2,)),
    {1, 2},
    frozenset({'a'}),
    {1: 'a', '1': 'b'},
    {(1, 2): None},
    {ENCODED: 3},
    None,
]


@pytest.mark.parametrize('value', ATOMS, ids=repr)
def test_a_value_comes_back_from_a_node(value: Any) -> None:
    plain = to_plain(to_node(value, lists=False).store())
    assert (type(plain), plain) == (type(value), value)


@pytest.mark.parametrize(
    ('value', 'plain'),
    [(np.complex128(1j), 1j), (np.float64('inf'), math.inf), (np.bool_(True), True)],
)
def test_numbers_of_numpy_come_back_as_those_of_python(value: Any, plain: Any) -> None:
    assert to_plain(to_node([value])) == [plain]


def test_nan_comes_back() -> None:
    number, members = to_plain(to_node((math.nan, [math.nan])).store())
    assert math.isnan(number)
    assert math.isnan(members[0])


def test_arrays_in_a_value_are_files() -> None:
    node = to_node({'a': np.arange(3), 'b': [np.ones((2, 1))], 'c': (1,)}).store()
    assert isinstance(node, orm.ArrayData)
    assert sorted(node.get_arraynames()) == ['array_0', 'array_1']
    plain = to_plain(node)
    assert plain['a'].tolist() == [0, 1, 2]
    assert plain['b'][0].tolist() == [[1.0], [1.0]]
    assert plain['c'] == (1,)


PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    PLAIN | st.binary() | st.dates() | st.datetimes() | st.timedeltas(),
    lambda inner: (
        st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(PLAIN, inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(derandomize=True, database=None)
@given(VALUES)
def test_every_value_comes_back(value: Any) -> None:
    content, arrays = encode(value)
    assert arrays == {}
    assert repr(decode(json.loads(json.dumps(content)), {})) == repr(value)


def test_a_set_has_one_form() -> None:
    assert encode({'b', 'a', 'c'})[0] == {'set': ['a', 'b', 'c']}


@pytest.mark.parametrize('annotation', [Path2, list[Path2], Path2 | None])
def test_a_dataclass_comes_back_where_it_is_named(annotation: Any) -> None:
    value = Path2([Point(1.0, ('a',))], Point(2.0))
    assert to_plain(to_node(value), annotation) == value


def test_a_dataclass_that_is_not_named_is_refused() -> None:
    with pytest.raises(TypeError) as refused:
        to_plain(to_node(Point(1.0)), Path2.__mro__[1])
    assert str(refused.value) == (
        f'a {__name__}:Point is taken only where the annotation of the function names that class'
    )


def test_a_dataclass_that_has_changed_is_told() -> None:
    content = {'dataclass': [f'{__name__}:Point', {'x': 1.0, 'z': 2}]}
    with pytest.raises(ValueError, match=r'Point has changed: .*unexpected keyword argument .z.'):
        decode(content, {}, Point)


@pytest.mark.parametrize(
    'frame',
    [
        pd.DataFrame({'a': [1.5, math.nan], 'b': [1, 2]}),
        pd.DataFrame({'a': [1.5]}, index=['x']),
        pd.DataFrame({0: [True]}, index=[7]),
    ],
)
def test_a_frame_of_numbers_comes_back(frame: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(to_plain(to_node(frame).store()), frame)


class Odd:
    pass


@pytest.mark.parametrize(
    ('value', 'message'),
    [
        (Odd(), 'a value cannot be kept: it holds a Odd'),
        ([Odd], 'a value cannot be kept: it holds a type'),
        (np.array([Odd()]), 'a value cannot be kept: it holds a ndarray'),
        (np.ma.masked_array([1], [True]), 'a value cannot be kept: it holds a MaskedArray'),
        (PurePosixPath('a'), 'a value cannot be kept: it holds a PurePosixPath'),
        (pd.Series([1]), 'a value cannot be kept: a Series of pandas is kept only as a DataFrame'),
        (pd.DataFrame({'a': ['x']}), 'a value cannot be kept: a DataFrame of pandas'),
        (datetime(2026, 1, 1, tzinfo=ZoneInfo('Europe/Paris')), 'datetime.datetime(2026, 1, 1'),
        ((x for x in ()), 'a value cannot be kept: it holds a generator'),
    ],
)
def test_other_values_are_refused(value: Any, message: str) -> None:
    with pytest.raises(TypeError) as refused:
        to_node(value)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    'damage',
    [
        lambda node: node.base.attributes.set('value', {'os': 'remove'}),
        lambda node: node.base.attributes.set('value', {'a': 1, 'b': 2}),
        lambda node: node.base.attributes.set('value', {'array': 'no'}),
        lambda node: node.base.attributes.set('value', {'bytes': '%'}),
        lambda node: node.base.attributes.set(ENCODED, 99),
        lambda node: node.base.attributes.delete('value'),
    ],
)
def test_what_is_damaged_is_refused(damage: Callable[[orm.Data], None]) -> None:
    node = to_node(b'a')
    damage(node)
    with pytest.raises(ValueError, match=r'damaged|unknown type|too many values|base64|form 99'):
        to_plain(node)
