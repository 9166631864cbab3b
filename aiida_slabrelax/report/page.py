"""The page: the results of a process, rendered with the template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeGuard

from aiida.common import LinkType
from aiida.orm import Node, ProcessNode, StructureData, WorkChainNode

from ..calculations.structures import to_pymatgen
from ..engine.damaged import reads_node
from ..engine.links import inputs_of, links_of, outputs_of
from ..results.columns import Row, surface_rows
from ..results.costs.amounts import total_of
from ..results.costs.reading import costs_of
from ..results.energies.convergence import convergence_of
from ..results.energies.surface_energies import (
    SurfaceResults,
    collect_surface_energies,
    has_surface_energies,
)
from ..results.relaxations.potentials import INSULATING
from ..results.runs import PROCESS_TYPE, as_node, runs_in
from ..results.slabs import RunResults, collect
from .citations import sources_of
from .figures import Picture, pictures_of_energies, pictures_of_run
from .inputs import Input, list_inputs
from .models import model_of_slab, model_of_structure
from .provenance import codes_of, processes_of
from .rendering import columns_of, format_costs, render

_SUBSCRIPTS = str.maketrans('0123456789', '₀₁₂₃₄₅₆₇₈₉')


@dataclass(frozen=True)
class Run:
    """The part of the page on one run of the work chain."""

    results: RunResults
    inputs: list[Input]
    excluded: list[dict[str, Any]]
    pictures: list[Picture]


@reads_node
def write_page(node: Node | int | str) -> str:
    """Return the web page of a process, finished or not. The page needs no network.

    :param node: a ``SlabRelaxWorkChain``, ``calculate_surface_energies``, or a workflow that has
        called either: the node, its pk or its uuid.
    :raises NotExistent: if there is no such node.
    :raises ValueError: if it is the node of another process, or its data are damaged.
    """
    node = as_node(node)
    if not isinstance(node, ProcessNode):
        raise ValueError(f'node {node.pk} is a {type(node).__name__}, not a process')
    found = [node] if _is_run(node) else runs_in(node)
    runs = [_read_run(run) for run in found]
    energies = collect_surface_energies(node) if has_surface_energies(node) else None
    if not runs and energies is None:
        raise ValueError(
            f'{node.process_label}<{node.pk}> is not a SlabRelaxWorkChain, and has neither called '
            'one nor surface energies (yet)'
        )
    models = [model_of_slab(slab) for run in runs for slab in run.results.slabs]
    if not runs:
        models = [
            model_of_structure(label, structure)
            for label, structure in sorted(_slabs_among(node).items())
        ]
    convergence = convergence_of(node)
    programs = sorted(
        {program for run in runs for program in run.results.programs}
        | set(energies.programs if energies is not None else ())
    )
    costs = runs[0].results.costs if _is_run(node) else costs_of(node)
    return render(
        'page.html',
        models,
        programs,
        node=node,
        message=runs[0].results.summary if _is_run(node) else node.exit_message,
        state=_describe_state(node),
        failed=node.is_terminated and not node.is_finished_ok,
        inputs=None if runs and runs[0].results.pk == node.pk else list_inputs(node),
        runs=runs,
        columns=columns_of([slab for run in runs for slab in run.results.slabs]),
        insulating=INSULATING,
        energies=energies,
        energy_rows=_format_rows(surface_rows(energies)) if energies is not None else [],
        cleavages={} if convergence else _read_cleavages(energies),
        energy_pictures=(
            [] if energies is None else list(pictures_of_energies(energies, convergence))
        ),
        convergence=convergence,
        costs=format_costs(costs),
        cost=total_of(costs).describe(),
        processes=processes_of(node),
        codes=codes_of(node),
        title=_title(node, runs),
        sources=sources_of(energies),
    )


def _is_run(node: ProcessNode) -> TypeGuard[WorkChainNode]:
    return isinstance(node, WorkChainNode) and node.process_type == PROCESS_TYPE


def _read_run(run: WorkChainNode) -> Run:
    results = collect(run)
    return Run(
        results=results,
        inputs=list_inputs(run),
        excluded=[
            slab
            for call in links_of(run, (LinkType.CALL_CALC,))
            if (excluded := outputs_of(call.node).get('excluded')) is not None
            for slab in excluded.get_list()
        ],
        pictures=list(pictures_of_run(results)) if results.slabs else [],
    )


def _title(node: ProcessNode, runs: list[Run]) -> str:
    """Return crystal and planes, such as ``Ag₃PO₄ (100)``; without them ``Slabs``."""
    bulk = inputs_of(node).get('bulk_structure')
    words = []
    if isinstance(bulk, StructureData):
        formula = to_pymatgen(bulk).composition.reduced_formula
        words.append(formula.translate(_SUBSCRIPTS))
    planes = [slab.plane for run in runs for slab in run.results.slabs if slab.plane is not None]
    words += [', '.join(dict.fromkeys(planes))] if planes else []
    return ' '.join(words) or 'Slabs'


def _slabs_among(node: ProcessNode) -> dict[str, Any]:
    return dict(node.inputs.slabs) if 'slabs' in node.inputs else {}


def _describe_state(node: ProcessNode) -> str:
    state = node.process_state.value if node.process_state is not None else 'created'
    if node.is_finished:
        return f'finished with exit status {node.exit_status}'
    return f'{state}, paused' if node.paused else state


def _format_rows(rows: list[Row]) -> list[Row]:
    """Return a table as text, with a dash for unknown values and without empty columns."""
    filled = {name for row in rows for name, value in row.items() if value is not None}
    return [
        {name: _write(value, name) for name, value in row.items() if name in filled} for row in rows
    ]


def _write(value: object, name: str) -> str:
    if value is None:
        return '–'
    if isinstance(value, bool):
        return 'yes' if value else 'no'
    if not isinstance(value, float):
        return str(value)
    return f'{value:.5f}' if '/Å²' in name else f'{value:.3f}'


def _read_cleavages(energies: SurfaceResults | None) -> dict[str, dict[str, float]]:
    """Return the cleavage energies by the labels of the faces, each as values by unit."""
    if energies is None:
        return {}
    return {label: energy['per_area'] for label, energy in energies.cleavage_energies.items()}
