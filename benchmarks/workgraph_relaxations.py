"""The same relaxations as a graph of aiida-workgraph, where that is installed."""

from __future__ import annotations

from typing import Any

from aiida import orm
from aiida.engine import calcfunction
from aiida.plugins import WorkflowFactory
from aiida_workgraph import WorkGraph

from aiida_slabrelax.calculations.gather_energies import find_energy
from relaxation_runs import Bench


@calcfunction
def take_energy(misc: orm.Dict) -> orm.Float:
    """Return the total energy (eV) of a relaxation."""
    return orm.Float(find_energy(misc.get_dict()))


def submit_workgraph(bench: Bench, slabs: dict[str, Any]) -> list[Any]:
    """Submit a graph with a VaspWorkChain and a calcfunction for its energy for each slab."""
    graph = WorkGraph('relaxations')
    for label, slab in slabs.items():
        relaxation = graph.add_task(
            WorkflowFactory('vasp.v2.vasp'), f'relax_{label}', structure=slab, **bench.inputs()
        )
        graph.add_task(take_energy, f'energy_{label}', misc=relaxation.outputs.misc)
    return [graph.submit()]
