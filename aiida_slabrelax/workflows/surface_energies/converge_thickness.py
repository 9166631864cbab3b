"""The workflow that computes surface energies as a function of the thickness of the slabs."""

from __future__ import annotations

from typing import Any, cast

from aiida.engine import ExitCode
from aiida.orm import AbstractCode, Dict, Str, StructureData

from ...calculations.fit_thicknesses import fit_thicknesses
from ...calculations.structures import to_structure
from ...durable import side_effect, workflow
from ...surfaces import split_surfaces
from .beginning import NotBegunError, compute_bulk_and_cut
from .checks import check_calculations, check_eliminated, check_phases, check_thicknesses
from .cuts import cut_thicknesses
from .outputs import EXIT_CODES, conclude, phase_energies
from .runs import finish_all, relax_slabs, start_phases
from .settings import CalculationSettings, choose_inputs
from .workflow import SurfaceEnergies


class ThicknessConvergence(SurfaceEnergies, total=False):
    """The outputs; a run with an exit code may lack some."""

    convergence: Dict


def _validate(
    code: AbstractCode,
    bulk_structure: StructureData,
    miller_indices: list[Any],
    thicknesses: list[float],
    protocol: str,
    overrides: dict[str, Any] | None,
    options: dict[str, Any] | None,
    references: dict[str, StructureData] | None,
    eliminated: str | None,
    prerelax: AbstractCode | None,
) -> str | None:
    """Return a message on invalid arguments of the workflow, or ``None``."""
    if len(split_surfaces(miller_indices)) != 1:
        return f'`miller_indices` must be those of one surface, got {miller_indices}'
    if (overrides or {}).get('in_unit_planes'):
        return '`overrides`: `thicknesses` are in Å, which `in_unit_planes` does not suit'
    if (overrides or {}).get('screen') is not None:
        return '`overrides`: `screen` compares terminations, not `thicknesses`'
    if (overrides or {}).get('layers') is not None:
        return '`overrides`: `layers` has no effect beside `thicknesses`'
    cut = {'miller_indices': miller_indices}
    problem = check_thicknesses(thicknesses) or check_calculations(
        code, bulk_structure, cut, protocol, overrides, options, prerelax
    )
    if problem is not None:
        return problem
    settings = CalculationSettings(code, choose_inputs(protocol, overrides), options or {})
    return check_eliminated(eliminated, bulk_structure) or check_phases(
        settings, bulk_structure, references or {}, {}
    )


@workflow(
    exit_codes=EXIT_CODES,
    validate=_validate,
    serializers={'bulk_structure': to_structure},
)
async def ConvergeThicknessWorkChain(
    code: AbstractCode,
    bulk_structure: StructureData,
    miller_indices: list[Any],
    thicknesses: list[float],
    protocol: str = 'balanced',
    overrides: dict[str, Any] | None = None,
    options: dict[str, Any] | None = None,
    references: dict[str, StructureData] | None = None,
    eliminated: str | None = None,
    prerelax: AbstractCode | None = None,
) -> ThicknessConvergence | ExitCode | tuple[ThicknessConvergence, ExitCode]:
    """Compute the surface energies of a surface from slabs of several thicknesses.

    :param code: The code of the plugin ``vasp.vasp``.
    :param bulk_structure: The crystal; its cell and its ions are relaxed first.
    :param miller_indices: The surface [h, k, l] in the cell of the crystal.
    :param thicknesses: The requested thicknesses in Å; at least two.
    :param protocol: ``fast``, ``balanced``, ``stringent`` or ``name@file``, of SlabRelaxWorkChain.
    :param overrides: Values that override those of the protocol, nested like the inputs of
        SlabRelaxWorkChain. Those under ``vasp`` apply to all calculations.
    :param options: The options of the calculations: resources, queue, wall time, ….
    :param references: By element, its crystal, or its molecule in a box.
    :param eliminated: The element whose chemical potential the bulk fixes.
    :param prerelax: A code that relaxes each slab before; its inputs begin as those of ``vasp``,
        and those under ``prerelax`` in the overrides are laid over them.
    """
    settings = CalculationSettings(
        code, side_effect(choose_inputs, protocol, overrides), options or {}, prerelax
    )
    phases = {'references': start_phases(settings, references or {}, 'reference {}')}
    try:
        bulk, slabs, begun = await compute_bulk_and_cut(
            settings,
            bulk_structure,
            lambda bulk: cut_thicknesses(settings, bulk, miller_indices, thicknesses),
            phases,
        )
    except NotBegunError as error:
        return cast(ThicknessConvergence, error.outputs), error.exit_code
    outputs = cast(ThicknessConvergence, begun)
    relaxed = await relax_slabs(settings, bulk.structure, slabs.structures)
    parts = {'slabs': relaxed, **await finish_all(phases)}
    results, exit_code = conclude(settings, bulk, slabs, parts, {}, eliminated)
    outputs.update(cast(ThicknessConvergence, results))
    if 'surface_energies' in outputs:
        kept = outputs['surface_energies'].get_dict()
        fitted: Any = fit_thicknesses(
            bulk_structure=bulk.structure,
            bulk_energy=bulk.energy,
            terminations=slabs.terminations,
            eliminated=None if eliminated is None else Str(eliminated),
            slabs={label: relaxed.done[label].structure for label in sorted(kept)},
            energies={label: relaxed.done[label].energy for label in sorted(kept)},
            **phase_energies(parts),
        )
        outputs['convergence'] = fitted['convergence']
    return outputs if exit_code is None else (outputs, exit_code)
