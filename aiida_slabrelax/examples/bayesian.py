"""Bayesian optimisation: which point is evaluated next depends on all results so far.

Needs egobox: ``pip install 'aiida-slabrelax[bayesian]'``.
"""

from __future__ import annotations

from typing import Any

import egobox as egx
import numpy as np

from ..durable import gather, submit, workflow

#: The range of x that is searched.
LIMITS = [[0.0, 25.0]]


def xsinx(x: float) -> float:
    """Return egobox's test function, (x - 3.5) sin((x - 3.5)/π): its least value is -15.1251.

    That is x sin(x), stretched and moved so that between 0 and 25 it has its least value inside, at
    x = 18.9352. Something expensive would stand here.
    """
    return float((x - 3.5) * np.sin((x - 3.5) / np.pi))


@workflow
async def optimise(n_initial: int = 3, n_iterations: int = 10, seed: int = 42) -> dict[str, Any]:
    """Minimise :func:`xsinx` with egobox's Egor, each evaluation a process of its own.

    Nothing of the optimiser is kept: after a restart it is made again and comes to the same points,
    since it is given the same seed and the same results.

    :param n_initial: how many points are evaluated before the first is suggested.
    :param n_iterations: how many points are suggested, one after the other.
    :param seed: of the sampling and of the optimiser.
    """
    egor = egx.Egor(LIMITS, seed=seed)
    points = egx.lhs(LIMITS, n_initial, seed=seed)
    values = await gather([submit(xsinx, x=float(x)) for (x,) in points])
    for _ in range(n_iterations):
        suggested = egor.suggest(points, np.reshape(values, (-1, 1)))
        points = np.vstack([points, suggested])
        values.append(await submit(xsinx, x=float(suggested[0, 0])))
    best = int(np.argmin(values))
    return {'x': float(points[best, 0]), 'y': values[best], 'n_evaluations': len(values)}
