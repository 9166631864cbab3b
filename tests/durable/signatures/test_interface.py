"""From the signature of a function to ports, and from inputs to arguments."""

from __future__ import annotations

import collections.abc
from collections.abc import Callable
from typing import Any, Optional, TypedDict

import numpy as np
import pytest
from aiida import orm
from aiida.engine import ExitCode

from aiida_slabrelax.durable import workflow
from aiida_slabrelax.durable.signatures.interface import Interface


def ports(function: Callable[..., Any]) -> Any:
    return workflow(function).spec().inputs


def valid_types(function: Callable[..., Any], name: str) -> set[type]:
    valid = ports(function)[name].valid_type
    return set(valid) if isinstance(valid, tuple) else {valid}


def typed(a: bool, b: int, c: float, d: str, e: list, f: tuple, g: dict, h: np.ndarray): ...


@pytest.mark.parametrize(
    ('name', 'types'),
    [
        ('a', {orm.Bool}),
        ('b', {orm.Int}),
        ('c', {orm.Float, orm.Int}),
        ('d', {orm.Str}),
        ('e', {orm.List}),
        ('f', {orm.List}),
        ('g', {orm.Dict}),
        ('h', {orm.ArrayData}),
    ],
)
def test_plain_annotations_become_node_classes(name: str, types: set[type]) -> None:
    assert valid_types(typed, name) == types


def generic(
    a: list[float],
    b: dict[str, int],
    c: tuple[int, int],
    d: orm.StructureData,
    e: orm.Int | orm.Str,
    f: int | None,
    g: Optional[str],  # noqa: UP045 - the old way to write it
    h: int | str,
    i,
    j: Any,
    k: object,
    m: list[str] | orm.StructureData,
): ...


@pytest.mark.parametrize(
    ('name', 'types'),
    [
        ('a', {orm.List}),
        ('b', {orm.Dict}),
        ('c', {orm.List}),
        ('d', {orm.StructureData}),
        ('e', {orm.Int, orm.Str}),
        ('f', {orm.Int}),
        ('g', {orm.Str}),
        ('h', {orm.Int, orm.Str}),
        ('i', {orm.Data}),
        ('j', {orm.Data}),
        ('k', {orm.Data}),
        ('m', {orm.List, orm.StructureData}),
    ],
)
def test_other_annotations_become_node_classes(name: str, types: set[type]) -> None:
    assert valid_types(generic, name) == types


def with_defaults(a: int, b: int = 3, c: int | None = None, d: list = (1, 2)): ...


def test_a_parameter_without_a_default_is_required() -> None:
    assert [ports(with_defaults)[name].required for name in 'abcd'] == [True, False, False, False]


def test_defaults_become_nodes() -> None:
    default = ports(with_defaults)['b'].default()
    assert isinstance(default, orm.Int)
    assert default.value == 3


def test_none_is_no_default() -> None:
    assert not ports(with_defaults)['c'].has_default()


def test_a_tuple_is_a_default() -> None:
    default = ports(with_defaults)['d'].default()
    assert isinstance(default, orm.List)
    assert default.get_list() == [1, 2]


def test_tuples_and_arrays_are_serialized() -> None:
    inputs = ports(typed).serialize({'f': (1, (2,)), 'h': np.ones(2)})
    assert inputs['f'].get_list() == [1, [2]]
    assert inputs['h'].get_array().tolist() == [1.0, 1.0]


def namespaced(
    slabs: dict[str, orm.StructureData],
    more: collections.abc.Mapping[str, orm.Int] | None = None,
    **rest: Any,
): ...


def test_a_mapping_of_nodes_is_a_dynamic_namespace() -> None:
    namespace = ports(namespaced)['slabs']
    assert namespace.dynamic
    assert namespace.valid_type is orm.StructureData
    assert namespace.required


def test_a_mapping_of_nodes_may_be_optional() -> None:
    assert not ports(namespaced)['more'].required


def test_keyword_arguments_make_the_inputs_dynamic() -> None:
    assert ports(namespaced).dynamic
    assert not ports(typed).dynamic


def documented(n: int, m: int = 1):
    """Do something.

    At length.

    :param n: how often.
    """


def test_the_docstring_is_the_help() -> None:
    assert ports(documented).help == 'Do something.'
    assert ports(documented)['n'].help == 'how often.'
    assert ports(documented)['m'].help is None


def test_the_docstring_is_that_of_the_process() -> None:
    assert workflow(documented).__doc__ == documented.__doc__


def test_the_workflow_has_the_name_of_the_function() -> None:
    made = workflow(documented)
    assert (made.__module__, made.__qualname__, made.__name__) == (
        __name__,
        'documented',
        'documented',
    )


def variadic(*numbers: int): ...


def positional(x: int, /): ...


def reserved(metadata: dict): ...


@pytest.mark.parametrize(
    ('function', 'message'),
    [
        (variadic, 'variadic: the parameter numbers has no name by which it could be an input'),
        (positional, 'positional: the parameter x has no name by which it could be an input'),
        (reserved, 'reserved: every process has an input metadata already'),
    ],
)
def test_parameters_that_cannot_be_ports_are_refused(
    function: Callable[..., Any], message: str
) -> None:
    with pytest.raises(TypeError) as refused:
        workflow(function)
    assert str(refused.value).startswith(message)


async def generator():
    yield 1


@pytest.mark.parametrize('function', [generator, int, typed.__call__])
def test_other_objects_than_functions_are_refused(function: Any) -> None:
    with pytest.raises(TypeError) as refused:
        workflow(function)
    assert str(refused.value) == (
        f'@workflow takes a function or an async function, not {function!r}'
    )


def test_exit_codes_are_defined() -> None:
    made = workflow(exit_codes={'ERROR_X': (420, '{x} is wrong')})(documented)
    assert ExitCode(420, '{x} is wrong') == made.exit_codes.ERROR_X
    assert made.exit_codes.ERROR_CHILD_FAILED.status == 400


def checked(a: int, b: int = 5, **rest): ...


def find_mistake(a: int, b: int, **rest: int) -> str | None:
    return None if a < b else f'{a} is not below {b}, {rest}'


@pytest.mark.parametrize(
    ('inputs', 'message'),
    [({'a': 1}, None), ({'a': 6}, '6 is not below 5, {}'), ({'a': 3, 'b': 2, 'c': 1}, "{'c': 1}")],
)
def test_arguments_are_validated_before_anything_is_stored(
    inputs: dict[str, Any], message: str | None
) -> None:
    made = workflow(validate=find_mistake)(checked)
    nodes = {name: orm.Int(value) for name, value in inputs.items()}
    told = made.spec().inputs.validate(made.spec().inputs.pre_process(nodes))
    assert (message in str(told)) if message else told is None


class Named(TypedDict):
    slabs: dict[str, orm.StructureData]


def returns_a_mapping() -> Named: ...


def test_a_mapping_of_nodes_among_the_outputs_is_a_namespace() -> None:
    port = workflow(returns_a_mapping).spec().outputs['slabs']
    assert port.dynamic
    assert port.valid_type == orm.StructureData


def bind(*args: Any, **kwargs: Any) -> dict[str, Any]:
    return Interface(with_defaults, {}).bind(args, kwargs)


def test_arguments_are_bound_by_position_and_by_name() -> None:
    assert bind(1, 2, d=[3]) == {'a': 1, 'b': 2, 'd': [3]}


def test_metadata_pass_by() -> None:
    assert bind(1, metadata={'label': 'x'}) == {'a': 1, 'metadata': {'label': 'x'}}


def test_none_is_no_input() -> None:
    assert bind(1, c=None) == {'a': 1}


def test_too_many_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match=r'^with_defaults\(\) takes 4 arguments, not 5$'):
        bind(1, 2, 3, 4, 5)


def test_an_argument_given_twice_is_refused() -> None:
    with pytest.raises(TypeError, match=r'^with_defaults\(\) got a twice$'):
        bind(1, a=2)


def mixed(x: float, node: orm.Int, either: orm.Int | int, s: orm.StructureData, n=5, **rest): ...


def arguments(**inputs: Any) -> dict[str, Any]:
    return Interface(mixed, {}).arguments(inputs)


def test_nodes_become_plain_values() -> None:
    assert arguments(x=orm.Float(1.5)) == {'x': 1.5}


def test_a_parameter_that_asks_for_a_node_gets_it() -> None:
    node = orm.Int(1)
    assert arguments(node=node)['node'] is node
    assert arguments(either=node)['either'] is node


def test_nodes_without_plain_value_stay_nodes() -> None:
    structure = orm.StructureData()
    assert arguments(s=structure)['s'] is structure


def test_keyword_arguments_become_plain_values() -> None:
    assert arguments(y=orm.Str('a'), metadata={'label': 'x'}) == {'y': 'a'}


def test_omitted_inputs_are_left_to_the_function() -> None:
    assert arguments() == {}


def test_a_namespace_becomes_a_dictionary() -> None:
    structures = {'a': orm.StructureData()}
    bound = Interface(namespaced, {}).arguments({'slabs': structures})
    assert bound == {'slabs': structures}
    assert type(bound['slabs']) is dict


def test_the_source_has_a_hash() -> None:
    one, other = Interface(documented, {}), Interface(with_defaults, {})
    assert one.source_hash() == Interface(documented, {}).source_hash()
    assert one.source_hash() != other.source_hash()
    assert len(one.source_hash()) == 16


def test_a_function_without_source_has_a_hash() -> None:
    spaces: list[dict[str, Any]] = [{}, {}]
    for space, number in zip(spaces, (1, 2), strict=True):
        exec(f'def f(x): return x + {number} if {number} > 1 else x', space)
    one, other = (Interface(space['f'], {}).source_hash() for space in spaces)
    assert one != other
