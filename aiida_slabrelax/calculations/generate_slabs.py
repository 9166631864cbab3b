"""The calculation function that cuts a bulk crystal into slabs."""

from typing import Any

from aiida.engine import ExitCode, calcfunction
from aiida.orm import Dict, Float, Int, List, StructureData

from ..surfaces import (
    SlabGenerationError,
    Termination,
    describe_excluded,
    describe_termination,
    format_plane,
    survey,
)
from .option_ports import declare_options, make_options
from .structures import check_bulk_node, to_pymatgen, to_structure_data

SLAB_GENERATION_FAILED = 310
"""The exit status when there is no such slab; the message says why."""


@calcfunction
def generate_slabs(
    bulk_structure: StructureData,
    miller_indices: List | None = None,
    max_index: Int | None = None,
    kpoints_spacing: Float | None = None,
    **options: Any,
) -> dict[str, Any] | ExitCode:
    """Cut every termination of a surface, or of several.

    The outputs are ``slabs.<label>``, the slabs; ``terminations``, a dictionary with what there is
    to know of each by its label, as :func:`~aiida_slabrelax.surfaces.describe_termination` says;
    and ``dropped``, a list of what was excluded: ``miller_indices``, ``what`` and ``reason``.

    The other inputs, ``options``, are those of :class:`~aiida_slabrelax.slab_options.SlabOptions`,
    each a port; what is not given is as there.

    :param bulk_structure: The crystal; planes refer to its cell as it is.
    :param miller_indices: A plane: three integers, or four (hkil) for a hexagonal cell; or several.
    :param max_index: The largest index, in place of planes: all that symmetry tells apart.
    :param kpoints_spacing: The largest distance of k-points, in 2π/Å, for the meshes told.
    """
    problem = check_bulk_node(bulk_structure)
    if problem:
        return ExitCode(SLAB_GENERATION_FAILED, problem)
    bulk = to_pymatgen(bulk_structure)
    try:
        found = survey(
            bulk,
            None if miller_indices is None else miller_indices.get_list(),
            make_options(options),
            None if max_index is None else max_index.value,
        )
    except SlabGenerationError as error:
        return ExitCode(SLAB_GENERATION_FAILED, str(error))

    spacing = None if kpoints_spacing is None else kpoints_spacing.value
    slabs, terminations = {}, {}
    for termination in found.terminations:
        node = to_structure_data(termination.structure, kinds_from=bulk_structure)
        node.label = termination.label
        node.description = _describe(termination, bulk.composition.reduced_formula)
        slabs[termination.label] = node
        terminations[termination.label] = describe_termination(termination, spacing)
    excluded = [describe_excluded(one) for one in found.excluded]
    return {'slabs': slabs, 'terminations': Dict(terminations), 'dropped': List(excluded)}


declare_options(generate_slabs)


def _describe(termination: Termination, bulk_formula: str) -> str:
    plane = format_plane(termination.miller_indices)
    return f'{termination.formula}, {bulk_formula} {plane}, shift {termination.shift:.3f}'
