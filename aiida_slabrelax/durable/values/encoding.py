"""Values that JSON has no form for, as data: a closed list of types, never a pickle.

A value becomes JSON, in which each part that JSON cannot hold is a dictionary with one key, the
name of its type, and arrays beside it. What is read names no class that would be imported: a
dataclass is created only of a class that an annotation names.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import math
import re
import sys
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Any

import numpy as np

#: The version of the form; a later one still reads all earlier ones.
VERSION = 1

Arrays = dict[str, np.ndarray]


def is_plain(value: Any, lists: bool = False) -> bool:
    """Return whether JSON holds a value as it is.

    :param lists: whether a tuple may become a list.
    """
    if isinstance(value, dict):
        names = all(type(key) is str for key in value)
        return names and all(is_plain(member, lists) for member in value.values())
    if isinstance(value, list) or (lists and isinstance(value, tuple)):
        return all(is_plain(member, lists) for member in value)
    if isinstance(value, np.generic):
        item = value.item()
        return not isinstance(item, np.generic) and is_plain(item)
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, (bool, int, str))


def encode(value: Any, what: str = 'a value') -> tuple[Any, Arrays]:
    """Return a value as JSON, and the arrays in it by name.

    :param what: names the value, for the message.
    :raises TypeError: if it is not made of the types that can be kept.
    """
    arrays: Arrays = {}
    return _encode(value, arrays, what), arrays


def decode(content: Any, arrays: Mapping[str, np.ndarray], annotation: Any = None) -> Any:
    """Return the value of :func:`encode`.

    :param annotation: the annotation of what takes the value; dataclasses are created of it only.
    :raises TypeError: if it holds a dataclass that the annotation does not name.
    :raises ValueError: if the content is damaged.
    """
    try:
        return _decode(content, arrays, annotation)
    except (AttributeError, ArithmeticError, LookupError, RecursionError) as error:
        raise ValueError(f'an encoded value is damaged: {error!r}') from error


def _encode(value: Any, arrays: Arrays, what: str) -> Any:
    def inner(member: Any) -> Any:
        return _encode(member, arrays, what)

    if value is None or isinstance(value, bool):
        return value
    if type(value) in (int, str):
        return value
    if isinstance(value, np.generic) and not isinstance(value, (np.datetime64, np.timedelta64)):
        item = value.item()
        if not isinstance(item, np.generic):  # np.longdouble has no other form
            return inner(item)
    if type(value) is float:
        return value if math.isfinite(value) else {'float': repr(value)}
    if isinstance(value, list):
        return [inner(member) for member in value]
    if isinstance(value, dict):
        return {'dict': [[inner(key), inner(member)] for key, member in value.items()]}
    if isinstance(value, tuple):
        return {'tuple': [inner(member) for member in value]}
    if type(value) in (set, frozenset):
        # Their order differs from one interpreter to the next, and with it the hash of the node.
        members = sorted((inner(member) for member in value), key=json.dumps)
        return {type(value).__name__: members}
    if type(value) is np.ndarray and not value.dtype.hasobject:
        name = f'array_{len(arrays)}'
        arrays[name] = value
        return {'array': name}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if field.init]
        fields = {name: inner(getattr(value, name)) for name in names}
        return {'dataclass': [identify(type(value)), fields]}
    if _is_frame(value):
        columns = [_encode(value[name].to_numpy(), arrays, what) for name in value.columns]
        return {'frame': [inner(list(value.columns)), inner(list(value.index)), columns]}
    for name, (kind, write, _) in _ATOMS.items():
        if type(value) is kind or (kind is PurePath and isinstance(value, kind)):
            written = write(value)
            if repr(_ATOMS[name][2](written)) == repr(value):
                return {name: written}
    raise TypeError(f'{what} cannot be kept: {_describe(value)}')


def _decode(content: Any, arrays: Mapping[str, np.ndarray], annotation: Any) -> Any:
    def inner(member: Any) -> Any:
        return _decode(member, arrays, annotation)

    if isinstance(content, list):
        return [inner(member) for member in content]
    if not isinstance(content, dict):
        return content
    ((name, written),) = content.items()
    if name == 'float':
        return float(written)
    if name == 'dict':
        return {inner(key): inner(member) for key, member in written}
    if name in ('tuple', 'set', 'frozenset'):
        kinds: dict[str, Callable[[Any], Any]] = {
            'tuple': tuple,
            'set': set,
            'frozenset': frozenset,
        }
        return kinds[name](inner(member) for member in written)
    if name == 'array':
        return arrays[written]
    if name == 'dataclass':
        return _make_dataclass(written[0], written[1], arrays, annotation)
    if name == 'frame':
        import pandas as pd  # type: ignore[import-untyped] # it has no types

        columns, index, data = map(inner, written)
        counted = index == list(range(len(index)))
        rows = pd.RangeIndex(len(index)) if counted else pd.Index(index)
        frame = pd.DataFrame(dict(enumerate(data)), index=rows)
        frame.columns = pd.Index(columns)
        return frame
    if name not in _ATOMS:
        raise ValueError(f'an encoded value is of the unknown type {name!r}')
    return _ATOMS[name][2](written)


def _write_time(value: datetime | time) -> list[Any]:
    if value.tzinfo is not None and type(value.tzinfo) is not timezone:
        raise TypeError(
            f'{value!r} cannot be kept: the rules of its time zone cannot be; give it in UTC, '
            'astimezone(UTC)'
        )
    return [value.isoformat(), value.fold]


def _read_datetime(parts: list[Any]) -> datetime:
    return datetime.fromisoformat(parts[0]).replace(fold=parts[1])


def _read_time(parts: list[Any]) -> time:
    return time.fromisoformat(parts[0]).replace(fold=parts[1])


#: Types without parts: the class, how it is written, how it is read.
_ATOMS: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], Any]]] = {
    'complex': (complex, repr, complex),
    'bytes': (
        bytes,
        lambda value: base64.b64encode(value).decode(),
        lambda text: base64.b64decode(text, validate=True),
    ),
    'datetime': (datetime, _write_time, _read_datetime),
    'date': (date, date.isoformat, date.fromisoformat),
    'time': (time, _write_time, _read_time),
    'timedelta': (
        timedelta,
        lambda value: [value.days, value.seconds, value.microseconds],
        lambda parts: timedelta(*parts),
    ),
    'decimal': (Decimal, str, Decimal),
    'path': (PurePath, str, Path),
}


def _make_dataclass(
    identifier: str, fields: dict[str, Any], arrays: Mapping[str, np.ndarray], annotation: Any
) -> Any:
    """Return an object of a dataclass that an annotation names, anywhere in it."""
    for kind in _named_dataclasses(annotation, set()):
        if identify(kind) == identifier:
            hints = _hints(kind)
            values = {
                name: _decode(member, arrays, typing.Union[annotation, hints.get(name, Any)])  # noqa: UP007 # of values
                for name, member in fields.items()
            }
            try:
                return kind(**values)
            except TypeError as error:
                raise ValueError(f'{identifier} has changed: {error}') from error
    raise TypeError(
        f'a {identifier} is taken only where the annotation of the function names that class'
    )


def _named_dataclasses(annotation: Any, seen: set[Any]) -> list[type]:
    """Return the dataclasses that an annotation names, also as the type of a field."""
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        if annotation in seen:
            return []
        seen.add(annotation)
        fields = [_named_dataclasses(hint, seen) for hint in _hints(annotation).values()]
        return [annotation, *(kind for kinds in fields for kind in kinds)]
    arguments = typing.get_args(annotation)
    return [kind for argument in arguments for kind in _named_dataclasses(argument, seen)]


def _hints(kind: type) -> dict[str, Any]:
    try:
        return typing.get_type_hints(kind)
    except Exception:  # evaluating the text of an annotation can raise anything
        return {}


def identify(kind: type) -> str:
    """Return the name of a class in what is kept."""
    return f'{kind.__module__}:{kind.__qualname__}'


def _is_frame(value: Any) -> bool:
    """Return whether a value is a frame of pandas that arrays hold: numbers, plain labels."""
    pandas = sys.modules.get('pandas')
    if pandas is None or type(value) is not pandas.DataFrame:
        return False
    simple = all(isinstance(dtype, np.dtype) and not dtype.hasobject for dtype in value.dtypes)
    labels = (value.columns, value.index)
    flat = all(type(axis) in (pandas.Index, pandas.RangeIndex) for axis in labels)
    named = any(axis.name is not None for axis in labels)
    return bool(simple and flat and not named and value.columns.is_unique and not value.attrs)


def _describe(value: Any) -> str:
    kind = type(value)
    if kind.__module__.partition('.')[0] == 'pandas':
        return (
            f'a {kind.__name__} of pandas is kept only as a DataFrame with columns of numbers and '
            'unnamed labels; give frame.to_dict("list")'
        )
    shown = re.sub(r' at 0x[0-9a-fA-F]+', '', repr(value))  # the same in each execution
    return (
        f'it holds a {kind.__name__}, {shown:.60}; numbers, strings, bytes, dates, paths, lists, '
        'tuples, sets, dictionaries, arrays and dataclasses can be kept'
    )
