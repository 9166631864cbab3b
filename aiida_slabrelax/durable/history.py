"""The calls that a run has made, read from the graph, and what a call has to agree with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from aiida import orm
from aiida.common.links import LinkType

from .calls import Call
from .journal import parse_label
from .lines import Position
from .plain import to_plain

#: The name of the call that a workflow makes by itself at its end.
STORE_OUTPUTS = 'store_outputs'

_INPUTS = (LinkType.INPUT_CALC.value, LinkType.INPUT_WORK.value)


@dataclass
class Recorded:
    """A call that was made, and its process.

    :ivar inputs: its input nodes by link label.
    """

    node: orm.ProcessNode
    name: str
    inputs: dict[str, orm.Node] = field(default_factory=dict)

    def __str__(self) -> str:
        return f'{self.name}<{self.node.pk}>'


class History:
    """The recorded calls of a run by their position; each is claimed by the call it answers."""

    def __init__(self, recorded: Mapping[Position, Recorded] | None = None) -> None:
        self._unclaimed = dict(recorded or {})

    def claim(self, position: Position) -> Recorded | None:
        """Return the recorded call of a position, if there is one, and take it off the list."""
        return self._unclaimed.pop(position, None)

    def unclaimed(self) -> list[Recorded]:
        """Return the recorded calls of the function that no call has claimed, in its order."""
        recorded = [self._unclaimed[position] for position in sorted(self._unclaimed)]
        return [one for one in recorded if one.name != STORE_OUTPUTS]


def read_history(children: Iterable[tuple[str, orm.ProcessNode]], epoch: int) -> History:
    """Return the calls of a run: three queries for any number of them, with that of the children.

    :param children: the link labels and nodes of its children, one for each label.
    :param epoch: the calls of which epoch.
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
    """Return what tells a call from a recorded one, ``None`` if nothing does.

    :param inputs: the inputs of the call, nodes by link label; metadata do not count.
    """
    node = recorded.node
    recorded_type = node.base.attributes.get('function', node.process_type)
    wanted_type = call.function or call.process_class.build_process_type()
    if recorded_type != wanted_type:
        return f'calls {call.name} ({wanted_type}) where {recorded} ({recorded_type}) was called'
    given = {name: value for name, value in inputs.items() if value is not None}
    for name in sorted({*given, *recorded.inputs}):
        then, now = recorded.inputs.get(name), given.get(name)
        if then is None or now is None or not same_content(then, now):
            shown = name.removeprefix('arguments__') if call.function else name
            return (
                f'calls {call.name} with {shown} = {_describe(now)} '
                f'where {recorded} was called with {_describe(then)}'
            )
    return None


def same_content(one: orm.Node, other: orm.Node) -> bool:
    """Return whether two nodes are one, or hold the same; they need not be stored."""
    if one.uuid == other.uuid:
        return True
    return (
        one.node_type == other.node_type
        and _same_value(one.base.attributes.all, other.base.attributes.all)
        and _hash_files(one) == _hash_files(other)
    )


def _hash_files(node: orm.Node) -> str | None:
    has_files = bool(node.base.repository.list_object_names())
    return node.base.repository.hash() if has_files else None


def _same_value(one: Any, other: Any) -> bool:
    """Compare attributes, of which one may be as it was given and the other as AiiDA stores it."""
    one, other = (value.tolist() if hasattr(value, 'tolist') else value for value in (one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return set(one) == set(other) and all(_same_value(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(_same_value(*pair) for pair in pairs)
    if isinstance(one, float) and isinstance(other, (float, int)):
        # AiiDA stores floats with 14 significant digits.
        return math.isclose(one, other, rel_tol=1e-13) or one is other
    return bool(one == other)


def _describe(node: orm.Node | None) -> str:
    if node is None:
        return 'nothing'
    if isinstance(node, orm.EnumData):
        shown = f'{type(node).__name__} {node.name}'
    else:
        value = to_plain(node)
        shown = type(node).__name__ if isinstance(value, (orm.Node, np.ndarray)) else repr(value)
    if len(shown) > 60:
        shown = f'{shown[:57]}...'
    return shown if node.pk is None else f'{shown} <{node.pk}>'
