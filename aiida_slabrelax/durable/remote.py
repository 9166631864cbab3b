"""Plain functions that run on another computer, as jobs of aiida-pythonjob.

aiida-pythonjob is imported only when it is used: it is optional, and its import needs a profile.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from textwrap import indent
from typing import Any

from aiida import orm
from aiida.orm import ProcessNode

from .calls import Call
from .functions import bind_arguments
from .results import read_function, to_node
from .standalone import read_source

#: What is sent. The results of a PythonJob are a tuple of values or a mapping of outputs by name;
#: None has no node, so that there is another output in its place.
_SCRIPT = """\
def {name}(**arguments):
{function}
    result = {name}(**arguments, **{nothing})
    if result is None:
        return {{'nothing': True}}
    if isinstance(result, tuple):
        result = list(result)
    if getattr(result, 'ndim', None) == 0:
        result = result.item()
    return (result,)
"""

_OUTPUTS = {
    'identifier': 'node_graph.namespace',
    'dynamic': True,
    'fields': {'result': {'identifier': 'node_graph.any', 'meta': {'required': False}}},
}


def describe_remote_call(
    place: str | orm.Computer | orm.AbstractCode,
    options: Mapping[str, Any],
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> Call:
    """Return the call of a function on a computer.

    :param place: a computer, or a code that runs Python there; a label of either.
    :param options: options of the calculation job.
    :raises ImportError: if aiida-pythonjob is not installed.
    :raises TypeError: if the function does not stand by itself, or not with these arguments.
    :raises ValueError: if there is no node for an argument.
    """
    name = getattr(function, '__name__', repr(function))
    if not inspect.isfunction(function) or inspect.iscoroutinefunction(function):
        raise TypeError(f'{name} cannot be sent to another computer: give a plain function')
    if getattr(function, 'is_process_function', False):
        raise TypeError(f'{name} needs a profile of AiiDA: give a plain function to send away')
    try:
        from aiida_pythonjob import PythonJob
        from aiida_pythonjob.data.serializer import general_serializer
    except ImportError as error:
        raise ImportError(
            'functions run on other computers through aiida-pythonjob: '
            "pip install 'aiida-slabrelax[pythonjob]'"
        ) from error

    def serialize(value: Any) -> orm.Data:
        try:
            return to_node(value)
        except TypeError:
            return general_serializer(value, store=False)  # type: ignore[no-any-return] # it has no types

    arguments = bind_arguments(function, args, kwargs)
    source = _SCRIPT.format(
        name=name,
        function=indent(read_source(function), ' ' * 4),
        nothing={key: None for key, value in arguments.items() if value is None},
    )
    inputs = {
        'code': _find_code(place),
        'function_data': {'name': name, 'source_code': source, 'pickled_function': None},
        'function_inputs': {
            key: serialize(value) for key, value in arguments.items() if value is not None
        },
        'process_label': name,
        'metadata': {
            'options': dict(options),
            'outputs_spec': _OUTPUTS,
        },
    }
    return Call(name, PythonJob, inputs, _read)


def _read(node: ProcessNode) -> Any:
    """Return what the function has returned; also of a type that only aiida-pythonjob knows."""
    value = read_function(node)
    return getattr(value, 'value', value) if isinstance(value, orm.Data) else value


def _find_code(place: str | orm.Computer | orm.AbstractCode) -> orm.AbstractCode:
    """Return a code that runs Python; that of a computer is made if there is none."""
    if isinstance(place, str):
        place = orm.load_code(place) if '@' in place else orm.load_computer(place)
    if not isinstance(place, orm.Computer):
        return place
    query = orm.QueryBuilder()
    query.append(orm.Computer, filters={'id': place.pk}, tag='computer')
    query.append(orm.InstalledCode, with_computer='computer', filters={'label': 'python3'})
    query.order_by({orm.InstalledCode: 'id'})
    found = query.first(flat=True)
    return found or orm.InstalledCode(place, 'python3', label='python3').store()
