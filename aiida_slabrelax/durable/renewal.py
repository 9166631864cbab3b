"""The arguments with which a workflow continues as new: checked, kept, restored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiida import orm

from .record.journal import as_plain
from .values.plain import is_encoded, to_node, to_plain

if TYPE_CHECKING:
    from .signatures.interface import Interface

#: Nodes whose value the journal holds; the others are stored.
_PLAIN = (orm.Bool, orm.Int, orm.Float, orm.Str, orm.List, orm.Dict)


def bind_again(
    interface: Interface, ports: Any, present: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return new arguments of a workflow as nodes, checked like those with which it is started.

    :param ports: the input ports of the workflow.
    :param present: its present inputs; those that are not given anew stay.
    :raises TypeError: if the function has no such parameter, or a value cannot be kept.
    :raises ValueError: if a port or the validator refuses a value.
    """
    name = interface.function.__name__
    if unknown := sorted(set(given) - interface.names) if not ports.dynamic else []:
        raise TypeError(
            f'continue_as_new(): {name}() has no parameter {", ".join(unknown)}; it has: '
            f'{", ".join(sorted(interface.names)) or "none"}'
        )
    if 'metadata' in given:
        raise TypeError('continue_as_new(): the metadata of a process stay as they are')
    inputs = interface.bind((), {**present, **given})
    try:
        parsed = ports.pre_process(ports.serialize(inputs))
    except TypeError as error:
        raise TypeError(f'continue_as_new(): {error}') from error
    if (mistake := ports.validate(parsed)) is not None:
        raise ValueError(f'continue_as_new(): {mistake}')
    return {key: parsed[key] if key in inputs else None for key in given}


def keep_arguments(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as plain values for the journal; nodes that it cannot hold are stored."""
    return {name: _keep(value) for name, value in inputs.items()}


def restore_arguments(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments from the plain values of :func:`keep_arguments`: nodes, and None."""
    return {name: _restore(argument) for name, argument in kept.items()}


def _keep(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {'members': keep_arguments(value)}
    if isinstance(value, orm.Node) and not value.is_stored:
        if type(value) in _PLAIN and not is_encoded(value):
            return {'value': as_plain(to_plain(value), 'an input of continue_as_new()')}
        value.store()
    return {'value': None} if value is None else {'node': value.uuid}


def _restore(argument: Mapping[str, Any]) -> Any:
    if 'members' in argument:
        return restore_arguments(argument['members'])
    if 'node' in argument:
        return orm.load_node(argument['node'])
    value = argument['value']
    return None if value is None else to_node(value)
