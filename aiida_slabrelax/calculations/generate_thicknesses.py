"""The calculation function that cuts every termination of a surface at several thicknesses."""

from __future__ import annotations

from typing import Any

from aiida.engine import ExitCode, calcfunction
from aiida.orm import Float, List, StructureData

from ..surfaces import SlabGenerationError, Termination
from .cuts import cut_nodes, declare_options, slab_outputs
from .generate_slabs import SLAB_GENERATION_FAILED


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
    crystal = {'bulk_structure': bulk_structure, 'miller_indices': miller_indices}
    found: dict[tuple[str, int], Termination] = {}
    try:
        for thickness in sorted(thicknesses.get_list()):
            cut = cut_nodes({**options, **crystal, 'min_slab_thickness': Float(thickness)})
            for termination in cut.terminations:
                found.setdefault((termination.identity, termination.n_atoms), termination)
    except SlabGenerationError as error:
        return ExitCode(SLAB_GENERATION_FAILED, str(error))
    numbers = {identity: n for n, identity in enumerate(dict.fromkeys(one for one, _ in found))}
    by_label = {
        f'slab_{numbers[identity]:02d}_{n_atoms}': termination
        for (identity, n_atoms), termination in found.items()
    }
    return slab_outputs(by_label, bulk_structure, kpoints_spacing)


declare_options(generate_thicknesses, without=['min_slab_thickness'])
