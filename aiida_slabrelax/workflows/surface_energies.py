"""The workflow from a crystal to the surface energies of its terminations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from aiida.engine import ExitCode
from aiida.orm import AbstractCode, Dict, Float, Int, Str, StructureData

from ..calculations.read_settings import read_settings
from ..calculations.surface_energies import (
    NO_SURFACE_ENERGY,
    NOT_COMPARABLE,
    calculate_surface_energies,
)
from ..durable import ChildFailed, local, report, workflow
from ..durable.lines import Line
from .energy_checks import check_eliminated, check_level, check_phases
from .energy_level import Level, choose_inputs
from .energy_runs import (
    Computed,
    NotComputedError,
    Parts,
    compute_oriented,
    compute_phase,
    compute_unrelaxed,
    finish,
    relax_slabs,
    start,
)
from .slab_cuts import Slabs, cut_slabs

#: What a workflow of surface energies can end with beside 0, and the message.
EXIT_CODES = {
    'ERROR_SLAB_GENERATION_FAILED': (310, 'No slabs could be cut: {message}'),
    'ERROR_NOT_COMPARABLE': (330, '{message}'),
    'ERROR_NO_SURFACE_ENERGY': (331, '{message}'),
    'ERROR_ALL_RELAXATIONS_FAILED': (401, 'No slab has an energy: {details}'),
    'ERROR_SOME_PARTS_FAILED': (402, '{failed} of {total} parts failed: {details}'),
    'ERROR_BULK_FAILED': (403, 'The bulk has no energy: {message}'),
}


class SurfaceEnergies(TypedDict, total=False):
    """The outputs; of a run with an exit code those that there are."""

    surface_energies: Dict
    refused: Dict
    cleavage_energies: Dict
    stability: Dict
    relaxed_bulk: StructureData
    bulk_energy: Float
    relaxed_slabs: dict[str, StructureData]
    slab_energies: dict[str, Float]
    terminations: Dict
    settings: Dict


def _validate(
    code: AbstractCode,
    bulk_structure: StructureData,
    miller_indices: list[Any] | None,
    max_index: int | None,
    protocol: str,
    overrides: dict[str, Any] | None,
    options: dict[str, Any] | None,
    unrelaxed: bool,
    oriented_bulk: bool,
    references: dict[str, StructureData] | None,
    competing: dict[str, StructureData] | None,
    eliminated: str | None,
) -> str | None:
    """Return what is wrong with the arguments of the workflow."""
    surfaces = {'miller_indices': miller_indices, 'max_index': max_index}
    cut = {name: value for name, value in surfaces.items() if value is not None}
    problem = check_level(code, bulk_structure, cut, protocol, overrides, options)
    if problem is not None:
        return problem
    level = Level(code, choose_inputs(protocol, overrides), options or {})
    return check_eliminated(eliminated, bulk_structure) or check_phases(
        level, bulk_structure, references or {}, competing or {}
    )


@workflow(exit_codes=EXIT_CODES, validate=_validate)
async def surface_energies(
    code: AbstractCode,
    bulk_structure: StructureData,
    miller_indices: list[Any] | None = None,
    max_index: int | None = None,
    protocol: str = 'balanced',
    overrides: dict[str, Any] | None = None,
    options: dict[str, Any] | None = None,
    unrelaxed: bool = False,
    oriented_bulk: bool = False,
    references: dict[str, StructureData] | None = None,
    competing: dict[str, StructureData] | None = None,
    eliminated: str | None = None,
) -> SurfaceEnergies | ExitCode | tuple[SurfaceEnergies, ExitCode]:
    """Compute the surface energies of a crystal from its bulk, its slabs and its references.

    :param code: The code of the plugin ``vasp.vasp``.
    :param bulk_structure: The crystal; its cell and its ions are relaxed first.
    :param miller_indices: A surface [h, k, l] in the cell of the crystal, or a list of several.
    :param max_index: In place of Miller indices: all surfaces with indices up to this that symmetry
        tells apart.
    :param protocol: ``fast``, ``balanced`` or ``stringent``; those of SlabRelaxWorkChain.
    :param overrides: Values that replace those of the protocol, nested like the inputs of
        SlabRelaxWorkChain. What is under ``vasp`` holds for everything that is computed.
    :param options: The options of the calculations: resources, queue, wall time, ….
    :param unrelaxed: Whether to compute the slabs as they were cut too.
    :param oriented_bulk: Whether to compute the bulk in the cell of the slabs of each plane, with
        their k-points, in place of its own cell.
    :param references: By element, its crystal, or its molecule in a box.
    :param competing: By name, phases that limit the stability of the crystal.
    :param eliminated: The element whose chemical potential the bulk fixes.
    """
    level = Level(code, local(choose_inputs, protocol, overrides), options or {})
    phases = {
        'references': start(
            {
                element: compute_phase(level, structure, f'reference {element}')
                for element, structure in sorted((references or {}).items())
            }
        ),
        'competing': start(
            {
                name: compute_phase(level, structure, name)
                for name, structure in sorted((competing or {}).items())
            }
        ),
    }
    try:
        bulk = await compute_phase(level, bulk_structure, 'bulk')
    except NotComputedError as error:
        await _finish_all(phases)
        return fail('ERROR_BULK_FAILED', message=error)
    outputs: SurfaceEnergies = {'relaxed_bulk': bulk.structure, 'bulk_energy': bulk.energy}
    try:
        slabs = cut_slabs(level, bulk.structure, miller_indices, max_index)
    except ChildFailed as error:
        await _finish_all(phases)
        return outputs, fail('ERROR_SLAB_GENERATION_FAILED', message=error.exit_message)
    outputs['terminations'] = slabs.terminations

    points = slabs.structures.items() if unrelaxed else ()
    cells = _find_cells(slabs) if oriented_bulk else {}
    extras = {
        'unrelaxed': start(
            {label: compute_unrelaxed(level, bulk.structure, slab, label) for label, slab in points}
        ),
        'oriented': start(
            {
                label: compute_oriented(
                    level,
                    bulk.structure,
                    slabs.facts[label]['miller_indices'],
                    slabs.structures[label],
                    f'bulk in the cell of {label}',
                )
                for label in cells
            }
        ),
    }
    relaxed = await relax_slabs(level, bulk.structure, slabs.structures)
    parts = {'slabs': relaxed, **await _finish_all(phases), **await _finish_all(extras)}
    outputs['relaxed_slabs'] = {label: one.structure for label, one in relaxed.done.items()}
    outputs['slab_energies'] = {label: one.energy for label, one in relaxed.done.items()}

    failures = {
        **slabs.missed,
        **{_name(kind, name): why for kind in parts for name, why in parts[kind].failed.items()},
    }
    details = '; '.join(f'{name}: {why}' for name, why in failures.items())
    if not relaxed.done:
        return outputs, fail('ERROR_ALL_RELAXATIONS_FAILED', details=details)
    settings = read_settings(Float(level.kpoints_spacing), **_told(bulk, parts))
    outputs['settings'] = settings
    try:
        results: Any = calculate_surface_energies(
            bulk_structure=bulk.structure,
            bulk_energy=bulk.energy,
            terminations=slabs.terminations,
            settings=settings,
            eliminated=None if eliminated is None else Str(eliminated),
            relaxed_faces=Int(level.relaxed_faces),
            **_energies(parts, cells),
        )
    except ChildFailed as error:
        if error.exit_status not in (NOT_COMPARABLE, NO_SURFACE_ENERGY):
            raise
        details = '; '.join(filter(None, [error.exit_message, details]))
        return outputs, ExitCode(error.exit_status, details)
    outputs.update(results)
    for label, reason in results['refused'].get_dict().items():
        report(f'{label} has no surface energy: {reason}')
    if failures:
        total = sum(len(one.done) + len(one.failed) for one in parts.values()) + len(slabs.missed)
        return outputs, fail(
            'ERROR_SOME_PARTS_FAILED', failed=len(failures), total=total + 1, details=details
        )
    return outputs


def fail(name: str, **values: Any) -> ExitCode:
    """Return one of the :data:`EXIT_CODES`."""
    status, message = EXIT_CODES[name]
    return ExitCode(status, message.format(**values))


async def _finish_all(started: Mapping[str, Line]) -> dict[str, Parts]:
    return {kind: await finish(one) for kind, one in started.items()}


def _find_cells(slabs: Slabs) -> dict[str, list[str]]:
    """Return, by the label of a slab, all slabs that have its plane, cell and k-points."""
    cells: dict[Any, list[str]] = {}
    for label, facts in slabs.facts.items():
        key = (*facts['miller_indices'], *facts['kpoints'], round(facts['area'], 3))
        cells.setdefault(key, []).append(label)
    return {labels[0]: labels for labels in cells.values()}


def _name(kind: str, name: str) -> str:
    """Return how a part that failed is called."""
    names = {
        'references': f'reference {name}',
        'unrelaxed': f'{name} unrelaxed',
        'oriented': f'bulk in the cell of {name}',
    }
    return names.get(kind, name)


def _told(bulk: Computed, parts: Mapping[str, Parts]) -> dict[str, Any]:
    """Return the inputs of ``read_settings``."""
    told: dict[str, Any] = {'bulk': bulk.settings()}
    for kind, one in parts.items():
        if one.done:
            told[kind] = {name: computed.settings() for name, computed in one.done.items()}
    return told


def _energies(parts: Mapping[str, Parts], cells: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return the namespaces of ``calculate_surface_energies``."""
    oriented = {
        label: one for first, one in parts['oriented'].done.items() for label in cells[first]
    }
    slabs = parts['slabs'].done
    found = {
        'slabs': {label: one.structure for label, one in slabs.items()},
        'energies': {label: one.energy for label, one in slabs.items()},
        'unrelaxed_energies': {label: one.energy for label, one in parts['unrelaxed'].done.items()},
        'oriented_structures': {label: one.structure for label, one in oriented.items()},
        'oriented_energies': {label: one.energy for label, one in oriented.items()},
    }
    for kind, name in (('references', 'reference'), ('competing', 'competing')):
        done = parts[kind].done
        found[f'{name}_structures'] = {one: phase.structure for one, phase in done.items()}
        found[f'{name}_energies'] = {one: phase.energy for one, phase in done.items()}
    return {name: nodes for name, nodes in found.items() if nodes}
