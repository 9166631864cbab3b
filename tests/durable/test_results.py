"""What awaiting a call gives: outputs, plain values, errors."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import numpy as np
import pytest
from aiida import orm
from aiida.common.links import LinkType
from aiida.engine import run_get_node
from plumpy import ProcessState

from aiida_slabrelax.durable.errors import ChildExcepted, ChildFailed, ChildKilled
from aiida_slabrelax.durable.results import (
    Outputs,
    check_success,
    read_function,
    read_outputs,
    read_process,
    read_process_function,
    read_tree,
    to_node,
    to_plain,
)
from durable import programs


class Colour(Enum):
    RED = 1


def end(
    outputs: Mapping[str, orm.Data] | None = None,
    state: ProcessState = ProcessState.FINISHED,
    exit_status: int | None = 0,
    label: str = 'CalcProcess',
) -> orm.CalcFunctionNode:
    """Return the node of a process that has ended."""
    node = orm.CalcFunctionNode()
    node.set_process_label(label)
    node.set_process_state(state)
    if exit_status is not None:
        node.set_exit_status(exit_status)
    node.store()
    for name, output in (outputs or {}).items():
        output.base.links.add_incoming(node, LinkType.CREATE, name)
        output.store()
    return node


@pytest.fixture
def outputs() -> Outputs:
    node = end({'x': orm.Int(1), 'slabs__a': orm.Int(2), 'slabs__b__c': orm.Int(3)})
    return read_process(node)


def test_outputs_by_key_and_by_attribute(outputs: Outputs) -> None:
    assert outputs['x'].value == outputs.x.value == 1


def test_outputs_in_namespaces(outputs: Outputs) -> None:
    assert outputs.slabs.a.value == 2
    assert outputs['slabs']['b']['c'].value == 3


def test_outputs_know_their_node(outputs: Outputs) -> None:
    assert outputs.slabs.b.node.pk == outputs.node.pk


def test_outputs_are_a_mapping(outputs: Outputs) -> None:
    assert set(outputs) == {'x', 'slabs'}
    assert len(outputs) == 2
    assert {'x', 'slabs', 'node'} <= set(dir(outputs))


def test_outputs_show_their_names(outputs: Outputs) -> None:
    shown = repr(outputs)
    assert shown.startswith(f'<outputs of CalcProcess<{outputs.node.pk}>: ')
    assert set(shown.rstrip('>').rpartition(': ')[2].split(', ')) == {'x', 'slabs'}


def test_an_output_that_is_not_there(outputs: Outputs) -> None:
    message = f"CalcProcess<{outputs.node.pk}> has no output 'y'; it has: slabs, x"
    with pytest.raises(KeyError) as by_key:
        outputs['y']
    assert by_key.value.args == (message,)
    with pytest.raises(AttributeError) as by_attribute:
        outputs.y  # noqa: B018 - to look is to raise
    assert by_attribute.value.args == (message,)


def test_a_process_without_outputs() -> None:
    outputs = read_process(end())
    with pytest.raises(KeyError, match=r'has no output .*; it has: none'):
        outputs['y']


def test_outputs_do_not_invent_protocols(outputs: Outputs) -> None:
    assert not hasattr(outputs, '__array__')


def test_inputs_are_read_as_a_tree() -> None:
    _, node = run_get_node(programs.loop, {'n': orm.Int(0)})
    tree = read_tree(node, (LinkType.INPUT_WORK,), incoming=True)
    assert {name: one.value for name, one in tree.items()} == {'n': 0}


def test_a_calcfunction_gives_its_node() -> None:
    result = read_process_function(end({'result': orm.Int(3)}))
    assert isinstance(result, orm.Int)
    assert result.value == 3


def test_a_calcfunction_gives_its_nodes_by_name() -> None:
    result = read_process_function(end({'a': orm.Int(3), 'result': orm.Int(4)}))
    assert {name: node.value for name, node in result.items()} == {'a': 3, 'result': 4}


def test_a_calcfunction_gives_nothing() -> None:
    assert read_process_function(end()) is None


def test_a_plain_function_gives_a_plain_value() -> None:
    assert read_function(end({'result': orm.List([1, 2])})) == [1, 2]
    assert read_function(end()) is None


def test_outputs_of_functions_and_processes_are_read_alike() -> None:
    assert set(read_outputs(end({'a__b': orm.Int(1), 'c': orm.Int(2)}))) == {'a', 'c'}


@pytest.mark.parametrize(
    ('state', 'status', 'error'),
    [
        (ProcessState.FINISHED, 410, ChildFailed),
        (ProcessState.KILLED, None, ChildKilled),
        (ProcessState.EXCEPTED, None, ChildExcepted),
    ],
)
def test_each_end_has_its_error(
    state: ProcessState, status: int | None, error: type[ChildFailed]
) -> None:
    node = end(state=state, exit_status=status)
    with pytest.raises(ChildFailed) as raised:
        check_success(node)
    assert type(raised.value) is error
    assert raised.value.node is node
    assert raised.value.exit_status == status


def test_a_success_has_no_error() -> None:
    check_success(end())


@pytest.mark.parametrize(
    ('node_class', 'value'),
    [
        (orm.Bool, True),
        (orm.Int, 1),
        (orm.Float, 1.5),
        (orm.Str, 'a'),
        (orm.List, [1, [2]]),
        (orm.Dict, {'a': {'b': 1}}),
        (orm.EnumData, Colour.RED),
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


@pytest.mark.parametrize('value', [object(), b'bytes', {1, 2}, 1j])
def test_other_values_have_no_node(value: Any) -> None:
    with pytest.raises(TypeError, match='Cannot convert value of type'):
        to_node(value)


def test_a_list_of_other_values_has_no_node() -> None:
    with pytest.raises(TypeError, match=r'^a value must be made of None, booleans, numbers'):
        to_node([object()])
