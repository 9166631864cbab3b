"""A workflow that runs a program given as data, for programs that are invented by chance.

A program is a list of statements; each takes the present number and gives the next one.
"""

from __future__ import annotations

from typing import Any

from aiida import orm
from aiida.engine import WorkChain

from aiida_slabrelax.durable import (
    ChildFailed,
    Semaphore,
    as_completed,
    gather,
    side_effect,
    sleep,
    submit,
    workflow,
)
from durable.programs import add, double, fail


class Increase(WorkChain):
    """Add one."""

    @classmethod
    def define(cls, spec: Any) -> None:
        super().define(spec)
        spec.input('x', valid_type=orm.Float)
        spec.outline(cls.increase)
        spec.output('y', valid_type=orm.Float)

    def increase(self) -> None:
        self.out('y', orm.Float(self.inputs.x.value + 1).store())


async def run(program: list[Any], x: float) -> float:
    """Run a program as a part of a workflow."""
    for kind, *arguments in program:
        if kind == 'double':
            x = await submit(double, x)
        elif kind == 'increase':
            x = (await submit(Increase, x=x)).y.value
        elif kind == 'add':
            x = add(orm.Float(x), orm.Float(0.5)).value
        elif kind == 'fail':
            try:
                await submit(fail, x)
            except ChildFailed:
                x -= 1
        elif kind == 'repeat':
            times, body = arguments
            for _ in range(times):
                x = await run(body, x)
        elif kind == 'branch':
            x = await run(arguments[int(x) % 2], x)
        elif kind == 'gather':
            x = sum(await gather([run(body, x + i) for i, body in enumerate(arguments)]))
        elif kind == 'ordered':
            handles = [submit(double, x + i) for i in range(arguments[0])]
            x = sum([one.result() async for one in as_completed(handles)])
        elif kind == 'limited':
            slots = Semaphore(1)

            async def inside(body: list[Any], x: float = x, slots: Semaphore = slots) -> float:
                async with slots:
                    return await run(body, x)

            x = sum(await gather([inside(body) for body in arguments]))
        elif kind == 'sleep':
            await sleep(0.05)
        elif kind == 'local':
            x += side_effect(len, 'abc')
        elif kind == 'workflow':
            x = (await submit(program_workflow, program=arguments[0], x=x)).x.value
    return x % 1000.0


@workflow
async def program_workflow(program: list, x: float = 1.0) -> dict[str, Any]:
    """Run a program."""
    return {'x': await run(program, x)}


def compute(program: list[Any], x: float) -> float:
    """Return what a program comes to, in plain Python."""
    for kind, *arguments in program:
        if kind == 'double':
            x = 2 * x
        elif kind == 'increase':
            x += 1
        elif kind == 'add':
            x += 0.5
        elif kind == 'fail':
            x -= 1
        elif kind == 'repeat':
            for _ in range(arguments[0]):
                x = compute(arguments[1], x)
        elif kind == 'branch':
            x = compute(arguments[int(x) % 2], x)
        elif kind == 'gather':
            x = sum(compute(body, x + i) for i, body in enumerate(arguments))
        elif kind == 'ordered':
            x = sum(2 * (x + i) for i in range(arguments[0]))
        elif kind == 'limited':
            x = sum(compute(body, x) for body in arguments)
        elif kind == 'local':
            x += 3
        elif kind == 'workflow':
            x = compute(arguments[0], x)
    return x % 1000.0
