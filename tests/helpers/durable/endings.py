"""Workflows whose workers are ended in the middle, and which leave marks in a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from greenlet import GreenletExit

from aiida_slabrelax.durable import (
    continue_as_new,
    first,
    report,
    side_effect,
    sleep,
    submit,
    wait_for,
    workflow,
)
from durable.programs import add, double


def mark(folder: str, name: str) -> None:
    """Write a line more into a file."""
    with (Path(folder) / name).open('a') as file:
        file.write('x\n')


@workflow
async def cleaning(folder: str) -> None:
    """Tidy up at the end, by a command too."""
    try:
        await sleep(3600.0)
    finally:
        mark(folder, 'finally')
        try:
            await submit(double, 1.0)
        except GreenletExit:
            mark(folder, 'refused')


@workflow
def cleaning_directly(folder: str) -> None:
    """Tidy up by a calcfunction that is called directly."""
    from aiida.orm import Float

    try:
        sleep(3600.0).result()
    finally:
        mark(folder, 'finally')
        try:
            add(Float(1.0), Float(2.0))
        except GreenletExit:
            mark(folder, 'refused')


def answer(folder: str) -> int:
    """Return the worker that was asked."""
    mark(folder, 'asked')
    return os.getpid()


@workflow
async def telling(folder: str) -> dict[str, Any]:
    """Report before and after a pause, and ask once."""
    pid = side_effect(answer, folder)
    report('before')
    mark(folder, 'run')
    await sleep(3.0)
    report('after')
    return {'pid': pid, 'same': pid == side_effect(os.getpid)}


@workflow
async def rounds(folder: str, n: int = 0) -> dict[str, Any]:
    """Begin anew twice, and pause in each round."""
    mark(folder, f'round_{n}')
    x = await submit(double, float(n))
    await sleep(2.0)
    if n < 2:
        continue_as_new(n=n + 1)
    return {'x': x}


@workflow
async def napping() -> None:
    """Take an hour."""
    await sleep(3600.0)


@workflow
async def impatient() -> dict[str, Any]:
    """Have what takes too long killed."""
    value = await first(submit(napping), submit(double, 1.0), kill=True)
    try:
        await wait_for(submit(napping), 0.5, kill=True)
    except TimeoutError as error:
        return {'value': value, 'said': str(error)}
