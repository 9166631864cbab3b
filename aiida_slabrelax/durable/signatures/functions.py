"""Plain functions that run as processes: their names, their import, their arguments."""

from __future__ import annotations

import contextlib
import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from aiida import orm
from aiida.engine import Process

from ..values.plain import alternatives, check_literal, to_node, to_plain
from .annotations import read_annotations

#: Functions of ``__main__`` by name: a script run by ``verdi run`` is not the module ``__main__``.
_OF_MAIN: dict[str, Callable[..., Any]] = {}


def function_name(function: Callable[..., Any]) -> str:
    """Return the name by which a worker finds a function: ``module:name``.

    A function of ``__main__`` is found only by workflows in the same interpreter.

    :raises TypeError: if it has no such name.
    """
    module, name = getattr(function, '__module__', None), getattr(function, '__qualname__', '')
    if not module or '<' in name or '.' in name:
        raise TypeError(
            f'{name or function!r} cannot be imported: it has to be a function at the top level of '
            'a module, not one of a class or inside another function'
        )
    full_name = f'{module}:{name}'
    if module == '__main__':
        _OF_MAIN[full_name] = function
    return full_name


def load_function(name: str) -> Callable[..., Any]:
    """Return the function with a name.

    :raises ImportError: if it does not exist.
    """
    if name in _OF_MAIN:
        return _OF_MAIN[name]
    module, _, attribute = name.partition(':')
    try:
        return getattr(importlib.import_module(module), attribute)  # type: ignore[no-any-return] # by name
    except AttributeError as error:
        raise ImportError(f'the module {module} has no function {attribute}') from error


def is_importable(process_class: type[Process]) -> bool:
    """Return whether a daemon can import a workflow."""
    module, name = process_class.__module__, process_class.__qualname__
    imported = None
    if module != '__main__':
        with contextlib.suppress(ImportError):
            imported = getattr(importlib.import_module(module), name, None)
    return imported is process_class


def find_annotation(function: Callable[..., Any], name: str) -> Any:
    """Return the annotation of a parameter of a function, or of its result, ``return``.

    :returns: ``None`` if there is no annotation, or if it contains an undefined name.
    """
    annotations, _ = read_annotations(function)
    if name in annotations:
        return annotations[name]
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            return annotations.get(parameter.name)
    return None


def bind_arguments(
    function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the arguments of a call by name.

    :raises TypeError: if they do not fit the signature.
    """
    signature = inspect.signature(function)
    arguments: dict[str, Any] = {}
    for name, value in signature.bind(*args, **kwargs).arguments.items():
        kind = signature.parameters[name].kind
        if kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.POSITIONAL_ONLY):
            raise TypeError(
                f'{function.__name__}: the parameter {name} has no name by which it could be an '
                'input of a process; give the function parameters with names, or a list'
            )
        arguments.update(value if kind is inspect.Parameter.VAR_KEYWORD else {name: value})
    return arguments


def name_arguments(
    function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, orm.Data]:
    """Return the arguments of a call by name, as nodes that hold plain values.

    :raises TypeError: if they do not fit the signature, or if one of them has no plain value, or if
        the function says that it returns what has none.
    :raises ValueError: if one is none of the values that its annotation allows.
    """
    arguments: dict[str, orm.Data] = {}
    for name, value in bind_arguments(function, args, kwargs).items():
        annotation = find_annotation(function, name)
        try:
            node = to_node(value, lists=False)
            plain = to_plain(node, annotation)
        except TypeError as error:
            raise TypeError(f'{function.__name__}: {name}: {error}') from error
        if isinstance(plain, orm.Node):
            raise TypeError(
                f'{function.__name__}: {name} is a {type(value).__name__}, which has no plain '
                'value: a plain function takes and returns plain values; make it a calcfunction'
            )
        if message := check_literal(plain, annotation):
            raise ValueError(f'{function.__name__}: {name}: {message}')
        arguments[name] = node
    _check_return(function)
    return arguments


def bind_nodes(
    name: str, nodes: Mapping[str, orm.Data], nothing: Iterable[str] = ()
) -> partial[Any]:
    """Return a function, by its name, with arguments that come from nodes.

    :param nothing: the names of arguments that are ``None``.
    """
    function = load_function(name)
    arguments = {key: to_plain(node, find_annotation(function, key)) for key, node in nodes.items()}
    return partial(function, **arguments, **dict.fromkeys(nothing))


def _check_return(function: Callable[..., Any]) -> None:
    """Refuse a function before its work if it says that it returns what cannot be kept."""
    for hint in alternatives(find_annotation(function, 'return')):
        frame = isinstance(hint, type) and hint.__module__.partition('.')[0] == 'pandas'
        if isinstance(hint, type) and (
            issubclass(hint, orm.Node) or (frame and hint.__name__ != 'DataFrame')
        ):
            raise TypeError(
                f'{function.__name__} returns a {hint.__name__}, which has no plain value: a plain '
                'function takes and returns plain values; make it a calcfunction'
            )
