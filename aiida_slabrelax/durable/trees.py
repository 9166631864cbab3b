"""Nested mappings of nodes and plain values: inputs, outputs, arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aiida import orm

from .plain import to_node
from .record.journal import as_plain


def keep_arguments(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of ``continue_as_new`` as plain values.

    :raises TypeError: if one is neither plain nor a stored node.
    """
    kept: dict[str, Any] = {}
    for name, value in inputs.items():
        if isinstance(value, orm.Node) and value.is_stored:
            kept[name] = {'node': value.uuid}
        else:
            kept[name] = {'value': as_plain(value, f'the input {name} of continue_as_new()')}
    return kept


def restore_arguments(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments from the plain values of :func:`keep_arguments`."""
    return {
        name: orm.load_node(argument['node']) if 'node' in argument else argument['value']
        for name, argument in kept.items()
    }


def flatten(tree: Mapping[str, Any], prefix: str = '') -> Iterator[tuple[str, Any]]:
    """Iterate over the leaves of a tree by link label: names joined by two underscores."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f'{prefix}{name}__')
        else:
            yield f'{prefix}{name}', value


def computed_part(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outputs that are not stored nodes."""
    part: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, Mapping):
            if below := computed_part(value):
                part[name] = below
        elif not (isinstance(value, orm.Node) and value.is_stored):
            part[name] = value
    return part


def to_nodes(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tree with nodes at its leaves."""
    return {
        name: to_nodes(value) if isinstance(value, Mapping) else to_node(value)
        for name, value in tree.items()
    }


def merge(tree: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tree updated with another one."""
    merged = dict(tree)
    for name, value in over.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(name), Mapping)
        merged[name] = merge(merged[name], value) if both else value
    return merged
