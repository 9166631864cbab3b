"""The page of a group: all slabs of all its runs in one table."""

from __future__ import annotations

from dataclasses import replace

from aiida.orm import Group, load_group

from ..results.costs.amounts import total_of
from ..results.groups import collect_group, runs_of
from .inputs import list_inputs
from .models import model_of_slab
from .provenance import codes_of, processes_of
from .rendering import columns_of, format_costs, render


def write_group_page(group: Group | str) -> str:
    """Return the web page of the runs in a group, finished or not. The page needs no network.

    :param group: the group, or its label.
    :raises NotExistent: if there is no such group.
    :raises ValueError: if there is no run in it, or the data of one are damaged.
    """
    group = group if isinstance(group, Group) else load_group(group)
    results = collect_group(group)
    members = runs_of(group)
    rows = [*results.rows()]
    slabs = [slab for _, slab in rows]
    models = [replace(model_of_slab(slab), label=f'{name} {slab.label}') for name, slab in rows]
    runs = [members[run.pk] for crystal in results.crystals for run in crystal.runs]
    last = [crystal.last for crystal in results.crystals]
    return render(
        'group.html',
        models,
        results.programs,
        results=results,
        rows=rows,
        columns=columns_of(slabs),
        failed=[(name, slab) for name, slab in rows if slab.state == 'failed'],
        active=any(run.state not in ('finished', 'excepted', 'killed') for run in last),
        costs=format_costs(results.costs),
        cost=total_of(results.costs).describe(),
        inputs=list_inputs(runs[0]),
        first=results.crystals[0].name,
        # Those of a thousand relaxations are in the pages of their runs.
        processes=[processes_of(run)[0] for run in runs],
        codes=codes_of(*runs),
    )
