"""The workflows of the tests, and what they call."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from aiida import orm
from aiida.engine import ExitCode, WorkChain, calcfunction

from aiida_slabrelax.durable import (
    ChildFailed,
    Semaphore,
    as_completed,
    continue_as_new,
    first,
    gather,
    now,
    patched,
    random,
    report,
    side_effect,
    sleep,
    submit,
    uuid,
    wait_for,
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
async def loop(n: int = 2) -> dict[str, Any]:
    """Double a number again and again.

    :param n: how often.
    """
    x = 1.0
    for _ in range(n):
        x = await submit(double, x=x)
    return {'x': x}


@workflow
def plain_loop(n: int = 2):
    x = 1.0
    for _ in range(n):
        x = submit(double, x).result()
    return x


@workflow
async def collatz(x: int = 5):
    """Halve until one is left; branches on real values."""
    steps = 0
    while x != 1:
        try:
            x = (await submit(Halve, x=x)).half.value
        except ChildFailed as failure:
            x = 3 * x + 1 if failure.exit_status == 410 else 1
        steps += 1
    return {'steps': steps}


@workflow
async def scatter(n: int = 2):
    sources = [float(i) for i in range(n)]
    doubled = await gather({f'v{i}': submit(double, x) for i, x in enumerate(sources)})
    total = orm.Float(0.0)
    for value in doubled.values():
        total = add(total, orm.Float(value))
    return {'total': total, 'values': doubled}


@workflow
async def nested_loops(n: int = 2) -> dict[str, Any]:
    """Loops in loops, with numpy arrays as local state."""
    table = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            table[i, j] = await submit(double, x=float(10 * i + j))
    return {'table': table, 'trace': float(np.trace(table))}


async def chain(x: float) -> float:
    doubled = await submit(double, x)
    return await submit(double, doubled)


@workflow
async def chains(n: int = 2) -> dict[str, Any]:
    """Chains that flow independently."""
    return {'values': await gather([chain(float(i)) for i in range(n)])}


@workflow
async def caught(x: float = 3.0) -> dict[str, Any]:
    """Failures of all kinds, caught."""
    seen = []
    try:
        await submit(fail, x)
    except ChildFailed as failure:
        seen.append([type(failure).__name__, failure.exit_message])
    results = await gather(
        submit(Halve, x=orm.Int(3)), submit(Halve, x=orm.Int(4)), return_exceptions=True
    )
    seen.append([type(results[0]).__name__, results[0].exit_message])
    seen.append(results[1].half.value)
    try:
        await submit(Halve, x='three')
    except ValueError:
        seen.append('refused')
    return {'seen': seen}


@workflow
async def uncaught(x: int = 3) -> None:
    await submit(Halve, x=2 * x)
    await submit(Halve, x=x)


@workflow
async def parent(n: int = 2) -> dict[str, Any]:
    """Workflows in workflows."""
    results = await gather([submit(loop, n=i) for i in range(n)])
    last = await submit(plain_loop, n=1)
    return {f'x{i}': result.x for i, result in enumerate(results)} | {'last': last.result}


def nap(seconds: float) -> float:
    import time

    time.sleep(seconds)
    return seconds


@workflow
async def race() -> dict[str, Any]:
    """The first to end, and all in the order in which they end."""
    fast = await first(submit(nap, 0.0), submit(nap, 0.3))
    order = []
    async for one in as_completed([submit(nap, 0.4), submit(nap, 0.0)]):
        order.append(one.result())
    return {'fast': fast in (0.0, 0.3), 'n': len(order), 'sum': sum(order)}


@workflow
async def limited(n: int = 3) -> dict[str, Any]:
    """At most two at a time."""
    slots, inside, most = Semaphore(2), 0, 0

    async def one(x: float) -> float:
        nonlocal inside, most
        async with slots:
            inside += 1
            most = max(most, inside)
            result = await submit(double, x)
            inside -= 1
            return result

    values = await gather(*(one(float(i)) for i in range(n)))
    return {'values': values, 'most': most}


@workflow
async def timed() -> dict[str, Any]:
    """A time-out that strikes and one that does not."""

    async def long() -> None:
        await sleep(600)

    struck = False
    await sleep(0.1)
    try:
        await wait_for(long(), 0.3)
    except TimeoutError:
        struck = True
    return {'struck': struck, 'value': await wait_for(submit(double, 4.0), 60)}


@workflow
async def directly(n: int = 2) -> dict[str, Any]:
    """Calcfunctions called directly and submitted."""
    x = orm.Float(1.0)
    for _ in range(n):
        x = add(x, orm.Float(1.0))
    y = await submit(add, x, x)
    return {'x': x, 'y': y}


@workflow
def minimised() -> dict[str, Any]:
    """A callback in an optimizer of scipy that submits."""
    from scipy.optimize import minimize_scalar

    calls = 0

    def objective(x: float) -> float:
        nonlocal calls
        calls += 1
        return submit(parabola, x).result()

    best = minimize_scalar(objective, bounds=(0, 4), method='bounded', options={'maxiter': 4})
    return {'x': round(float(best.x), 6), 'calls': calls}


def parabola(x: float) -> float:
    return (x - 1) ** 2


@workflow
async def from_outside() -> dict[str, Any]:
    """Values from outside that must not change."""
    time, number, identity = now(), round(random(), 9), uuid()
    pid = side_effect(os.getpid)
    report(f'in process {pid}')
    # A call with other inputs than before would be a mismatch.
    n = await submit(count, [time.isoformat(), number, str(identity), pid])
    return {'n': n, 'new': patched('x')}


def count(values: list) -> int:
    return len(values)


@workflow
async def restarted(n: int = 0, total: float = 0.0) -> dict[str, Any]:
    """Continues as new until three rounds are done."""
    total += await submit(double, float(n + 1))
    if n < 2:
        continue_as_new(n=n + 1, total=total)
    return {'total': total}


@calcfunction
def refuse(x: orm.Float) -> ExitCode:
    return ExitCode(310, f'not {x.value}')


@workflow
async def refused_directly(x: float = 3.0) -> None:
    """A calcfunction that is called directly and fails."""
    refuse(orm.Float(x))


@workflow(exit_codes={'ERROR_TOO_LARGE': (420, '{x} is too large')})
async def own_exit_code(x: float = 3.0) -> ExitCode:
    await submit(double, x)
    return ExitCode(420, f'{x} is too large')


#: Every workflow with its exit status and its outputs as plain values; ``...`` is anything.
EXPECTED: dict[str, tuple[int, dict[str, Any]]] = {
    'loop': (0, {'x': 4.0}),
    'plain_loop': (0, {'result': 4.0}),
    'collatz': (0, {'steps': 5}),
    'scatter': (0, {'total': 2.0, 'values': {'v0': 0.0, 'v1': 2.0}}),
    'nested_loops': (0, {'table': [[0.0, 2.0], [20.0, 22.0]], 'trace': 22.0}),
    'chains': (0, {'values': [0.0, 4.0]}),
    'caught': (
        0,
        {
            'seen': [
                ['ChildExcepted', 'ValueError: not 3.0'],
                ['ChildFailed', '3 is odd'],
                2,
                'refused',
            ]
        },
    ),
    'uncaught': (400, {}),
    'parent': (0, {'x0': 1.0, 'x1': 2.0, 'last': 2.0}),
    'race': (0, {'fast': True, 'n': 2, 'sum': 0.4}),
    'limited': (0, {'values': [0.0, 2.0, 4.0], 'most': 2}),
    'timed': (0, {'struck': True, 'value': 8.0}),
    'directly': (0, {'x': 3.0, 'y': 6.0}),
    'minimised': (0, {'x': 1.0, 'calls': ...}),
    'from_outside': (0, {'n': 4, 'new': True}),
    'restarted': (0, {'total': 12.0}),
    'refused_directly': (400, {}),
    'own_exit_code': (420, {}),
}


@workflow
async def watched(folder: str, n: int = 30) -> dict[str, Any]:
    """Write down the worker at every take-up, then call and call."""
    with (Path(folder) / 'workers').open('a') as workers:
        workers.write(f'{os.getpid()}\n')
    x = 0.0
    for i in range(0, n, 3):
        x += sum(await gather([submit(double, float(j)) for j in range(i, min(i + 3, n))]))
    return {'x': x}


watched.max_starts = 100  # its test kills workers, as if it were its fault
