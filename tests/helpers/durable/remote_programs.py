"""Functions that stand by themselves, and workflows that send them to a computer."""

from __future__ import annotations

from typing import Any

import numpy as np
from aiida import orm

from aiida_slabrelax.durable import ChildFailed, gather, submit, workflow
from durable.programs import double

FACTOR = 3


def square(x: float) -> float:
    import math

    return math.pow(x, 2)


def triple(x: float) -> float:
    return FACTOR * x


def divide(x: float, by: float) -> float:
    return x / by


def echo(value: Any, other: Any = None) -> Any:
    return value


def mean(values: np.ndarray) -> dict[str, Any]:
    return {'result': float(values.mean()), 'exit_code': 3, 'none': None}


def count_atoms(atoms: Any) -> int:
    return len(atoms)


def stretch(atoms: Any, factor: float) -> Any:
    atoms = atoms.copy()
    atoms.set_cell(factor * atoms.cell, scale_atoms=True)
    return atoms


@workflow
async def squares(place: str, n: int = 2) -> dict[str, Any]:
    """Square numbers elsewhere, one after the other and then together."""
    there = submit.on(place, max_wallclock_seconds=60)
    x = 2.0
    for _ in range(n):
        x = await there(square, x)
    y = await submit(double, x)
    total = sum(await gather([there(square, x=float(i)) for i in range(n + 1)]))
    return {'x': x, 'y': y, 'total': total}


#: What can go to another computer and come back.
VALUES: list[Any] = [
    2,
    'a\n    b',
    (1, [2.5, None]),
    {},
    {'result': {}, 'exit_code': 3},
    None,
    np.float64(0.5),
]


@workflow
async def echoed(code: orm.AbstractCode) -> dict[str, Any]:
    """What comes back from elsewhere."""
    there = submit.on(code)
    back = await gather([there(echo, value) for value in VALUES], there(mean, np.arange(6.0)))
    return {'back': repr(back)}


@workflow
async def stretched(place: str, structure: orm.StructureData) -> dict[str, Any]:
    """A structure there and back."""
    there = submit.on(place)
    atoms = await there(stretch, structure, 2.0)
    return {'volume': float(atoms.get_volume()), 'n': await there(count_atoms, atoms)}


@workflow
async def divided(place: str) -> dict[str, Any]:
    """A failure, caught."""
    try:
        await submit.on(place)(divide, 1.0, 0.0)
    except ChildFailed as failure:
        return {'status': failure.exit_status, 'message': failure.exit_message}
    return {}


@workflow
async def refused(place: str) -> dict[str, Any]:
    """Options that there are not."""
    try:
        await submit.on(place, walltime=60)(square, 2.0)
    except ValueError as error:
        return {'message': str(error)}
    return {}


@workflow
async def not_alone(place: str) -> None:
    await submit.on(place)(triple, 2.0)


@workflow
async def renamed(place: str) -> None:
    """Stands for what :func:`divided` was changed to."""
    await submit.on(place)(echo, 2.0)
