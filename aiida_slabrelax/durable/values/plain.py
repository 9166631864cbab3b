"""Conversion between nodes and plain values.

The content of a node may come from a stranger's archive, so it is read as data: from a closed list
of node types, by their attributes. Nothing that a node names is imported or called; an ``Enum`` is
created only of a class that an annotation of the function names.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from enum import Enum, Flag
from types import NoneType, UnionType
from typing import Any, Literal, cast, get_args, get_origin

import numpy as np
from aiida import orm

from ..record.journal import as_plain
from ..scheduling.tasks import Future
from .encoding import VERSION, decode, encode, is_plain

#: The attribute of a node that holds an encoded value: the version of the form. The value is JSON
#: in the attribute ``value``; arrays in it are those of the node.
ENCODED = 'durable_value'

_SCALARS = (orm.Bool, orm.Int, orm.Float, orm.Str)


def to_plain(value: Any, annotation: Any = None) -> Any:
    """Return the plain value of a node of AiiDA's base types or array; other values unchanged.

    :param annotation: the annotation of the parameter or return value that takes it.
    :raises TypeError: if it is a member of an ``Enum``, or holds a dataclass, that the annotation
        does not name.
    :raises ValueError: if the content of the node does not fit its type.
    """
    if not isinstance(value, orm.Data):
        return value
    # Read from the attributes: the properties of a plugin's subclass might create objects.
    attributes = value.base.attributes
    try:
        if isinstance(value, orm.EnumData):
            return _find_member(attributes.all, annotation)
        if is_encoded(value):
            return _read_encoded(value, annotation)
        if isinstance(value, orm.Dict):
            return dict(attributes.all)
        if isinstance(value, orm.List):
            members = list(attributes.get('list'))
            return tuple(members) if _wants_tuple(annotation) else members
        if isinstance(value, _SCALARS):
            return attributes.get('value')
        if type(value) is orm.ArrayData:
            names = value.get_arraynames()
            return value.get_array(names[0]) if len(names) == 1 else value
    except (AttributeError, KeyError, OSError) as error:
        raise ValueError(f'{type(value).__name__}<{value.pk}> is damaged: {error}') from error
    return value


def to_node(value: Any, lists: bool = True) -> orm.Data:
    """Return a value as a node; nodes unchanged.

    :param lists: whether a tuple may become a list.
    :raises TypeError: if it holds what cannot be kept.
    """
    if isinstance(value, orm.Data):
        return value
    if isinstance(value, Future):
        raise TypeError(f'{value!r} is not a result yet: await it')
    if isinstance(value, Enum) or (type(value) is np.ndarray and not value.dtype.hasobject):
        return cast(orm.Data, orm.to_aiida_type(value))
    reserved = isinstance(value, Mapping) and ENCODED in value
    if value is not None and is_plain(value, lists) and not reserved:
        if isinstance(value, (tuple, list, dict)):
            value = as_plain(value, 'a value')
        return cast(orm.Data, orm.to_aiida_type(value))
    content, arrays = encode(value)
    if not arrays:
        return orm.Dict({ENCODED: VERSION, 'value': content})
    node = orm.ArrayData(arrays)
    node.base.attributes.set_many({ENCODED: VERSION, 'value': content})
    return node


def is_encoded(node: Any) -> bool:
    """Return whether a node holds a value that JSON has no form for."""
    return type(node) in (orm.Dict, orm.ArrayData) and ENCODED in node.base.attributes.all


def _read_encoded(node: orm.Data, annotation: Any) -> Any:
    attributes = node.base.attributes.all
    version = attributes[ENCODED]
    if not isinstance(version, int) or not 1 <= version <= VERSION:
        raise ValueError(
            f'{type(node).__name__}<{node.pk}> holds a value in the form {version!r}; those up to '
            f'{VERSION} can be read: update aiida-slabrelax'
        )
    names = node.get_arraynames() if isinstance(node, orm.ArrayData) else []
    arrays = {name: cast(orm.ArrayData, node).get_array(name) for name in names}
    return decode(attributes['value'], arrays, annotation)


def _wants_tuple(annotation: Any) -> bool:
    kinds = [get_origin(hint) or hint for hint in alternatives(annotation)]
    return tuple in kinds and list not in kinds


def check_member(value: Any, annotation: Any) -> str | None:
    """Return why a node does not fit an annotation, ``None`` if it does.

    Looked at are members of an ``Enum``, dataclasses and ``Literal``.
    """
    hints = alternatives(annotation)
    literal = any(get_origin(hint) is Literal for hint in hints)
    if not isinstance(value, orm.Data):
        return None
    if not (isinstance(value, orm.EnumData) or is_encoded(value) or literal):
        return None
    try:
        plain = to_plain(value, annotation)
    except (TypeError, ValueError) as error:
        return str(error)
    return check_literal(plain, annotation)


def check_literal(value: Any, annotation: Any) -> str | None:
    """Return why a value is none of those that a ``Literal`` allows."""
    hints = alternatives(annotation)
    literals = [hint for hint in hints if get_origin(hint) is Literal]
    if value is None or not literals or len(literals) < len(hints):
        return None
    allowed = [member for hint in literals for member in get_args(hint)]
    if any(type(member) is type(value) and member == value for member in allowed):
        return None
    return f'{value!r} is none of {", ".join(map(repr, allowed))}'


def alternatives(annotation: Any) -> list[Any]:
    """Return the types that an annotation allows, without ``None``."""
    if get_origin(annotation) in (typing.Union, UnionType):
        return [hint for hint in get_args(annotation) if hint is not NoneType]
    return [annotation]


def _find_member(attributes: dict[str, Any], annotation: Any) -> Enum:
    identifier, name, value = (attributes[key] for key in ('identifier', 'name', 'value'))
    for hint in alternatives(annotation):
        if isinstance(hint, type) and issubclass(hint, Enum) and _identify(hint) == identifier:
            member = hint.__members__.get(name)
            if member is None and issubclass(hint, Flag) and isinstance(value, int):
                return hint(value)  # a combination of flags has no name of its own
            if member is None or as_plain(member.value, name) != value:
                raise ValueError(f'{hint.__name__} has no member {name} = {value!r}')
            return member
    raise TypeError(
        f'{name} is a member of {identifier}: it is taken only where the annotation of the '
        'function names that class'
    )


def _identify(enum_class: type[Enum]) -> str:
    """Return the identifier of a class in ``EnumData``."""
    return f'{enum_class.__module__}:{enum_class.__name__}'
