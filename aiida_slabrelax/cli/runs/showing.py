"""The tables of runs of every kind. Import it inside a command: it imports aiida."""

from __future__ import annotations

from aiida.orm import Node, ProcessNode

from ...engine.damaged import reads_node
from ...results.costs.reading import costs_of
from ...results.energies.surface_energies import PROCESS_LABEL
from ...results.runs import PROCESS_TYPE, runs_in
from ...results.slabs import collect
from ..errors import reported
from ..printing import lines
from ..tables import costs, slabs, surface_energies
from ..tables import groups as groups_table
from .groups import find_results


def find_table(node: Node, form: str = 'text') -> str:
    """Return the results of a run: its surface energies, else its slabs.

    :param form: ``text``, ``json``, ``csv``, or ``cost`` for what it has cost.
    :raises click.ClickException: if the node is no run, or its data are damaged.
    """
    with reported(ValueError):
        if isinstance(node, ProcessNode) and _has_energies(node):
            return _of_energies(node, form)
        results = collect(node)
    if form == 'cost':
        return costs.as_table(results.costs)
    writers = {'text': slabs.as_text, 'json': slabs.as_json, 'csv': slabs.as_csv}
    return writers[form](results)


def find_table_of_group(label: str, form: str = 'text') -> str:
    """Return the results of all runs in a group.

    :param form: ``text``, ``json``, ``csv``, or ``cost`` for what each crystal has cost.
    :raises click.ClickException: if there is no such group, or no run in it.
    """
    results = find_results(label)
    if form == 'cost':
        return costs.as_table(results.costs)
    writers = {
        'text': groups_table.as_text,
        'json': groups_table.as_json,
        'csv': groups_table.as_csv,
    }
    return writers[form](results)


def is_shown(node: ProcessNode) -> bool:
    """Return whether there is a table of a process."""
    return node.process_type == PROCESS_TYPE or _has_energies(node)


def _has_energies(node: ProcessNode) -> bool:
    return (
        node.process_type in surface_energies.WORKFLOWS or node.process_label == PROCESS_LABEL
    ) and node.process_type != PROCESS_TYPE


@reads_node
def _of_energies(node: ProcessNode, form: str) -> str:
    if form == 'cost':
        return costs.as_table(costs_of(node))
    if form == 'json':
        return surface_energies.as_json(node)
    if form == 'csv':
        return surface_energies.as_csv(node)
    text = surface_energies.as_text(node)
    runs = [
        f'Its slabs: SlabRelaxWorkChain<{run.pk}>, `aiida-slabrelax show {run.pk}`'
        for run in runs_in(node)
    ]
    return '\n\n'.join([text, *([lines(runs)] if runs else [])])
