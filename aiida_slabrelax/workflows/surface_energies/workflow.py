"""The workflow from a crystal to the surface energies of its terminations."""

from __future__ import annotations

from typing import Any, TypedDict, cast

from aiida.engine import ExitCode
from aiida.orm import AbstractCode, Dict, Float, StructureData

from ...calculations.structures import to_structure
from ...durable import side_effect, workflow
from .beginning import NotBegunError, compute_bulk_and_cut
from .checks import check_calculations, check_eliminated, check_phases
from .cuts import cells_of, cut_slabs
from .outputs import EXIT_CODES, conclude
from .runs import (
    compute_oriented,
    compute_unrelaxed,
    finish_all,
    prepare_unrelaxed,
    relax_slabs,
    start,
    start_phases,
)
from .settings import CalculationSettings, choose_inputs


class SurfaceEnergies(TypedDict, total=False):
    """The outputs; a run with an exit code may lack some."""

    surface_energies: Dict
    refused: Dict
    cleavage_energies: Dict
    stability: Dict
    relaxed_bulk: StructureData
    bulk_energy: Float
    relaxed_slabs: dict[str, StructureData]
    slab_energies: dict[str, Float]
    screening: Dict
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
    prerelax: AbstractCode | None,
) -> str | None:
    """Return a message on invalid arguments of the workflow, or ``None``."""
    surfaces = {'miller_indices': miller_indices, 'max_index': max_index}
    cut = {name: value for name, value in surfaces.items() if value is not None}
    problem = check_calculations(code, bulk_structure, cut, protocol, overrides, options, prerelax)
    if problem is not None:
        return problem
    settings = CalculationSettings(code, choose_inputs(protocol, overrides), options or {})
    return check_eliminated(eliminated, bulk_structure) or check_phases(
        settings, bulk_structure, references or {}, competing or {}
    )


@workflow(
    exit_codes=EXIT_CODES,
    validate=_validate,
    serializers={'bulk_structure': to_structure},
)
async def SurfaceEnergiesWorkChain(
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
    prerelax: AbstractCode | None = None,
) -> SurfaceEnergies | ExitCode | tuple[SurfaceEnergies, ExitCode]:
    """Compute the surface energies of a crystal from its bulk, its slabs and its references.

    :param code: The code of the plugin ``vasp.vasp``.
    :param bulk_structure: The crystal; its cell and its ions are relaxed first.
    :param miller_indices: A surface [h, k, l] in the cell of the crystal, or a list of several.
    :param max_index: Instead of Miller indices: all symmetry-distinct surfaces with indices up to
        this.
    :param protocol: ``fast``, ``balanced``, ``stringent`` or ``name@file``, of SlabRelaxWorkChain.
    :param overrides: Values that override those of the protocol, nested like the inputs of
        SlabRelaxWorkChain. Those under ``vasp`` apply to all calculations.
    :param options: The options of the calculations: resources, queue, wall time, ….
    :param unrelaxed: Whether to compute the unrelaxed slabs too.
    :param oriented_bulk: Whether to compute the bulk in the cell of the slabs of each plane, with
        their k-points, instead of its own cell.
    :param references: By element, its crystal, or its molecule in a box.
    :param competing: By name, phases that limit the stability of the crystal.
    :param eliminated: The element whose chemical potential the bulk fixes.
    :param prerelax: A code that relaxes each slab before; its inputs begin as those of ``vasp``,
        and those under ``prerelax`` in the overrides are laid over them.
    """
    settings = CalculationSettings(
        code, side_effect(choose_inputs, protocol, overrides), options or {}, prerelax
    )
    phases = {
        'references': start_phases(settings, references or {}, 'reference {}'),
        'competing': start_phases(settings, competing or {}, '{}'),
    }
    try:
        bulk, slabs, begun = await compute_bulk_and_cut(
            settings,
            bulk_structure,
            lambda bulk: cut_slabs(settings, bulk, miller_indices, max_index),
            phases,
        )
    except NotBegunError as error:
        return cast(SurfaceEnergies, error.outputs), error.exit_code
    outputs = cast(SurfaceEnergies, begun)

    cells = cells_of(slabs.by_label) if oriented_bulk else {}
    extras = {
        'unrelaxed': start(
            {
                label: compute_unrelaxed(inputs, label)
                for label, inputs in prepare_unrelaxed(
                    settings, bulk.structure, slabs.structures if unrelaxed else {}
                ).items()
            }
        ),
        'oriented': start(
            {
                label: compute_oriented(
                    settings,
                    bulk.structure,
                    slabs.by_label[label]['miller_indices'],
                    slabs.structures[label],
                    f'bulk in the cell of {label}',
                )
                for label in cells
            }
        ),
    }
    relaxed = await relax_slabs(settings, bulk.structure, slabs.structures, references)
    parts = {'slabs': relaxed, **await finish_all({**phases, **extras})}
    results, exit_code = conclude(settings, bulk, slabs, parts, cells, eliminated)
    outputs.update(cast(SurfaceEnergies, results))
    return outputs if exit_code is None else (outputs, exit_code)
