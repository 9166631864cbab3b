"""The workflows of the tests, and what they call."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import numpy as np
from aiida import orm
from aiida.engine import ExitCode, WorkChain, calcfunction

from aiida_slabrelax.durable import (
    ChildFailed,
    as_completed,
    continue_as_new,
    first,
    gather,
    limit,
    local,
    now,
    patched,
    random,
    report,
    sleep,
    submit,
    timeout,
    uuid,
    workflow,
)


def double(x: float) -> float:
    return 2 * x


def fail(x: float) -> float:
    raise ValueError(f'not {x}')


@calcfunction
def add(x: orm.Float, y: orm.Float) -> orm.Float:
    return orm.Float(x.value + y.value)


class Halve(WorkChain):
    """Halve an even number; exit code 410 for an odd one."""

    @classmethod
    def define(cls, spec: Any) -> None:
        super().define(spec)
        spec.input('x', valid_type=orm.Int)
        spec.outline(cls.halve)
        spec.output('half', valid_type=orm.Int)
        spec.exit_code(410, 'ERROR_ODD', message='{x} is odd')

    def halve(self) -> ExitCode | None:
        x = self.inputs.x.value
        if x % 2:
            return self.exit_codes.ERROR_ODD.format(x=x)
        self.out('half', orm.Int(x // 2).store())
        return None


@workflow
async def loop(n: int = 3) -> dict[str, Any]:
    """Double a number again and again.

    :param n: how often.
    """
    x = 1.0
    for _ in range(n):
        x = await submit(double, x=x)
    return {'x': x}


@workflow
def plain_loop(n: int = 3):
    x = 1.0
    for _ in range(n):
        x = submit(double, x).result()
    return x


@workflow
async def collatz(x: int = 6):
    """Halve until one is left; branches on real values."""
    steps = 0
    while x != 1:
        try:
            x = (await submit(Halve, x=x)).half.value
        except ChildFailed as failure:
            assert failure.exit_status == 410
            x = 3 * x + 1
        steps += 1
    return {'steps': steps}


@workflow
async def scatter(n: int = 4):
    sources = [float(i) for i in range(n)]
    doubled = await gather({f'v{i}': submit(double, x) for i, x in enumerate(sources)})
    total = orm.Float(0.0)
    for value in doubled.values():
        total = add(total, orm.Float(value))
    return {'total': total, 'values': doubled}
