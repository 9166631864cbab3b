"""The source of a self-contained function, to run on a computer without its module."""

from __future__ import annotations

import ast
import builtins
import inspect
import symtable
import textwrap
from collections.abc import Callable, Iterator
from typing import Any


def read_source(function: Callable[..., Any]) -> str:
    """Return the source of a function, without annotations and comments.

    It is generated from the syntax tree, so that it can be indented: strings of several lines are
    written in one line. Annotations often name imports of the module, which is not sent.

    :raises TypeError: if the function uses names from outside itself other than builtins, if it is
        decorated, or if its source cannot be found.
    """
    name = function.__name__
    tree = _parse(function)
    if tree.decorator_list or hasattr(function, '__wrapped__'):
        raise TypeError(f'{name} is decorated; a function for another computer must not be')
    source = ast.unparse(_WithoutAnnotations().visit(tree))
    if missing := sorted(_names_from_outside(source) - {name}):
        raise TypeError(
            f'{name} uses {", ".join(missing)} from outside itself: only its own source is sent '
            'to the other computer; import inside the function, and give it the rest as arguments'
        )
    return source


def _parse(function: Callable[..., Any]) -> ast.FunctionDef:
    try:
        source = textwrap.dedent(inspect.getsource(function))
        statement = ast.parse(source).body[0]
    except (OSError, SyntaxError) as error:
        raise TypeError(f'the source of {function.__name__} cannot be found') from error
    if not isinstance(statement, ast.FunctionDef) or statement.name != function.__name__:
        raise TypeError(f'{function.__name__} is not defined by a def of its own name')
    return statement


class _WithoutAnnotations(ast.NodeTransformer):
    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.Pass()
        return ast.Assign([node.target], node.value, lineno=node.lineno)


def _names_from_outside(source: str) -> set[str]:
    tables = _walk(symtable.symtable(source, '<function>', 'exec'))
    symbols = [symbol for table in tables for symbol in table.get_symbols()]
    names = {
        symbol.get_name() for symbol in symbols if symbol.is_global() and symbol.is_referenced()
    }
    return names - set(dir(builtins))


def _walk(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _walk(child)
