"""What users of such engines write in their first hour, in one set, with the end of each.

The ends are those that :func:`aiida_slabrelax.durable.status` shows: the state, and with what its
message begins. A workflow that is killed in the end only, waits.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from aiida import orm
from aiida.manage import enable_caching

from aiida_slabrelax.durable import (
    Semaphore,
    continue_as_new,
    gather,
    publish,
    side_effect,
    sleep,
    submit,
    wait_for,
    workflow,
)
from durable import mending, poison
from durable.programs import double, fail, nap
from durable.verdi_programs import await_file

PLACE = Semaphore(1, name='harm')


def describe(x: float, kind: str | None = 'fast') -> str:
    return f'{x}-{kind}'


def find(xs: list[int]) -> int:
    return next(x for x in xs if x > 10)


def leave() -> None:
    sys.exit('wrong input')


def store() -> None:
    orm.Int(1).store()


@workflow
async def says_none() -> dict[str, Any]:
    with enable_caching():
        return {'a': await submit(describe, 1.0), 'b': await submit(describe, 1.0, None)}


@workflow
async def uses_timeout() -> None:
    async with asyncio.timeout(2):
        await sleep(1)


@workflow
async def uses_task_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(1))


@workflow
async def finds_nothing() -> None:
    await submit(find, [1, 2])


@workflow
async def leaves_below() -> None:
    await submit(leave)


@workflow
async def stores_below() -> None:
    await submit(store)


@workflow
async def interrupts() -> None:
    raise KeyboardInterrupt


@workflow
async def cancels() -> None:
    raise asyncio.CancelledError


@workflow
async def closes() -> None:
    raise GeneratorExit


@workflow
async def iterates_too_far() -> None:
    raise StopIteration


@workflow
async def warns_and_waits_on() -> dict[str, Any]:
    work = gather([submit(nap, 1.0), submit(nap, 2.0)])
    try:
        await wait_for(work, 0.1)
    except TimeoutError:
        return {'ys': await work}
    return {'ys': []}


@workflow
async def ends_all_below(seconds: float = 1.0) -> None:
    async def stage() -> None:
        await submit(poison.two_naps)

    try:
        await wait_for(gather([submit(poison.napping), stage()]), seconds, kill=True)
    except TimeoutError:
        publish(ended=True)


@workflow
async def one_by_one() -> dict[str, Any]:
    async with PLACE:
        return {'x': await submit(double, 1.0)}


@workflow
async def mistypes(start: int = 0) -> None:
    continue_as_new(strat=start + 1)


@workflow
async def forgets_to_await() -> dict[str, Any]:
    forgotten = submit(fail, 1.0)
    while not forgotten.done():  # what fails after the end of the workflow, nobody hears of
        await sleep(0.5)
    return {'y': await submit(nap, 1.0)}


@workflow
async def asks_a_handle() -> None:
    if submit(double, 1.0):
        await sleep(1)


@workflow
async def calls_within() -> None:
    side_effect(lambda: submit(double, 1.0))


@workflow
async def returns_nan() -> dict[str, Any]:
    return {'x': float('nan')}


@workflow
async def patient(folder: str) -> dict[str, Any]:
    """Stand by while the workers die: a long function, and many short ones."""
    name = submit(await_file, f'{folder}/enough')
    x = 1.0
    for _ in range(5):
        x = await submit(double, x)
    publish(x=x)
    return {'x': x, 'name': await name}


_NO_ASYNCIO = 'TypeError: a durable workflow cannot have timeouts and tasks of asyncio'
_IN_A_GROUP = f'ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception); {_NO_ASYNCIO}'

#: The workflows, whether they take the folder of the test as ``folder`` or ``mended``, their ends.
HARM: list[tuple[Any, str, str, str]] = [
    (says_none, '', 'finished [0]', ''),
    (poison.stubborn, '', 'waiting', ''),
    (uses_timeout, '', 'paused', _NO_ASYNCIO),
    (uses_task_group, '', 'paused', _IN_A_GROUP),
    (finds_nothing, '', 'finished [400]', 'find<'),
    (leaves_below, '', 'finished [400]', 'leave<'),
    (stores_below, '', 'finished [400]', 'store<'),
    (poison.leaving, 'folder', 'excepted', 'RuntimeError: leaving has raised SystemExit'),
    (interrupts, '', 'excepted', 'RuntimeError: interrupts has raised KeyboardInterrupt()'),
    (cancels, '', 'excepted', 'RuntimeError: cancels has raised CancelledError()'),
    (closes, '', 'excepted', 'RuntimeError: closes has raised GeneratorExit()'),
    (iterates_too_far, '', 'paused', 'RuntimeError: coroutine raised StopIteration'),
    (poison.dying, 'folder', 'paused', '3 workers have died while dying ran'),
    (poison.dying_below, 'folder', 'waiting', ''),
    (warns_and_waits_on, '', 'finished [0]', ''),
    (ends_all_below, '', 'finished [0]', ''),
    (one_by_one, '', 'finished [0]', ''),
    (one_by_one, '', 'finished [0]', ''),
    (mistypes, '', 'paused', 'TypeError: continue_as_new(): mistypes() has no parameter strat'),
    (mending.raises, 'mended', 'paused', "KeyError: 'no such key'"),
    (mending.misnames, 'mended', 'paused', 'TypeError: misnames has returned an output named'),
    (mending.returns_series, 'mended', 'paused', 'TypeError: returns_series has returned what'),
    (mending.returns_handle, 'mended', 'paused', 'TypeError: returns_handle has returned <call'),
    (mending.raises_inside, 'mended', 'paused', "KeyError: 'no such key'"),
    (mending.gives_up, 'mended', 'excepted', "KeyError: 'no such key'"),
    (forgets_to_await, '', 'finished [401]', 'nobody awaited what failed: fail<'),
    (asks_a_handle, '', 'paused', 'TypeError: <call of double<'),
    (calls_within, '', 'paused', 'NotInWorkflowError: submit() cannot be called inside'),
    (returns_nan, '', 'finished [0]', ''),
]
