"""The recorded calls of a run, read from the graph, and their comparison with new ones."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from aiida import orm
from aiida.common.links import LinkType

from ..calls import Call
from ..scheduling.tasks import Position
from ..values.plain import is_encoded, to_plain
from .journal import as_plain, parse_label

#: The name of the call by which a workflow stores the outputs that its function has computed.
STORE_OUTPUTS = 'store_outputs'

#: The attribute of a plain function's node with the version of the form of its arguments. Nodes of
#: 0.1.0 have none: tuples are lists in their arguments, and None is not there.
ENCODED_ATTRIBUTE = 'durable_encoding'

_INPUTS = (LinkType.INPUT_CALC.value, LinkType.INPUT_WORK.value)


@dataclass
class Recorded:
    """A recorded call.

    :ivar node: its process.
    :ivar name: the name of the process or function.
    :ivar inputs: its input nodes by link label.
    """

    node: orm.ProcessNode
    name: str
    inputs: dict[str, orm.Node] = field(default_factory=dict)

    def __str__(self) -> str:
        return f'{self.name}<{self.node.pk}>'


class History:
    """The recorded calls of a run by position; a repeated call claims the recorded one."""

    def __init__(self, recorded: Mapping[Position, Recorded] | None = None) -> None:
        self._unclaimed = dict(recorded or {})

    def claim(self, position: Position) -> Recorded | None:
        """Return the recorded call at a position, if there is one; each can be claimed once."""
        return self._unclaimed.pop(position, None)

    def unclaimed(self) -> list[Recorded]:
        """Return the recorded calls of the function that no call has claimed, by position."""
        recorded = [self._unclaimed[position] for position in sorted(self._unclaimed)]
        return [call for call in recorded if call.name != STORE_OUTPUTS]


def read_history(children: Iterable[tuple[str, orm.ProcessNode]], epoch: int) -> History:
    """Return the recorded calls of an epoch of a run, with one query for all inputs.

    :param children: the link labels and nodes of its children, one for each label.
    :param epoch: how often the workflow had continued as new.
    """
    recorded: dict[Position, Recorded] = {}
    by_pk: dict[int, Recorded] = {}
    for label, node in children:
        parsed = parse_label(label)
        if parsed is None or parsed[1] != epoch:
            continue
        assert node.pk is not None
        recorded[parsed[2]] = by_pk[node.pk] = Recorded(node, parsed[0])
    if by_pk:
        query = orm.QueryBuilder()
        query.append(
            orm.ProcessNode, filters={'id': {'in': list(by_pk)}}, project='id', tag='child'
        )
        query.append(
            orm.Data,
            with_outgoing='child',
            project='*',
            edge_project='label',
            edge_filters={'type': {'in': list(_INPUTS)}},
        )
        for pk, node, label in query.iterall():
            by_pk[pk].inputs[label] = node
    return History(recorded)


def find_difference(recorded: Recorded, call: Call, inputs: Mapping[str, Any]) -> str | None:
    """Return how a call differs from a recorded one, ``None`` if it does not.

    :param inputs: the inputs of the call, nodes by link label; metadata are not compared.
    """
    node = recorded.node
    recorded_type = node.base.attributes.get('function', node.process_type)
    wanted_type = call.function or call.process_class.build_process_type()
    if recorded_type != wanted_type:
        return f'calls {call.name} ({wanted_type}) where {recorded} ({recorded_type}) was called'
    given = {name: value for name, value in inputs.items() if value is not None}
    if call.function and ENCODED_ATTRIBUTE not in node.base.attributes.all:
        given = _as_before(given)
    for name in sorted({*given, *recorded.inputs}):
        before, now = recorded.inputs.get(name), given.get(name)
        if before is None or now is None or not same_content(before, now):
            shown = name.removeprefix('arguments__') if call.function else name
            return (
                f'calls {call.name} with {shown} = {_describe(now)} '
                f'where {recorded} was called with {_describe(before)}'
            )
    return None


def _as_before(inputs: Mapping[str, orm.Node]) -> dict[str, orm.Node]:
    """Return the arguments of a plain function as 0.1.0 has kept them."""
    before: dict[str, orm.Node] = {}
    for name, node in inputs.items():
        if is_encoded(node):
            try:
                value = to_plain(node)
                node = node if value is None else orm.to_aiida_type(as_plain(value, name))
            except TypeError:  # it could not be kept then
                value = node
            if value is None:
                continue
        before[name] = node
    return before


def same_content(first: orm.Node, second: orm.Node) -> bool:
    """Return whether two nodes are the same or have equal content; they need not be stored."""
    if first.uuid == second.uuid:
        return True
    return (
        first.node_type == second.node_type
        and _same_value(first.base.attributes.all, second.base.attributes.all)
        and _hash_files(first) == _hash_files(second)
    )


def _hash_files(node: orm.Node) -> str | None:
    has_files = bool(node.base.repository.list_object_names())
    return node.base.repository.hash() if has_files else None


def _same_value(a: Any, b: Any) -> bool:
    """Compare attributes; only one of the two may have been stored, which rounds floats."""
    a, b = (value.tolist() if hasattr(value, 'tolist') else value for value in (a, b))
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return set(a) == set(b) and all(_same_value(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(_same_value, a, b))
    if isinstance(a, float) and isinstance(b, (float, int)):
        # AiiDA stores floats with 14 significant digits.
        return math.isclose(a, b, rel_tol=1e-13) or a is b
    return bool(a == b)


def _describe(node: orm.Node | None) -> str:
    if node is None:
        return 'nothing'
    if isinstance(node, orm.EnumData):
        shown = f'{type(node).__name__} {node.name}'
    else:
        try:
            value = to_plain(node)
        except TypeError:  # a dataclass of the function
            value = node.base.attributes.get('value')
        shown = type(node).__name__ if isinstance(value, (orm.Node, np.ndarray)) else repr(value)
    if len(shown) > 60:
        shown = f'{shown[:57]}...'
    return shown if node.pk is None else f'{shown} <{node.pk}>'
