"""The calculation function that cuts every termination of a surface at several thicknesses."""

from __future__ import annotations

from typing import Any

from aiida.engine import ExitCode, calcfunction
from aiida.orm import Dict, Float, List, StructureData

from ..surfaces import SlabGenerationError, Termination, describe_termination, survey
from .generate_slabs import SLAB_GENERATION_FAILED
from .option_ports import declare_options, make_options
from .structures import check_bulk_node, to_pymatgen, to_structure_data


@calcfunction
def generate_thicknesses(
    bulk_structure: StructureData,
    miller_indices: List,
    thicknesses: List,
    kpoints_spacing: Float | None = None,
    **options: Any,
) -> dict[str, Any] | ExitCode:
    """Cut every termination of a surface at several thicknesses.

    The outputs are ``slabs.<label>`` and ``terminations`` as those of ``generate_slabs``. A label,
    ``slab_00_12``, is the number of the termination, by its identity, and that of its atoms. Of
    thicknesses that give one slab there is one.

    The other inputs are those options of ``generate_slabs``, each a port, that are left.

    :param bulk_structure: The crystal.
    :param miller_indices: Its plane: three integers, or four (hkil) for a hexagonal cell.
    :param thicknesses: Those asked for, in Å.
    :param kpoints_spacing: The largest distance of k-points, in 2π/Å, for the meshes told.
    """
    problem = check_bulk_node(bulk_structure)
    if problem:
        return ExitCode(SLAB_GENERATION_FAILED, problem)
    bulk, found = to_pymatgen(bulk_structure), dict[tuple[str, int], Termination]()
    try:
        for thickness in sorted(thicknesses.get_list()):
            chosen = make_options({**options, 'min_slab_thickness': Float(thickness)})
            for one in survey(bulk, miller_indices.get_list(), chosen).terminations:
                found.setdefault((one.identity, one.n_atoms), one)
    except SlabGenerationError as error:
        return ExitCode(SLAB_GENERATION_FAILED, str(error))

    spacing = None if kpoints_spacing is None else kpoints_spacing.value
    numbers = {identity: n for n, identity in enumerate(dict.fromkeys(one for one, _ in found))}
    slabs, terminations = {}, {}
    for (identity, n_atoms), termination in found.items():
        label = f'slab_{numbers[identity]:02d}_{n_atoms}'
        slabs[label] = to_structure_data(termination.structure, kinds_from=bulk_structure)
        slabs[label].label = label
        terminations[label] = describe_termination(termination, spacing)
    return {'slabs': slabs, 'terminations': Dict(terminations)}


declare_options(generate_thicknesses, without=['min_slab_thickness'])
