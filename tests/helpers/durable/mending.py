"""Workflows with a bug each, which is mended once a file appears."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from aiida_slabrelax.durable import Semaphore, publish, submit, workflow
from durable.verdi_programs import await_file

PLACE = Semaphore(1, name='mending')


def square(x: float) -> float:
    return x * x


@workflow
async def raises(mended: str) -> dict[str, float]:
    y = await submit(square, 3.0)
    publish(y=y)
    if not Path(mended).exists():
        raise KeyError('no such key')
    return {'y': await submit(square, y)}


@workflow
async def misnames(mended: str) -> dict[str, float]:
    y = await submit(square, 9.0)
    return {'y' if Path(mended).exists() else 'slab-0': y}


@workflow
async def returns_series(mended: str) -> dict[str, Any]:
    y = await submit(square, 9.0)
    return {'y': y if Path(mended).exists() else pd.Series([y])}


@workflow
async def returns_handle(mended: str) -> dict[str, Any]:
    y = submit(square, 9.0)
    return {'y': await y if Path(mended).exists() else y}


@workflow(on_error='except')
async def gives_up(mended: str) -> dict[str, float]:
    await submit(square, 9.0)
    raise KeyError('no such key')


@workflow
async def raises_inside(mended: str) -> dict[str, float]:
    async with PLACE:
        y = await submit(square, 3.0)
        if not Path(mended).exists():
            raise KeyError('no such key')
        return {'y': await submit(square, y)}


@workflow
async def takes_the_place(folder: str) -> None:
    async with PLACE:
        await submit(await_file, f'{folder}/go')
