"""Between nodes and plain values: what is read, and that nothing a node names is called."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, Flag
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiida import orm

from aiida_slabrelax.durable.values.plain import to_node, to_plain


class Colour(Enum):
    RED = 'red'
    BLUE = ('b', 'l')


class Shade(Enum):
    RED = 'red'


class Side(Flag):
    LEFT = 1
    RIGHT = 2


@pytest.mark.parametrize(
    ('node_class', 'value'),
    [
        (orm.Bool, True),
        (orm.Int, 1),
        (orm.Float, 1.5),
        (orm.Str, 'a'),
        (orm.List, [1, [2]]),
        (orm.Dict, {'a': {'b': 1}}),
    ],
)
def test_nodes_have_plain_values(node_class: type[orm.Data], value: Any) -> None:
    plain = to_plain(node_class(value))
    assert (type(plain), plain) == (type(value), value)


@pytest.mark.parametrize('value', [3, None, 'a'])
def test_a_plain_value_is_its_own(value: Any) -> None:
    assert to_plain(value) is value


def test_an_array_has_a_plain_value() -> None:
    assert to_plain(orm.ArrayData(np.arange(3))).tolist() == [0, 1, 2]


def test_several_arrays_have_none() -> None:
    node = orm.ArrayData({'a': np.ones(1), 'b': np.ones(1)})
    assert to_plain(node) is node


@pytest.mark.parametrize('make', [orm.StructureData, orm.KpointsData, orm.XyData])
def test_other_nodes_have_none(make: type[orm.Data]) -> None:
    node = make()
    assert to_plain(node) is node


@pytest.mark.parametrize(
    ('value', 'node_class', 'kept'),
    [
        (True, orm.Bool, True),
        (1, orm.Int, 1),
        (np.int64(1), orm.Int, 1),
        (np.float64(1.5), orm.Float, 1.5),
        ('a', orm.Str, 'a'),
        ((1, (2,)), orm.List, [1, [2]]),
        ({'a': (np.float64(1.0),)}, orm.Dict, {'a': [1.0]}),
    ],
)
def test_plain_values_have_nodes(value: Any, node_class: type[orm.Data], kept: Any) -> None:
    node = to_node(value)
    assert type(node) is node_class
    assert to_plain(node) == kept


def test_an_array_has_a_node() -> None:
    node = to_node(np.ones((2, 2)))
    assert type(node) is orm.ArrayData
    assert node.get_array().tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_a_node_is_its_own() -> None:
    node = orm.StructureData()
    assert to_node(node) is node


@pytest.mark.parametrize('value', [object(), [object()], {'a': object()}])
def test_other_values_have_no_node(value: Any) -> None:
    with pytest.raises(TypeError, match=r'^a value cannot be kept: it holds a object, <object'):
        to_node(value)


@pytest.mark.parametrize('annotation', [Colour, Colour | None, int | Colour])
@pytest.mark.parametrize('member', Colour)
def test_a_member_is_made_of_the_class_that_the_annotation_names(
    annotation: Any, member: Colour
) -> None:
    assert to_plain(orm.EnumData(member).store(), annotation) is member


def test_several_members_at_once() -> None:
    both = Side.LEFT | Side.RIGHT
    assert to_plain(orm.EnumData(both), Side) == both


@pytest.mark.parametrize('annotation', [None, str, Shade, Any, orm.EnumData])
def test_no_other_class_is_made(annotation: Any) -> None:
    with pytest.raises(TypeError) as refused:
        to_plain(orm.EnumData(Colour.RED), annotation)
    assert str(refused.value) == (
        f'RED is a member of {__name__}:Colour: it is taken only where the annotation of the '
        'function names that class'
    )


def test_a_member_that_there_is_no_more() -> None:
    node = orm.EnumData(Colour.RED)
    node.base.attributes.set('value', 'green')
    with pytest.raises(ValueError, match=r"^Colour has no member RED = 'green'$"):
        to_plain(node, Colour)


def test_what_a_node_names_is_not_called(tmp_path: Path) -> None:
    node = orm.EnumData(Colour.RED)
    mark = tmp_path / 'called'
    node.base.attributes.set_many({'identifier': 'os:mkdir', 'value': str(mark)})
    for annotation in (None, Colour):
        with pytest.raises(TypeError, match='is a member of os:mkdir'):
            to_plain(node, annotation)
    assert not mark.exists()


@pytest.mark.parametrize(
    'make', [lambda: orm.List([1]), lambda: orm.Int(1), lambda: orm.EnumData(Colour.RED)]
)
def test_a_node_that_does_not_hold_what_its_type_says(make: Callable[[], orm.Data]) -> None:
    node = make()
    node.base.attributes.clear()
    with pytest.raises(ValueError, match=rf'^{type(node).__name__}<None> is damaged: '):
        to_plain(node, Colour)
