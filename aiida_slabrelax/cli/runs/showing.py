"""The tables of runs of every kind. Import it inside a command: it imports aiida."""

from __future__ import annotations

from aiida.orm import Node, ProcessNode

from ...engine.damaged import reads_node
from ...results.energies.surface_energies import PROCESS_LABEL
from ...results.runs import PROCESS_TYPE, runs_in
from ...results.slabs import collect
from ..errors import reported
from ..printing import lines
from ..tables import groups as groups_table
from ..tables import slabs, surface_energies
from .groups import find_results


def find_table(node: Node, form: str) -> str:
    """Return the results of a run: its surface energies, else its slabs.

    :param form: ``text``, ``json`` or ``csv``.
    :raises click.ClickException: if the node is no run, or its data are damaged.
    """
    with reported(ValueError):
        if isinstance(node, ProcessNode) and _has_energies(node):
            return _of_energies(node, form)
        results = collect(node)
    writers = {'text': slabs.as_text, 'json': slabs.as_json, 'csv': slabs.as_csv}
    return writers[form](results)


def find_table_of_group(label: str, form: str) -> str:
    """Return the results of all runs in a group.

    :param form: ``text``, ``json`` or ``csv``.
    :raises click.ClickException: if there is no such group, or no run in it.
    """
    writers = {'text': groups_table.as_text, 'json': groups_table.as_json}
    return writers.get(form, groups_table.as_csv)(find_results(label))


def is_shown(node: ProcessNode) -> bool:
    """Return whether there is a table of a process."""
    return node.process_type == PROCESS_TYPE or _has_energies(node)


def _has_energies(node: ProcessNode) -> bool:
    return (
        node.process_type in surface_energies.WORKFLOWS or node.process_label == PROCESS_LABEL
    ) and node.process_type != PROCESS_TYPE


@reads_node
def _of_energies(node: ProcessNode, form: str) -> str:
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
