"""A run of surface energies before it is submitted: its slabs, and the inputs that VASP would get.

The slabs are those of the given crystal; the run cuts them from the relaxed one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aiida.orm import StructureData

from ...calculations.cuts import cut_nodes, cut_thicknesses, nodes_of
from ...calculations.orient_bulk import bulk_in_cell_of, kpoints_of
from ...calculations.structures import check_bulk_node
from ...surfaces import Survey, describe_termination
from ..slab_relax.dry_run import (
    PlannedCalculation,
    PlannedPrerelaxations,
    plan_calculation,
    plan_calculations,
    plan_prerelaxations,
)
from .cuts import cells_of
from .runs import unrelaxed_inputs
from .settings import RELAX_CELL, SINGLE_POINT, CalculationSettings, choose_inputs


@dataclass(frozen=True)
class PlannedRun:
    """A run that is not submitted.

    :ivar inputs: the inputs of a SlabRelaxWorkChain that cuts and relaxes the same slabs.
    :ivar found: the slabs.
    :ivar slabs: the first calculation of each slab.
    :ivar before: those of pre-relaxations, if there are any.
    :ivar others: those of bulk, references, competing phases and unrelaxed slabs.
    """

    inputs: Mapping[str, Any]
    found: Survey
    slabs: list[PlannedCalculation]
    before: PlannedPrerelaxations | None
    others: list[PlannedCalculation]


def plan_run(inputs: Mapping[str, Any]) -> PlannedRun:
    """Cut the slabs of the given crystal and prepare the calculations of a run; store nothing.

    :param inputs: the valid arguments of ``SurfaceEnergiesWorkChain`` or
        ``ConvergeThicknessWorkChain``.
    :raises SlabGenerationError: if there is no slab.
    :raises CannotPlanError: if aiida-vasp refuses the inputs of a calculation.
    """
    chosen = choose_inputs(inputs.get('protocol', 'balanced'), inputs.get('overrides'))
    settings = CalculationSettings(
        inputs['code'], chosen, inputs.get('options') or {}, inputs.get('prerelax')
    )
    bulk = inputs['bulk_structure']
    planes = {name: inputs[name] for name in ('miller_indices', 'max_index') if name in inputs}
    of_slabs = settings.slab_relax_inputs(bulk, planes)
    if 'thicknesses' in inputs:
        found = Survey(cut_thicknesses(of_slabs, inputs['thicknesses']), [])
    else:
        found = cut_nodes(of_slabs)
    structures, symmetry = nodes_of(found, bulk)
    others = list(_phases(settings, bulk, inputs))
    if inputs.get('oriented_bulk'):
        others += _oriented(settings, bulk, found, structures)
    if inputs.get('unrelaxed'):
        once = unrelaxed_inputs(settings, bulk, structures)
        others += [
            replace(calculation, label=f'{calculation.label}_unrelaxed')
            for calculation in plan_calculations(once, structures, symmetry)
        ]
    slabs = list(plan_calculations(of_slabs, structures, symmetry))
    before = plan_prerelaxations(of_slabs, structures, symmetry)
    return PlannedRun(of_slabs, found, slabs, before, others)


def _phases(
    settings: CalculationSettings, bulk: StructureData, inputs: Mapping[str, Any]
) -> Iterator[PlannedCalculation]:
    """Yield the calculations of bulk, references and competing phases."""
    references, competing = inputs.get('references') or {}, inputs.get('competing') or {}
    phases = {
        'bulk': bulk,
        **{f'reference_{element}': references[element] for element in sorted(references)},
        **{name: competing[name] for name in sorted(competing)},
    }
    for name, structure in phases.items():
        if check_bulk_node(structure) is not None:
            yield _plan(settings, name, structure)
            continue
        yield _plan(settings, name, structure, **RELAX_CELL)
        yield _plan(settings, f'{name}_in_its_last_cell', structure, **SINGLE_POINT)


def _oriented(
    settings: CalculationSettings,
    bulk: StructureData,
    found: Survey,
    slabs: Mapping[str, StructureData],
) -> Iterator[PlannedCalculation]:
    """Yield the calculations of the bulk in the cells of the slabs."""
    spacing = settings.kpoints_spacing
    described = {slab.label: describe_termination(slab, spacing) for slab in found.terminations}
    for label in cells_of(described):
        oriented = bulk_in_cell_of(slabs[label], bulk, described[label]['miller_indices'])
        inputs = settings.vasp_inputs(oriented, **SINGLE_POINT)
        del inputs['kpoints_spacing']
        kpoints = kpoints_of(oriented, spacing)
        given = {**inputs, 'structure': oriented, 'kpoints': kpoints}
        yield plan_calculation(f'bulk_in_the_cell_of_{label}', given)


def _plan(
    settings: CalculationSettings, name: str, structure: StructureData, **tags: Any
) -> PlannedCalculation:
    inputs = {**settings.vasp_inputs(structure, **tags), 'structure': structure}
    return plan_calculation(name, inputs)
