"""Plain functions as processes: their names and arguments."""

from __future__ import annotations

from typing import Any

import pytest
from aiida import orm

from aiida_slabrelax.durable.signatures.functions import (
    function_name,
    load_function,
    name_arguments,
)
from aiida_slabrelax.durable.values.plain import to_plain


def double(x: float, y: float = 1.0, **rest: float) -> float:
    return 2 * x


def positional(x: float, /) -> float:
    return x


def variadic(*xs: float) -> float:
    return sum(xs)


class Holder:
    def method(self) -> None: ...


def make() -> Any:
    def inner() -> None: ...

    return inner


def test_a_function_is_named_by_its_module() -> None:
    assert function_name(double) == f'{__name__}:double'


def test_a_function_is_found_by_its_name() -> None:
    assert load_function(f'{__name__}:double') is double


MESSAGE = (
    'cannot be imported: it has to be a function at the top level of a module, not one of a class '
    'or inside another function'
)


@pytest.mark.parametrize(
    ('function', 'name'),
    [
        (lambda: 1, '<lambda>'),
        (make(), 'make.<locals>.inner'),
        (Holder.method, 'Holder.method'),
        (Holder().method, 'Holder.method'),
    ],
)
def test_what_cannot_be_imported_has_no_name(function: Any, name: str) -> None:
    with pytest.raises(TypeError) as refused:
        function_name(function)
    assert str(refused.value) == f'{name!r} {MESSAGE}'


def test_a_function_that_is_gone() -> None:
    with pytest.raises(ImportError) as gone:
        load_function(f'{__name__}:triple')
    assert str(gone.value) == f'the module {__name__} has no function triple'


def test_a_module_that_is_gone() -> None:
    with pytest.raises(ImportError, match='nowhere'):
        load_function('nowhere:triple')


@pytest.mark.parametrize(
    ('args', 'kwargs', 'named'),
    [
        ((1,), {}, {'x': 1}),
        ((1, 2), {}, {'x': 1, 'y': 2}),
        ((), {'x': 1, 'z': 3}, {'x': 1, 'z': 3}),
        ((None,), {}, {'x': None}),
    ],
)
def test_arguments_are_named(args: Any, kwargs: Any, named: Any) -> None:
    nodes = name_arguments(double, args, kwargs)
    assert {name: to_plain(node) for name, node in nodes.items()} == named


@pytest.mark.parametrize(('function', 'name'), [(positional, 'x'), (variadic, 'xs')])
def test_parameters_without_name_are_refused(function: Any, name: str) -> None:
    with pytest.raises(TypeError) as refused:
        name_arguments(function, (1,), {})
    assert str(refused.value) == (
        f'{function.__name__}: the parameter {name} has no name by which it could be an input of a '
        'process; give the function parameters with names, or a list'
    )


@pytest.mark.parametrize(('args', 'kwargs'), [((), {}), ((1, 2, 3), {}), ((1,), {'x': 1})])
def test_arguments_that_do_not_suit_are_refused(args: Any, kwargs: Any) -> None:
    with pytest.raises(TypeError):
        name_arguments(double, args, kwargs)


def test_a_node_with_plain_value_is_an_argument() -> None:
    node = orm.Float(1.0)
    assert name_arguments(double, (node,), {}) == {'x': node}


def test_a_node_without_plain_value_is_refused() -> None:
    with pytest.raises(TypeError) as refused:
        name_arguments(double, (orm.StructureData(),), {})
    assert str(refused.value) == (
        'double: x is a StructureData, which has no plain value: a plain function takes and '
        'returns plain values; make it a calcfunction'
    )
