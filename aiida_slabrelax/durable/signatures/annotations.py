"""The annotations of functions, also those of names that are imported for type checkers only."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import sys
import typing
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any


def read_annotations(function: Callable[..., Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the annotations of a function, and why others cannot be read, each by parameter.

    What a module imports below ``if TYPE_CHECKING:`` is imported where an annotation needs it.
    """
    try:
        return typing.get_type_hints(function), {}
    except Exception:  # evaluating the text of an annotation can raise anything
        pass
    scope = dict(getattr(function, '__globals__', {}))
    scope = {**_import_for_types(function.__module__), **scope}
    annotations: dict[str, Any] = {}
    unread: dict[str, str] = {}
    for name, text in getattr(function, '__annotations__', {}).items():

        def holder() -> None: ...

        holder.__annotations__ = {name: text}
        try:
            annotations.update(typing.get_type_hints(holder, scope))
        except Exception as error:  # as above
            unread[name] = f'{text!r}: {error}'
    return annotations, unread


@cache
def _import_for_types(module: str) -> dict[str, Any]:
    """Return what a module imports for type checkers, by name; what cannot be imported is left."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (KeyError, OSError, SyntaxError, TypeError):
        return {}
    package = getattr(sys.modules[module], '__package__', None) or module.rpartition('.')[0]
    found: dict[str, Any] = {}
    for statement in _guarded(tree):
        try:
            if isinstance(statement, ast.Import):
                for alias in statement.names:
                    imported = importlib.import_module(alias.name)
                    top = alias.name.partition('.')[0]
                    found[alias.asname or top] = imported if alias.asname else sys.modules[top]
            elif isinstance(statement, ast.ImportFrom):
                name = '.' * statement.level + (statement.module or '')
                imported = importlib.import_module(name, package)
                for alias in statement.names:
                    found[alias.asname or alias.name] = _member(imported, alias.name)
        except (ImportError, AttributeError):
            continue
    return found


def _member(module: Any, name: str) -> Any:
    """Return what ``from module import name`` gives."""
    try:
        return getattr(module, name)
    except AttributeError:
        return importlib.import_module(f'{module.__name__}.{name}')


def _guarded(tree: ast.Module) -> Iterator[ast.stmt]:
    """Return the statements at the top level below ``if TYPE_CHECKING:``."""
    for statement in tree.body:
        if isinstance(statement, ast.If):
            test = statement.test
            name = test.id if isinstance(test, ast.Name) else getattr(test, 'attr', '')
            if name == 'TYPE_CHECKING':
                yield from statement.body
