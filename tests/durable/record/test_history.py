"""What a call has to agree with, and what the graph tells of a run."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from aiida import orm
from aiida.engine import run_get_node
from ase.build import bulk

from aiida_slabrelax.durable.calls import Call
from aiida_slabrelax.durable.record.history import (
    History,
    Recorded,
    find_difference,
    read_history,
    same_content,
)
from aiida_slabrelax.durable.results import read_process
from aiida_slabrelax.engine.children import find_children
from durable import programs

MAKERS: dict[str, tuple[Callable[[], orm.Data], Callable[[], orm.Data]]] = {
    'int': (lambda: orm.Int(1), lambda: orm.Int(2)),
    'float': (lambda: orm.Float(1 / 3), lambda: orm.Float(1 / 3 + 1e-12)),
    'str': (lambda: orm.Str('a'), lambda: orm.Str('b')),
    'bool': (lambda: orm.Bool(True), lambda: orm.Bool(False)),
    'list': (lambda: orm.List([1, 2.5]), lambda: orm.List([1, 2.5, 3])),
    'order of a list': (lambda: orm.List([1, 2]), lambda: orm.List([2, 1])),
    'dict': (lambda: orm.Dict({'a': {'b': 0.1 + 0.2}}), lambda: orm.Dict({'a': {'b': 0.31}})),
    'key': (lambda: orm.Dict({'a': 1}), lambda: orm.Dict({'b': 1})),
    'array': (lambda: orm.ArrayData(np.eye(2)), lambda: orm.ArrayData(np.ones((2, 2)))),
    'file': (
        lambda: orm.SinglefileData(io.BytesIO(b'one'), 'a'),
        lambda: orm.SinglefileData(io.BytesIO(b'two'), 'a'),
    ),
    'file name': (
        lambda: orm.SinglefileData(io.BytesIO(b'one'), 'a'),
        lambda: orm.SinglefileData(io.BytesIO(b'one'), 'b'),
    ),
    'structure': (
        lambda: orm.StructureData(ase=bulk('Cu', a=3.6)),
        lambda: orm.StructureData(ase=bulk('Cu', a=3.61)),
    ),
    'element': (
        lambda: orm.StructureData(ase=bulk('Cu', 'fcc', a=3.6)),
        lambda: orm.StructureData(ase=bulk('Ag', 'fcc', a=3.6)),
    ),
    'class': (lambda: orm.Int(1), lambda: orm.Float(1.0)),
}


@pytest.mark.parametrize('name', MAKERS)
def test_a_stored_node_is_like_a_new_one(name: str) -> None:
    make, _ = MAKERS[name]
    stored = make().store()
    assert same_content(orm.load_node(stored.pk), make())
    assert same_content(make(), stored)


@pytest.mark.parametrize('name', MAKERS)
def test_other_content_is_reported(name: str) -> None:
    make, make_other = MAKERS[name]
    assert not same_content(make().store(), make_other())
    assert not same_content(make_other().store(), make())


def test_two_stored_nodes_may_hold_the_same() -> None:
    assert same_content(orm.Int(1).store(), orm.Int(1).store())


def test_floats_are_the_same_as_they_are_stored() -> None:
    """AiiDA keeps 14 digits, in attributes of any depth."""
    value = 1.2345678901234567e-5
    stored = orm.Dict({'a': [{'b': value}]}).store()
    assert orm.load_node(stored.pk).get_dict()['a'][0]['b'] != value
    assert same_content(stored, orm.Dict({'a': [{'b': value}]}))


def test_labels_do_not_count() -> None:
    assert same_content(orm.Int(1, label='one').store(), orm.Int(1, label='other'))


def call(inputs: Mapping[str, Any], function: str | None = None) -> Call:
    return Call('Halve', programs.Halve, dict(inputs), read_process, function)


@pytest.fixture(scope='module')
def recorded() -> Recorded:
    _, node = run_get_node(programs.Halve, {'x': orm.Int(4)})
    return Recorded(node, 'Halve', {'x': node.inputs.x})


def test_the_same_call_does_not_differ(recorded: Recorded) -> None:
    inputs = {'x': orm.Int(4)}
    assert find_difference(recorded, call(inputs), inputs) is None


def test_an_optional_input_that_is_not_given_does_not_differ(recorded: Recorded) -> None:
    inputs = {'x': orm.Int(4), 'y': None}
    assert find_difference(recorded, call(inputs), inputs) is None


def test_another_callee_differs(recorded: Recorded) -> None:
    inputs = {'x': orm.Int(4)}
    other = Call('loop', programs.loop, inputs, read_process)
    assert find_difference(recorded, other, inputs) == (
        f'calls loop (durable.programs.loop) where Halve<{recorded.node.pk}> '
        '(durable.programs.Halve) was called'
    )


def test_a_plain_function_differs_from_a_process(recorded: Recorded) -> None:
    inputs = {'x': orm.Int(4)}
    difference = find_difference(recorded, call(inputs, 'module:f'), inputs)
    assert difference is not None
    assert difference.startswith('calls Halve (module:f) where Halve<')


def test_another_input_differs(recorded: Recorded) -> None:
    inputs = {'x': orm.Int(6)}
    assert find_difference(recorded, call(inputs), inputs) == (
        f'calls Halve with x = 6 where Halve<{recorded.node.pk}> was called with '
        f'4 <{recorded.inputs["x"].pk}>'
    )


def test_an_input_more_differs(recorded: Recorded) -> None:
    inputs = {'a': orm.StructureData(), 'x': orm.Int(4)}
    assert find_difference(recorded, call(inputs), inputs) == (
        f'calls Halve with a = StructureData where Halve<{recorded.node.pk}> was called with '
        'nothing'
    )


def test_an_input_less_differs(recorded: Recorded) -> None:
    assert find_difference(recorded, call({}), {}) == (
        f'calls Halve with x = nothing where Halve<{recorded.node.pk}> was called with '
        f'4 <{recorded.inputs["x"].pk}>'
    )


def test_long_inputs_are_shortened(recorded: Recorded) -> None:
    inputs = {'x': orm.Str('a' * 100)}
    difference = find_difference(recorded, call(inputs), inputs)
    assert difference is not None
    assert f"x = '{'a' * 56}... where" in difference


def test_calls_are_claimed_once(recorded: Recorded) -> None:
    history = History({(0,): recorded})
    assert history.claim((1,)) is None
    assert history.claim((0,)) is recorded
    assert history.claim((0,)) is None


def test_unclaimed_calls_are_listed_in_order(recorded: Recorded) -> None:
    names = {(10,): 'c', (2,): 'b', (1, 5): 'a', (11,): 'store_outputs'}
    history = History({key: Recorded(recorded.node, name) for key, name in names.items()})
    assert [one.name for one in history.unclaimed()] == ['a', 'b', 'c']


def test_a_history_is_read_from_the_graph() -> None:
    _, node = run_get_node(programs.directly, {'n': orm.Int(2)})
    history = read_history(find_children(node).items(), 0)
    claimed = [history.claim((number,)) for number in range(4)]
    assert [one.name for one in claimed if one] == ['add', 'add', 'add']
    assert claimed[3] is None
    assert [sorted(one.inputs) for one in claimed if one] == [['x', 'y']] * 3
    assert [one.inputs['x'].value for one in claimed if one] == [1.0, 2.0, 3.0]


def test_a_history_holds_one_epoch() -> None:
    _, node = run_get_node(programs.restarted)
    for epoch in (0, 1, 2):
        history = read_history(find_children(node).items(), epoch)
        recorded = history.claim((0,))
        assert recorded is not None
        assert recorded.inputs['arguments__x'].value == epoch + 1


def test_children_of_others_are_no_calls(recorded: Recorded) -> None:
    history = read_history([('CALL', recorded.node), ('iteration_one', recorded.node)], 0)
    assert history.unclaimed() == []
