"""The source of a function that stands by itself."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aiida_slabrelax.durable.remote.standalone import read_source

FACTOR = 2


def annotated(x: np.ndarray, *more: Path, **options: Any) -> np.ndarray:
    y: np.ndarray = x + len(more)  # a comment
    z: Path  # noqa: F842 - an annotation without a value

    def inner(a: Path) -> Path:
        return a

    return inner(y)


def lines() -> str:
    """Has a docstring
    of two lines.
    """
    return """one
    two
"""


def factorial(n: int) -> int:
    return 1 if n < 2 else n * factorial(n - 1)


def careful(values: list) -> Any:
    try:
        import numpy
    except ImportError:
        return sorted(values)

    class Result:
        total = sum(values)

    return [numpy.sum(value) for value in values] + [Result.total]


def with_default(x: int = FACTOR) -> int:
    return x


def with_import(x: float) -> Any:
    return np.sqrt(x) * FACTOR


def make_closure() -> Callable[[], int]:
    inside = 3

    def closure() -> int:
        return inside

    return closure


@functools.cache
def decorated() -> int:
    return 1


@functools.wraps(factorial)
def wrapper(n: int) -> int:
    return 0


def run(source: str, name: str, *args: Any) -> Any:
    """Define the function inside another one, as the script of a PythonJob does, and call it."""
    namespace: dict[str, Any] = {}
    body = textwrap.indent(f'{source}\nreturn {name}(*args)', ' ' * 4)
    exec(f'def outer(*args):\n{body}', namespace)
    return namespace['outer'](*args)


@pytest.mark.parametrize(
    ('function', 'arguments'),
    [(annotated, (3, 1)), (lines, ()), (factorial, (5,)), (careful, ([1, 2],))],
)
def test_the_source_does_what_the_function_does(function: Any, arguments: tuple[Any, ...]) -> None:
    source = read_source(function)
    assert run(source, function.__name__, *arguments) == function(*arguments)


def test_a_nested_function_without_a_closure_stands_by_itself() -> None:
    def nested(x: int) -> int:
        return x + 1

    assert read_source(nested) == 'def nested(x):\n    return x + 1'


@pytest.mark.parametrize(
    ('function', 'message'),
    [
        (with_default, 'with_default uses FACTOR from outside itself'),
        (with_import, 'with_import uses FACTOR, np from outside itself'),
        (make_closure(), 'closure uses inside from outside itself'),
        (decorated, 'decorated is decorated'),
        (wrapper, 'factorial is decorated'),
        (lambda x: x, '<lambda> is not defined by a def of its own name'),
    ],
)
def test_a_function_that_does_not_stand_by_itself(function: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        read_source(function)


def test_a_function_without_source() -> None:
    namespace: dict[str, Any] = {}
    exec('def unseen(): pass', namespace)
    with pytest.raises(TypeError, match='the source of unseen cannot be found'):
        read_source(namespace['unseen'])
