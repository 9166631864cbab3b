"""A durable workflow whose history a stranger tampers with."""

from __future__ import annotations

from enum import Enum
from typing import Any

from aiida_slabrelax.durable import submit, workflow


class Colour(Enum):
    """What the workflow is given."""

    RED = 'red'


def paint(colour: Colour) -> str:
    return colour.value


@workflow
async def painted(colour: Colour = Colour.RED) -> dict[str, Any]:
    return {'x': await submit(paint, colour)}
