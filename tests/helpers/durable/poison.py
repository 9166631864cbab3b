"""Workflows that do harm to their worker, and some that must not notice."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from aiida_slabrelax.durable import Semaphore, first, gather, sleep, submit, workflow
from durable.programs import double
from durable.verdi_programs import await_file

PLACE = Semaphore(1, name='poison')


def die(folder: str, name: str = 'function') -> None:
    """Kill the interpreter, as a segmentation fault or a lack of memory does."""
    with (Path(folder) / name).open('a') as file:
        file.write(f'{os.getpid()}\n')
    os.kill(os.getpid(), signal.SIGKILL)


@workflow
async def dying(folder: str) -> None:
    die(folder, 'workflow')


@workflow
async def dying_below(folder: str) -> None:
    await submit(die, folder)


@workflow
async def leaving(folder: str) -> None:
    with (Path(folder) / 'leaving').open('a') as file:
        file.write('x')
    raise SystemExit('wrong input')


@workflow
async def stubborn() -> None:
    """Try again, whatever happens."""
    while True:
        try:
            await sleep(3600)
        except:  # noqa: E722 - what users write
            continue


@workflow
async def bystander(n: int = 3) -> dict[str, Any]:
    x = 1.0
    for _ in range(n):
        x = await submit(double, x)
    return {'x': x}


@workflow
async def napping() -> None:
    await sleep(3600)


@workflow
async def in_turn(folder: str, name: str) -> None:
    """Be alone until a file appears; the workflow a would stay for an hour."""
    async with PLACE:
        (Path(folder) / f'{name} is inside').touch()
        if name == 'a':
            await submit(napping)
        await submit(await_file, f'{folder}/{name} may go')


@workflow
async def two_naps() -> None:
    await gather([submit(napping), submit(napping)])


@workflow
async def impatient(folder: str) -> None:
    """Give up all that is below a gather and a coroutine once a file appears."""

    async def stage() -> None:
        await submit(two_naps)

    naps = gather([submit(napping), submit(two_naps), stage()])
    await first(naps, submit(await_file, f'{folder}/enough'), kill=True)
