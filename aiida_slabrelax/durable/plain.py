"""Conversion between nodes and plain values.

The content of a node may come from a stranger's archive, so it is read as data: from a closed list
of node types, by their attributes. Nothing that a node names is imported or called; an ``Enum`` is
created only of a class that an annotation of the function names.
"""

from __future__ import annotations

import typing
from enum import Enum, Flag
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from aiida import orm

from .record.journal import as_plain

_SCALARS = (orm.Bool, orm.Int, orm.Float, orm.Str)


def to_plain(value: Any, annotation: Any = None) -> Any:
    """Return the plain value of a node of AiiDA's base types or array; other values unchanged.

    :param annotation: the annotation of the parameter or return value that takes it.
    :raises TypeError: if it is a member of an ``Enum`` that the annotation does not name.
    :raises ValueError: if the content of the node does not fit its type.
    """
    if not isinstance(value, orm.Data):
        return value
    # Read from the attributes: the properties of a plugin's subclass might create objects.
    attributes = value.base.attributes
    try:
        if isinstance(value, orm.EnumData):
            return _find_member(attributes.all, annotation)
        if isinstance(value, orm.Dict):
            return dict(attributes.all)
        if isinstance(value, orm.List):
            return list(attributes.get('list'))
        if isinstance(value, _SCALARS):
            return attributes.get('value')
        if type(value) is orm.ArrayData:
            names = value.get_arraynames()
            return value.get_array(names[0]) if len(names) == 1 else value
    except (AttributeError, KeyError, OSError) as error:
        raise ValueError(f'{type(value).__name__}<{value.pk}> is damaged: {error}') from error
    return value


def to_node(value: Any) -> orm.Data:
    """Return a value as a node; nodes unchanged.

    :raises TypeError: if AiiDA has no node for it.
    """
    if isinstance(value, orm.Data):
        return value
    if isinstance(value, (tuple, list, dict)):
        value = as_plain(value, 'a value')
    node: orm.Data = orm.to_aiida_type(value)
    return node


def check_member(value: Any, annotation: Any) -> str | None:
    """Return why :func:`to_plain` refuses a member of an ``Enum``, ``None`` if it does not."""
    if not isinstance(value, orm.EnumData):
        return None
    try:
        to_plain(value, annotation)
    except (TypeError, ValueError) as error:
        return str(error)
    return None


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
