"""Plain functions that run on another computer, as jobs of aiida-pythonjob.

aiida-pythonjob is imported only when it is used: it is optional, and its import needs a profile. It
returns results by pickle, and loading a pickle can run any code. So the script also writes its
result as data, and only the data is read, by :mod:`.result`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from textwrap import indent
from typing import Any

from aiida import orm

from ..calls import Call
from ..signatures.functions import bind_arguments
from ..values.plain import is_encoded, to_node
from .result import ARRAY, PARSER, RESULT, WRITE_RESULT, read_result
from .standalone import read_source

#: The script. Names after the call may be those of the function, which is done by then.
_SCRIPT = (
    """\
def {name}(**arguments):
{function}
    result = {name}(**arguments, **{nothing})
"""
    + WRITE_RESULT
)

#: The nodes that arguments may be; aiida-pythonjob turns them into plain values and Atoms of ase.
_SENT = (
    orm.Bool,
    orm.Int,
    orm.Float,
    orm.Str,
    orm.List,
    orm.Dict,
    orm.ArrayData,
    orm.StructureData,
)


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
    :raises TypeError: if the function is not self-contained, or does not take these arguments.
    """
    name = getattr(function, '__name__', repr(function))
    if not inspect.isfunction(function) or inspect.iscoroutinefunction(function):
        raise TypeError(f'{name} cannot be sent to another computer: give a plain function')
    if getattr(function, 'is_process_function', False):
        raise TypeError(f'{name} needs a profile of AiiDA: give a plain function to send away')
    try:
        from aiida_pythonjob import PythonJob
    except ImportError as error:
        raise ImportError(
            'functions run on other computers through aiida-pythonjob: '
            "pip install 'aiida-slabrelax[pythonjob]'"
        ) from error
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
            key: _serialize(name, key, value)
            for key, value in arguments.items()
            if value is not None
        },
        'process_label': name,
        'additional_retrieve_list': [RESULT, ARRAY],
        'metadata': {'options': {'parser_name': PARSER, **options}},
    }
    return Call(name, PythonJob, inputs, read_result)


def _serialize(function: str, name: str, value: Any) -> orm.Data:
    """Return the node of an argument.

    :raises TypeError: if the node would name a class that is imported to read it.
    """
    from aiida_pythonjob.data.atoms import AtomsData
    from ase import Atoms

    if isinstance(value, Atoms):
        return AtomsData(value.copy())  # type: ignore[no-any-return] # it has no types
    node = None
    if isinstance(value, orm.Data) or not isinstance(value, orm.Node):
        try:
            node = to_node(value)
        except TypeError:
            node = None
    if type(node) not in (*_SENT, AtomsData) or is_encoded(node):
        raise TypeError(
            f'{function}: {name} is a {type(value).__name__}, which cannot be sent to another '
            'computer: give plain values, arrays, structures or Atoms of ase'
        )
    assert node is not None
    return node


def _find_code(place: str | orm.Computer | orm.AbstractCode) -> orm.AbstractCode:
    """Return a code that runs Python; one is created for a computer that has none."""
    if isinstance(place, str):
        place = orm.load_code(place) if '@' in place else orm.load_computer(place)
    if not isinstance(place, orm.Computer):
        return place
    query = orm.QueryBuilder()
    query.append(orm.Computer, filters={'id': place.pk}, tag='computer')
    query.append(orm.InstalledCode, with_computer='computer', filters={'label': 'python3'})
    query.order_by({orm.InstalledCode: 'id'})
    code = query.first(flat=True)
    return code or orm.InstalledCode(place, 'python3', label='python3').store()
