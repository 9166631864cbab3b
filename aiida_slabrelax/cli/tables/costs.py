"""What a run has cost: a line below its table, a table by part and stage, and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from ...results.costs.amounts import Cost, StageCost, format_amount, total_of
from ..printing import table

_NUMBERS = ('calculations', 'core-\nhours', 'ionic\nsteps', 'electronic\nsteps')


def cost_line(cost: Cost) -> str:
    """Return the cost of a run in a line; empty before its first calculation."""
    described = cost.describe()
    return f'Cost: {described}.' if described else ''


def as_table(costs: Sequence[StageCost]) -> str:
    """Return a row for each part and stage of a run, and one for all together."""
    if not costs:
        return 'No calculations (yet).'
    rows = [[stage.part, stage.stage, *_numbers(stage.cost)] for stage in costs]
    rows.append(['total', '', *_numbers(total_of(costs))])
    return table(rows, ['part', 'stage', *_NUMBERS], _NUMBERS)


def _numbers(cost: Cost) -> list[str]:
    amounts = (cost.core_hours, cost.ionic_steps, cost.electronic_steps)
    shown = (format_amount(amount, cost.calculations) for amount in amounts)
    return [str(cost.calculations), *shown]


def as_dict(costs: Iterable[StageCost]) -> dict[str, Any]:
    """Return the cost of a run in total and by part and stage, each amount with what is unknown."""
    costs = list(costs)
    return {
        'total': asdict(total_of(costs)),
        'stages': [
            {'part': stage.part, 'stage': stage.stage, **asdict(stage.cost)} for stage in costs
        ],
    }
