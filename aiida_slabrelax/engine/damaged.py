"""Nodes whose data are not what they should be.

An archive can be edited, and so can a database: numbers become texts, lists lose their entries.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

#: What Python raises for data of another type or shape.
_OF_DATA = (ArithmeticError, AttributeError, LookupError, TypeError)

_F = TypeVar('_F', bound=Callable[..., Any])


class DamagedNodeError(ValueError):
    """The data of a node, or of what belongs to it, cannot be read."""


def reads_node(function: _F) -> _F:
    """Let a function that reads a node, its first argument, name it if its data are damaged.

    :raises DamagedNodeError: in place of the exceptions that such data lead to, which is its cause.
    """

    @wraps(function)
    def read(node: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return function(node, *args, **kwargs)
        except (*_OF_DATA, ValueError) as error:
            if isinstance(error, ValueError) and not _is_of_library(error):
                raise
            raise DamagedNodeError(
                f'the data of {_name(node)} are damaged: {type(error).__name__}: {str(error)[:200]}'
            ) from error

    return cast(_F, read)


def _is_of_library(error: ValueError) -> bool:
    """Return whether a library has raised an error; those of this package are refusals."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    package = str(frame.f_globals.get('__name__', '')).partition('.')[0]
    return type(error) is ValueError and package != __name__.partition('.')[0]


def _name(node: Any) -> str:
    # Without AiiDA this module can be imported where a crystal comes from a file.
    from aiida.orm import Node, ProcessNode

    if not isinstance(node, Node):
        return f'node {node}'
    kind = (node.process_label or '') if isinstance(node, ProcessNode) else type(node).__name__
    return f'{kind}<{node.pk}>'
