"""Plain functions in an interpreter of their own."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from aiida import orm

from aiida_slabrelax.durable.engine.apart import Apart, InterpreterDiedError, pack
from aiida_slabrelax.durable.values.plain import to_node


@dataclass
class Point:
    x: float
    at: np.ndarray


class TakesTwoError(Exception):
    """An exception that a pickle does not bring back."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f'{one} and {two}')


def describe(point: Point, scale: float | None, names: tuple[str, ...]) -> tuple[Any, ...]:
    print('what is printed is no answer')
    return point.x, point.at.sum(), scale, names, os.getpid()


def fails() -> None:
    raise ValueError('no such key')


def stores() -> None:
    orm.Int(1).store()


def ends_quietly() -> None:
    os._exit(0)


@contextmanager
def apart(function: Any, nothing: tuple[str, ...] = (), **arguments: Any) -> Iterator[Apart]:
    nodes = {name: to_node(value).store() for name, value in arguments.items()}
    other = Apart(f'{__name__}:{function.__name__}', nodes, nothing)
    try:
        yield other
    finally:
        other.kill()


def test_values_come_back() -> None:
    point = Point(1.5, np.ones(3))
    with apart(describe, ('scale',), point=point, names=('a', 'b')) as other:
        returned, raised = other.run()
    assert raised is None
    assert returned[:-1] == (1.5, 3.0, None, ('a', 'b'))
    assert returned[-1] != os.getpid()


def test_errors_come_back_with_their_traceback() -> None:
    with apart(fails) as other:
        _, raised = other.run()
    assert type(raised) is ValueError
    assert str(raised) == 'no such key'
    assert "raise ValueError('no such key')" in str(raised.__cause__)


def test_what_is_refused_in_a_thread_is_refused_there() -> None:
    with apart(stores) as other:
        _, raised = other.run()
    assert type(raised) is TypeError
    assert str(raised).startswith(f'{__name__}:stores stores something in AiiDA')


@pytest.mark.parametrize(
    ('returned', 'raised', 'kind', 'message'),
    [
        (None, SystemExit('wrong input'), SystemExit, 'wrong input'),
        (None, TakesTwoError(1, 2), RuntimeError, 'TakesTwoError: 1 and 2'),
        (lambda: 1, None, TypeError, 'what it has returned cannot be kept'),
    ],
)
def test_what_cannot_come_back_is_told_in_words(
    returned: Any, raised: BaseException | None, kind: type[BaseException], message: str
) -> None:
    nothing, failure, _ = pickle.loads(pack(returned, raised))
    assert nothing is None
    assert type(failure) is kind
    assert str(failure).startswith(message)


@pytest.mark.parametrize(('function', 'cause'), [(os.abort, 'SIGABRT'), (ends_quietly, 'status 0')])
def test_a_death_is_told(function: Any, cause: str) -> None:
    name = function.__name__
    other = Apart('os:abort' if function is os.abort else f'{__name__}:{name}', {})
    with pytest.raises(InterpreterDiedError, match=cause):
        other.run()


def test_one_that_is_killed_before_it_has_begun_has_died() -> None:
    with apart(fails) as other:
        other.kill()
        with pytest.raises(InterpreterDiedError, match='SIGKILL'):
            other.run()
