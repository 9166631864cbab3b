"""What awaiting a call gives: outputs, plain values, errors."""

from __future__ import annotations

from collections.abc import Mapping

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
)
from durable import programs


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
