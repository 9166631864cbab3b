"""Bayesian optimisation: the next point depends on all results so far.

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
    x = 18.9352. A real function would be expensive.
    """
    return float((x - 3.5) * np.sin((x - 3.5) / np.pi))


@workflow
async def optimise(n_initial: int = 3, n_iterations: int = 10, seed: int = 42) -> dict[str, Any]:
    """Minimise :func:`xsinx` with egobox's Egor, each evaluation as a separate process.

    The state of the optimiser is not saved: after a restart it is created again and suggests the
    same points, because it gets the same seed and the same results.

    :param n_initial: the number of points before the first suggested one.
    :param n_iterations: the number of suggested points, one after the other.
    :param seed: the seed of the sampling and of the optimiser.
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
