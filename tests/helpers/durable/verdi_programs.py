"""Workflows that wait until a test lets them go on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from aiida_slabrelax.durable import gather, report, sleep, submit, workflow


def await_file(path: str) -> str:
    end = time.monotonic() + 600
    while not Path(path).exists():
        assert time.monotonic() < end, f'{path} has not appeared'
        time.sleep(0.05)
    return Path(path).name


@workflow
async def gated(folder: str, n: int = 3) -> dict[str, Any]:
    """Each call ends when a file appears."""
    names = []
    for i in range(n):
        report(f'round {i}')
        names.append(await submit(await_file, f'{folder}/{i}'))
    return {'names': names}


@workflow
async def asleep(seconds: float = 300.0) -> None:
    await sleep(seconds)


@workflow
async def sleepers(n: int = 2) -> None:
    await gather([submit(asleep) for _ in range(n)])


@workflow
async def empty() -> dict[str, Any]:
    """An output without anything in it."""
    return {'nothing': {}, 'something': 1}
