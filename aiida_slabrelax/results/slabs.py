"""Results of a ``SlabRelaxWorkChain``, read from its provenance; it may still be running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from aiida.orm import (
    CalcFunctionNode,
    CalcJobNode,
    Float,
    Node,
    ProcessNode,
    StructureData,
    WorkChainNode,
)
from ase import Atoms
from pymatgen.core.composition import Composition

from ..calculations.structures import to_atoms
from ..engine.damaged import reads_node
from ..engine.links import (
    CALLS,
    Link,
    batches,
    creator_of,
    inputs_of,
    links_of,
    outputs_of,
    read_ahead,
)
from ..parsers.diagnosis import warnings_of
from ..parsers.site_moments import read_moments
from ..surfaces import SlabGeometry, check_cell, format_composition, format_plane
from .costs.reading import costs_of_phases, costs_of_slab, links_by_slab
from .faces import name_faces
from .generators import noted_by_generators, terminations_of
from .relaxations.failed_slabs import read_failure
from .relaxations.magnetic_order import find_lost_order
from .relaxations.potentials import potential_of
from .relaxations.prerelaxations import PreRelaxation, decisions_of, read_prerelaxation
from .relaxations.programs import program_of
from .relaxations.relaxed_atoms import relaxed_atoms
from .relaxations.rescues import rescues_of
from .relaxations.screening import screening_of
from .relaxations.sources import (
    READ_AGAIN,
    calculations,
    count_ionic_steps,
    find_source,
    has_converged,
    largest_force,
    total_energy,
)
from .runs import (
    as_node,
    as_run,
    energy_links,
    prerelaxation_links,
    previous_links,
    relaxation_links,
    slab_links,
)
from .slab_data import RunResults, SlabResult

__all__ = ['RunResults', 'SlabResult', 'collect']


#: The properties of terminations that are attributes of a :class:`SlabResult` of the same name.
_PROPERTIES = 'symmetric', 'stoichiometric', 'polar', 'tasker', 'broken_bonds', 'lost_neighbours'


@reads_node
def collect(node: Node | int | str) -> RunResults:
    """Read the results of a run.

    :param node: a ``SlabRelaxWorkChain``, in any state: the node, its pk or its uuid.
    :raises NotExistent: if there is no such node.
    :raises ValueError: if it is another node, or its data are damaged.
    """
    run = as_run(as_node(node))
    assert run.pk is not None
    state, called = run.process_state, links_by_slab(run)
    slabs = tuple(_slab_results(run, called))
    return RunResults(
        pk=run.pk,
        uuid=str(run.uuid),
        state=state.value if state is not None else 'created',
        paused=run.paused,
        exit_status=run.exit_status,
        exit_message=run.exit_message,
        slabs=slabs,
        label=run.label,
        costs_of_phases=costs_of_phases(called, [slab.label for slab in slabs]),
    )


def _slab_results(run: WorkChainNode, called: Mapping[str, list[Link]]) -> list[SlabResult]:
    """Return the slabs of a run, sorted by label.

    :param called: the links to what the run has called, by the label of the slab.
    """
    slabs, children = slab_links(run), relaxation_links(run)
    taken_over, energies = previous_links(run, 'relaxed_slabs'), energy_links(run)
    prerelaxed, ended = prerelaxation_links(run), run.is_terminated
    decisions, screened = (decisions_of(run), screening_of(run)) if prerelaxed else ({}, {})
    labels, results = sorted(slabs), []
    for batch in batches(labels):
        groups = [
            {label: links[label] for label in batch if label in links}
            for links in (slabs, children, taken_over, energies, prerelaxed)
        ]
        near = {link.pk for links in groups for link in links.values()}
        near |= {link.pk for label in batch for link in called.get(label, ())}
        with read_ahead(near):
            cut = {label: slabs[label].node for label in batch}
            recorded = terminations_of(cut, noted_by_generators(cut))
            for label in batch:
                nodes: list[Any] = [
                    links[label].node if label in links else None for links in groups
                ]
                *nodes, first = nodes
                result = _slab_result(label, ended, *nodes)
                if first is not None:
                    before = read_prerelaxation(first, decisions.get(label))
                    result = _with_prerelaxation(result, before, screened.get(label, {}))
                results.append(
                    replace(
                        result,
                        costs=costs_of_slab(label, called.get(label, ())),
                        **_name(recorded.get(label, {})),
                    )
                )
    return results


def _name(termination: Mapping[str, Any]) -> dict[str, Any]:
    """Return what identifies a termination, as attributes of a :class:`SlabResult`."""
    indices = termination.get('miller_indices')
    return {
        'plane': format_plane(indices) if indices else None,
        'faces': name_faces(termination),
        **{name: termination.get(name) for name in _PROPERTIES},
    }


def _slab_result(
    label: str,
    ended: bool,
    slab: StructureData,
    child: WorkChainNode | None,
    taken_over: StructureData | None,
    energy: Float | None,
) -> SlabResult:
    """Return a slab of a run.

    :param ended: whether the run has ended.
    :param child: the relaxation of the slab in this run.
    :param taken_over: the relaxed slab in the inputs of the run, if it was taken over.
    :param energy: its energy, as gathered by the run or in its inputs.
    """
    atoms = to_atoms(slab)
    thickness, area = _measure(atoms)
    known: dict[str, Any] = {
        'label': label,
        'formula': format_composition(Composition(Counter(atoms.symbols))),
        'n_atoms': len(atoms),
        'thickness': thickness,
        'area': area,
        'taken_over': taken_over is not None,
        'initial': atoms,
    }
    if taken_over is not None:
        child = _relaxation_behind(taken_over)
        if child is None:  # the user's own structure
            known['energy'] = None if energy is None else energy.value
            return SlabResult(state='relaxed', relaxed=to_atoms(taken_over), **known)
    if child is None:
        return SlabResult(state='failed' if ended else 'waiting', **known)
    known |= {'pk': child.pk, 'exit_status': child.exit_status, 'exit_message': child.exit_message}
    known['rescues'] = tuple(rescues_of(child))
    if not child.is_terminated:
        return SlabResult(state='running', **known)
    known['ionic_steps'] = count_ionic_steps(child)
    if (source := find_source(child)) is None:
        known |= _convergence(next(iter(calculations(child)), None))
        return SlabResult(state='failed', failure=read_failure(child), **known)
    misc = source.misc.get_dict()
    moments = read_moments(misc)
    value = total_energy(source.misc) if energy is None else energy.value
    return SlabResult(
        state='relaxed',
        moments=None if moments is None else tuple(moments),
        lost_order=find_lost_order(slab, child, misc),
        recovered=isinstance(source.process, CalcJobNode),
        read_again=isinstance(source.process, CalcFunctionNode),
        warnings=warnings_of(calculations(child)[0]) if calculations(child) else (),
        energy=value,
        program=program_of(misc, next(iter(calculations(child)), None)),
        **_convergence(source.process),
        relaxed=relaxed_atoms(source, value, moments),
        **potential_of(source),
        **known,
    )


def _with_prerelaxation(
    slab: SlabResult, before: PreRelaxation, screened: Mapping[str, Any]
) -> SlabResult:
    """Return a slab with its pre-relaxation, which may be all that runs of it.

    :param screened: its entry in the output ``screening``.
    """
    excluded, state = screened.get('excluded'), slab.state
    if excluded is not None:
        state = 'excluded'
    elif slab.state == 'waiting' and before.state == 'running':
        state = 'running'
    excess = screened.get('excess', {}).get('J/m²')
    if not isinstance(excess, float | int | None):
        raise TypeError(f'{excess!r} is no number')
    return replace(slab, state=state, prerelaxation=before, excess=excess, excluded=excluded)


def _measure(atoms: Atoms) -> tuple[float | None, float | None]:
    """Return the thickness of a slab (Å) and the area of a face (Å²); None for an invalid slab."""
    if check_cell(atoms.cell.array, 'slab') or not len(atoms):
        return None, None
    if not np.isfinite(atoms.positions).all():
        return None, None
    geometry = SlabGeometry.of_cell(atoms.cell.array, atoms.get_scaled_positions(wrap=False))
    return geometry.thickness, geometry.area


def _convergence(process: ProcessNode | None) -> dict[str, Any]:
    """Return the convergence of a process, as attributes of a :class:`SlabResult`."""
    node = outputs_of(process).get('misc') if process is not None else None
    if process is None or node is None:
        return {}
    misc = node.get_dict()
    return {'max_force': largest_force(process, misc), 'converged': has_converged(misc)}


def _relaxation_behind(structure: Node) -> WorkChainNode | None:
    """Return the relaxation that produced a relaxed slab."""
    creator = creator_of(structure)
    if isinstance(creator, CalcFunctionNode) and creator.process_label == READ_AGAIN:
        creator = creator_of(inputs_of(creator)['retrieved'])
    called = links_of(creator, CALLS, incoming=True) if creator is not None else []
    caller = called[0].node if called else None
    return caller if isinstance(caller, WorkChainNode) else None
