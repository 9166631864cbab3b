"""The calculations of a durable workflow whose energies are compared, and their results."""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from aiida.orm import CalcJobNode, Dict, Float, List, StructureData, WorkChainNode
from aiida_vasp.utils.dict_merge import recursive_merge

from ...calculations.gather_energies import gather_energies
from ...calculations.orient_bulk import orient_bulk, oriented_kpoints
from ...calculations.structures import check_bulk_node
from ...durable import ChildFailed, gather, submit
from ...engine.links import outputs_of
from ...results.relaxations.screening import excluded_by
from ...results.relaxations.sources import (
    NEEDED,
    Source,
    calculations,
    describe_end,
    describe_failure,
    find_source,
)
from ...results.runs import relaxations_of
from ..slab_relax.own_inputs import choose, make_own_inputs, sources
from ..slab_relax.relaxation_inputs import relaxation_inputs
from ..slab_relax.slab_overrides import lower_incar
from ..slab_relax.work_chain import SlabRelaxWorkChain
from ..vasp.work_chain import VaspWorkChain
from .settings import RELAX_CELL, SINGLE_POINT, CalculationSettings

#: Concurrent computations: the result of each, by name.
Started = Awaitable[Mapping[str, Any]]


class NotComputedError(Exception):
    """Something has no energy; the message says why."""


@dataclass(frozen=True)
class Computed:
    """A structure and its energy.

    :ivar structure: the structure for which the energy was computed.
    :ivar energy: the energy of its cell, in eV.
    :ivar calculation: the VaspCalculation, whose inputs are its settings.
    """

    structure: StructureData
    energy: Float
    calculation: CalcJobNode

    def settings(self) -> dict[str, Any]:
        """Return the nodes with its settings, for ``read_settings``."""
        return settings_of(self.calculation)


def settings_of(calculation: CalcJobNode) -> dict[str, Any]:
    """Return the nodes with the settings of a VaspCalculation, for ``read_settings``."""
    inputs: Any = calculation.inputs
    return {
        'parameters': inputs.parameters,
        'kpoints': inputs.kpoints,
        'structure': inputs.structure,
        'potential': dict(inputs.potential),
    }


@dataclass(frozen=True)
class Parts:
    """Parts of a workflow by name: those that have an energy, and why the others have none.

    :ivar screening: the output of that name of the run of the slabs; those that it excludes are
        neither done nor failed.
    """

    done: dict[str, Computed]
    failed: dict[str, str]
    screening: Dict | None = None


def start(parts: Mapping[str, Coroutine[Any, Any, Computed]]) -> Started:
    """Start several computations concurrently; :func:`finish_all` waits for them."""
    return gather(dict(parts), return_exceptions=True)


def start_phases(
    settings: CalculationSettings, phases: Mapping[str, StructureData], name: str
) -> Started:
    """Start the computations of crystals and molecules.

    :param name: their name, with ``{}`` for the key of each.
    """
    return start(
        {
            key: compute_phase(settings, structure, name.format(key))
            for key, structure in sorted(phases.items())
        }
    )


async def finish_all(started: Mapping[str, Started]) -> dict[str, Parts]:
    """Wait until all computations have ended; a failure does not end the others."""
    return {kind: _read(await task) for kind, task in started.items()}


def _read(results: Mapping[str, Computed | Exception]) -> Parts:
    done, failed = {}, {}
    for name, result in results.items():
        if isinstance(result, NotComputedError):
            failed[name] = str(result)
        elif isinstance(result, Exception):
            raise result
        else:
            done[name] = result
    return Parts(done, failed)


async def compute_phase(
    settings: CalculationSettings, structure: StructureData, name: str
) -> Computed:
    """Relax a crystal and compute it once more in its last cell; or relax the ions of a molecule.

    The energy at the end of a relaxation of the cell belongs to the plane waves of the first cell,
    not to the cut-off: it is not comparable with that of a slab.

    :param structure: a molecule if it is in a box, with an empty slice.
    :param name: for the label of the processes.
    :raises NotComputedError: if it has no energy.
    """
    if check_bulk_node(structure) is not None:
        return await _compute(settings.vasp_inputs(structure), structure, name)
    relaxed = await _compute(settings.vasp_inputs(structure, **RELAX_CELL), structure, name)
    inputs = settings.vasp_inputs(relaxed.structure, **SINGLE_POINT)
    return await _compute(inputs, relaxed.structure, name, relaxes=False)


async def compute_oriented(
    settings: CalculationSettings,
    bulk: StructureData,
    plane: list[int],
    slab: StructureData,
    name: str,
) -> Computed:
    """Compute the bulk in the cell of a slab, with the k-points of the slab in its plane.

    :param plane: the Miller indices of the slab.
    :raises NotComputedError: if it has no such cell or no energy.
    """
    try:
        oriented: Any = orient_bulk(bulk, List(plane), slab)
    except ChildFailed as error:
        raise NotComputedError(error.exit_message) from error
    inputs = settings.vasp_inputs(oriented, **SINGLE_POINT)
    kpoints = oriented_kpoints(oriented, inputs.pop('kpoints_spacing'))
    return await _compute({**inputs, 'kpoints': kpoints}, oriented, name, relaxes=False)


def prepare_unrelaxed(
    settings: CalculationSettings, bulk: StructureData, slabs: Mapping[str, StructureData]
) -> dict[str, dict[str, Any]]:
    """Return the inputs of VaspWorkChain for unrelaxed slabs, by label.

    They are single calculations with the settings of the relaxation.
    """
    if not slabs:
        return {}
    inputs = unrelaxed_inputs(settings, bulk, slabs)
    made: Any = make_own_inputs(**sources(inputs, inputs['vasp'], slabs))
    assigned = made['assigned'].get_dict()
    found = {}
    for label, slab in slabs.items():
        own = choose(assigned, label, lambda port, first: made[port][first])
        found[label] = dict(relaxation_inputs(inputs, inputs['vasp'], own, label, slab))
        found[label]['metadata'].pop('call_link_label')  # that of its relaxation
    return found


def unrelaxed_inputs(
    settings: CalculationSettings, bulk: StructureData, slabs: Mapping[str, StructureData]
) -> dict[str, Any]:
    """Return the inputs of a SlabRelaxWorkChain in which each slab is calculated once, unstored."""
    ports = SlabRelaxWorkChain.spec().inputs
    inputs = dict(ports.pre_process({**settings.relaxation_inputs(bulk), 'slabs': dict(slabs)}))
    for name in ('fix', 'prerelax', 'screen'):
        inputs.pop(name, None)
    given = inputs['slab_overrides'].get_dict() if inputs.get('slab_overrides') else {}
    # Overrides of a label take precedence over all others.
    once = {label: _once(given.get(label, {})) for label in slabs}
    return {**inputs, 'slab_overrides': Dict({**given, **once})}


def _once(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the overrides for a single calculation of a slab."""
    parameters = lower_incar('parameters', changes.get('parameters', {}))
    return {**changes, 'parameters': recursive_merge(parameters, {'incar': SINGLE_POINT})}


async def compute_unrelaxed(inputs: Mapping[str, Any], label: str) -> Computed:
    """Compute an unrelaxed slab.

    :param inputs: its inputs from :func:`prepare_unrelaxed`.
    :raises NotComputedError: if it has no energy.
    """
    return await _compute(inputs, inputs['structure'], f'{label} unrelaxed', relaxes=False)


async def relax_slabs(
    settings: CalculationSettings,
    bulk: StructureData,
    slabs: Mapping[str, Any],
    references: Mapping[str, StructureData] | None = None,
) -> Parts:
    """Relax all slabs in a SlabRelaxWorkChain; failures do not affect the others.

    :param bulk: the bulk from which they were cut.
    :param slabs: by label.
    :param references: by element, with which slabs are screened.
    """
    inputs = {**settings.relaxation_inputs(bulk, references), 'slabs': dict(slabs)}
    try:
        node = (await submit(SlabRelaxWorkChain, **inputs)).node
    except ChildFailed as error:
        node = error.node
    except ValueError as error:  # from the validators of the work chain
        return Parts({}, dict.fromkeys(slabs, str(error)))
    assert isinstance(node, WorkChainNode)
    done, failed = {}, {}
    relaxations = relaxations_of(node)
    energies = dict(node.outputs.slab_energies) if 'slab_energies' in node.outputs else {}
    excluded = excluded_by(node)
    for label in slabs.keys() - excluded.keys():
        source = find_source(relaxations[label]) if label in relaxations else None
        if source is not None and label in energies:
            calculation = _calculation(source)
            relaxed = node.outputs.relaxed_slabs[label]
            done[label] = Computed(relaxed, energies[label], calculation)
        elif source is None and label in relaxations:
            failed[label] = describe_failure(relaxations[label])
        else:
            failed[label] = describe_end(node)
    return Parts(done, failed, outputs_of(node).get('screening'))


async def _compute(
    inputs: Mapping[str, Any], structure: StructureData, name: str, relaxes: bool = True
) -> Computed:
    """Run a VaspWorkChain; its last calculation counts."""
    needed = NEEDED if relaxes else ('misc',)
    metadata = {**inputs.get('metadata', {}), 'label': name}
    try:
        call = submit(VaspWorkChain, **{**inputs, 'structure': structure, 'metadata': metadata})
        node = (await call).node
    except ChildFailed as error:
        node = error.node
    except ValueError as error:  # from the validators of the work chain
        raise NotComputedError(str(error)) from error
    assert isinstance(node, WorkChainNode)
    source = find_source(node, needed)
    if source is None:
        raise NotComputedError(describe_failure(node, needed))
    try:
        misc: Any = {'energy': source.misc}
        gathered: Any = gather_energies(misc=misc)
    except ChildFailed as error:
        raise NotComputedError(error.exit_message) from error
    relaxed = source.structure if relaxes else structure
    return Computed(relaxed, gathered['energies']['energy'], _calculation(source))


def _calculation(source: Source) -> CalcJobNode:
    process = source.process
    return process if isinstance(process, CalcJobNode) else calculations(process)[0]
