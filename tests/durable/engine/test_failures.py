"""Exceptions that mean something else to Python, asyncio or plumpy fail the process that raises."""

from __future__ import annotations

import asyncio
import concurrent.futures
from typing import Any

from aiida import orm
from aiida.engine import calcfunction, run_get_node
from greenlet import GreenletExit
from plumpy.process_states import Interruption

from aiida_slabrelax.durable import ChildExcepted, gather, replay, submit, workflow

ERRORS: dict[str, type[BaseException]] = {
    'StopIteration': StopIteration,
    'StopAsyncIteration': StopAsyncIteration,
    'SystemExit': SystemExit,
    'KeyboardInterrupt': KeyboardInterrupt,
    'GeneratorExit': GeneratorExit,
    'CancelledError of asyncio': asyncio.CancelledError,
    'CancelledError of a pool': concurrent.futures.CancelledError,
    'GreenletExit': GreenletExit,
    'Interruption': Interruption,
}


def give_up(name: str) -> int:
    raise ERRORS[name]('it')


@workflow
def giving_up(name: str):
    raise ERRORS[name]('it')


@workflow
async def all_of_them() -> dict[str, Any]:
    """Fail in every way, as plain functions and as workflows."""
    failures: dict[str, Any] = await gather(
        {
            'functions': [submit(give_up, name) for name in ERRORS],
            'workflows': [submit(giving_up, name) for name in ERRORS],
        },
        return_exceptions=True,
    )
    return {kind: [str(one.exit_message) for one in these] for kind, these in failures.items()}


@calcfunction
def leave(x: orm.Int) -> orm.Int:
    raise SystemExit('wrong input')


@workflow
async def directly() -> dict[str, Any]:
    try:
        leave(orm.Int(1))
    except ChildExcepted as failure:
        return {'said': failure.exit_message}
    return {}


def test_each_of_them_fails_its_own_process() -> None:
    outputs, node = run_get_node(all_of_them)
    for kind, name in (('functions', f'{__name__}:give_up'), ('workflows', 'giving_up')):
        assert outputs[kind].get_list() == [
            f'RuntimeError: {name} has raised {error("it")!r}' for error in ERRORS.values()
        ]
    assert all(child.is_sealed for child in node.called)
    replay(node)


def test_a_calcfunction_that_is_called_directly_fails_too() -> None:
    outputs, node = run_get_node(directly)
    assert outputs['said'].value == "RuntimeError: leave has raised SystemExit('wrong input')"
    assert all(child.is_sealed for child in node.called)
    replay(node)
