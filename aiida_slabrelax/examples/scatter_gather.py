"""Scatter and gather: one call for each of some values, all at once."""

from __future__ import annotations

from typing import Any

from aiida.engine import calcfunction
from aiida.orm import Float, Int

from ..durable import gather, submit, workflow


@calcfunction
def make_values(count: Int) -> dict[str, Float]:
    """Return the values 0, 1, 2, … as ``value_00``, ``value_01``, ….

    :param count: the number of values.
    """
    return {f'value_{i:02d}': Float(i) for i in range(count.value)}


@calcfunction
def shift(value: Float, delta: Float) -> Float:
    """Return a value shifted by ``delta``."""
    return Float(value.value + delta.value)


@workflow
async def scatter_gather(count: Int, delta: Float) -> dict[str, Any]:
    """Create some values and shift each by the same amount, all at once.

    :param count: the number of values.
    :param delta: the shift.
    """
    if count.value < 1:
        raise ValueError(f'count must be at least 1, not {count.value}')
    sources = make_values(count)
    shifted = await gather(
        {label: submit(shift, value=value, delta=delta) for label, value in sources.items()}
    )
    return {'sources': sources, 'shifted': shifted}
