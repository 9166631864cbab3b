"""The arguments with which a workflow continues as new are like those of its first start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiida import orm
from aiida.engine import run_get_node
from ase.build import bulk

from aiida_slabrelax.durable import continue_as_new, replay, submit, workflow
from durable import programs


def refuse_large(**arguments: Any) -> str | None:
    return 'n is too large' if arguments['n'] > 5 else None


@workflow(validate=refuse_large)
async def renewed(
    n: int = 0,
    node: orm.Float | None = None,
    nodes: dict[str, orm.Float] | None = None,
    pair: tuple | None = None,
    kind: str | None = 'fast',
    cell: orm.StructureData | None = None,
    folder: Any = None,
) -> dict[str, Any]:
    await submit(programs.double, float(n))
    if n < 2:
        continue_as_new(
            n=n + 1,
            node=1.5,
            nodes={'a': orm.Float(n), 'b': orm.Float(2.0).store()},
            pair=(n, 2),
            kind=None,
            cell=orm.StructureData(ase=bulk('Cu')),
            folder=Path('/a'),
        )
    assert isinstance(node, orm.Float)
    assert nodes is not None
    assert isinstance(cell, orm.StructureData)
    return {
        'n': n,
        'node': node.value,
        'nodes': [nodes['a'].value, nodes['b'].value],
        'pair': [type(pair).__name__, *(pair or ())],
        'kind': str(kind),
        'cell': cell.get_formula(),
        'folder': str(folder),
    }


def test_arguments_are_converted() -> None:
    outputs, node = run_get_node(renewed)
    assert node.exit_status == 0, node.exit_message
    plain = {
        name: value.get_list() if isinstance(value, orm.List) else value.value
        for name, value in outputs.items()
    }
    assert plain == {
        'n': 2,
        'node': 1.5,
        'nodes': [1.0, 2.0],
        'pair': ['tuple', 1, 2],
        'kind': 'None',
        'cell': 'Cu',
        'folder': '/a',
    }
    replay(node)


@workflow(validate=refuse_large)
async def refused(kind: str, n: int = 0, x: int = 1) -> dict[str, list[str]]:
    given: dict[str, Any] = {
        'unknown': {'strat': 1},
        'type': {'x': 'text'},
        'validator': {'n': 6},
        'required': {'kind': None},
        'value': {'x': object()},
        'metadata': {'metadata': {'label': 'a'}},
    }
    found = {}
    for name, arguments in given.items():
        try:
            continue_as_new(**arguments)
        except (TypeError, ValueError) as error:
            found[name] = [type(error).__name__, str(error)]
    return found


@pytest.fixture(scope='module')
def refusals() -> dict[str, list[str]]:
    """The errors of all arguments that are refused, and their messages."""
    outputs, node = run_get_node(refused, kind='a')
    assert node.exit_status == 0, node.exit_message
    replay(node)
    return {name: value.get_list() for name, value in outputs.items()}


@pytest.mark.parametrize(
    ('kind', 'error', 'message'),
    [
        ('unknown', TypeError, 'refused() has no parameter strat; it has: kind, n, x'),
        ('type', ValueError, "value 'x' is not of the right type. Got '<class"),
        ('validator', ValueError, 'n is too large'),
        ('required', ValueError, "required value was not provided for 'kind'"),
        ('value', TypeError, 'a value cannot be kept: it holds a object'),
        ('metadata', TypeError, 'refused() has no parameter metadata; it has: kind, n, x'),
    ],
)
def test_arguments_are_checked(
    refusals: dict[str, list[str]], kind: str, error: type, message: str
) -> None:
    name, text = refusals[kind]
    assert name == error.__name__
    assert text.startswith('continue_as_new(): ')
    assert message in text
