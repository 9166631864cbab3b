"""Nested mappings of nodes and plain values: what a function returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from aiida.engine import ExitCode

from aiida_slabrelax.durable.scheduling.tasks import Future
from aiida_slabrelax.durable.values.trees import name_outputs


@pytest.mark.parametrize(
    ('value', 'outputs'),
    [
        (None, {}),
        (ExitCode(3), {}),
        (({'a': 1}, ExitCode(3)), {'a': 1}),
        (1.5, {'result': 1.5}),
        ([1], {'result': [1]}),
        ({'a': 1, 'b': None}, {'a': 1}),
        ({'a': {'b': {'c': 1}}}, {'a': {'b': {'c': 1}}}),
        ({}, {}),
    ],
)
def test_what_a_function_returns_is_named(value: Any, outputs: Mapping[str, Any]) -> None:
    assert name_outputs(value, 'f') == outputs


@pytest.mark.parametrize('name', ['a b', '1', 'a__b', '', 'a-b', 3, '_x', 'x_', 'é'])
def test_names_that_cannot_be_link_labels_are_refused(name: Any) -> None:
    with pytest.raises(TypeError) as refused:
        name_outputs({name: 1}, 'f')
    assert str(refused.value) == (
        f'f has returned an output named {name!r}: names are letters, digits and single underscores'
    )


def test_the_message_names_the_namespace() -> None:
    with pytest.raises(TypeError, match=r"^f, in a, has returned an output named 'b c'"):
        name_outputs({'a': {'b c': 1}}, 'f')


def test_a_future_that_is_returned_was_not_awaited() -> None:
    future: Future[Any] = Future()
    with pytest.raises(TypeError) as refused:
        name_outputs({'a': {'b': future}}, 'f')
    assert str(refused.value) == f'f, in a, has returned {future!r} as b: await it'
