"""Nested mappings of nodes and plain values: inputs, outputs, arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from aiida import orm
from aiida.engine import ExitCode

from ..results import Outputs
from ..scheduling.tasks import Future
from .plain import to_node

#: A name of an output: AiiDA joins those of namespaces by two underscores.
_NAME = re.compile(r'[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*')


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


def split_end(value: Any) -> tuple[Any, ExitCode | None]:
    """Split the return value of a function into its outputs and its exit code, if it has one."""
    if isinstance(value, ExitCode):
        return None, value
    if type(value) is tuple and len(value) == 2 and isinstance(value[1], ExitCode):
        return value
    return value, None


def name_outputs(value: Any, function: str) -> dict[str, Any]:
    """Return the return value of a function as outputs by name; namespaces are nested.

    :param function: the name of the function, for messages.
    :raises TypeError: if the name of an output is not valid.
    """
    value, _ = split_end(value)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        value = {'result': value}
    outputs: dict[str, Any] = {}
    for name, output in value.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise TypeError(
                f'{function} has returned an output named {name!r}: names are letters, digits and '
                'single underscores'
            )
        if isinstance(output, Future):
            raise TypeError(f'{function} has returned {output!r} as {name}: await it')
        if isinstance(output, (dict, Outputs)):
            if inner := name_outputs(output, f'{function}, in {name},'):
                outputs[name] = inner
        elif output is not None:
            outputs[name] = output
    return outputs
