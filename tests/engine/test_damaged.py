"""Functions that read nodes name the one whose data are damaged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from aiida.orm import Dict, Node

from aiida_slabrelax.engine.damaged import DamagedNodeError, reads_node


class RefusedError(ValueError):
    """Raised on purpose."""


@reads_node
def read(node: Node | int, key: str) -> Any:
    """Return an entry."""
    assert isinstance(node, Dict)
    if key == 'refused':
        raise RefusedError('this one is refused')
    return np.ones(3)[0] + np.reshape(node[key]['x'], 1)[0]


def test_what_is_whole() -> None:
    assert read(Dict({'a': {'x': 1}}), 'a') == 2.0
    assert read.__doc__ == 'Return an entry.'


@pytest.mark.parametrize('value', [{}, {'x': 'text'}, {'x': [1, 2]}, [1], None])
def test_the_node_is_named(value: Any) -> None:
    node = Dict({'a': value}).store()
    with pytest.raises(
        DamagedNodeError, match=rf'^the data of Dict<{node.pk}> are damaged: '
    ) as info:
        read(node, 'a')
    assert info.value.__cause__ is not None


def test_a_long_reason_is_cut() -> None:
    with pytest.raises(DamagedNodeError) as info:
        read(Dict({}), 'x' * 10_000)
    assert len(str(info.value)) < 300


def test_other_errors_stay_as_they_are() -> None:
    with pytest.raises(RefusedError, match=r'^this one is refused$'):
        read(Dict({}), 'refused')
    with pytest.raises(AssertionError):
        read(1, 'a')
