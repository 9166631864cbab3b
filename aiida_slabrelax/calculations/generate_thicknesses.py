"""The calculation function that cuts every termination of a surface at several thicknesses."""

from __future__ import annotations

from typing import Any

from aiida.engine import ExitCode, calcfunction
from aiida.orm import Float, List, StructureData

from ..surfaces import SlabGenerationError
from .cuts import cut_thicknesses, declare_options, slab_outputs
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

    The outputs are ``slabs.<label>`` and ``terminations`` as in ``generate_slabs``. A label
    such as ``slab_00_12`` consists of the number of the termination (by its identity) and the
    number of atoms. If several thicknesses give the same slab, it is returned once.

    The other inputs are the other options of ``generate_slabs``, each a port.

    :param bulk_structure: The crystal.
    :param miller_indices: Its plane: three integers, or four (hkil) for a hexagonal cell.
    :param thicknesses: The requested thicknesses, in Å.
    :param kpoints_spacing: Maximum k-point spacing (2π/Å); sets the meshes listed in
        ``terminations``.
    """
    crystal = {'bulk_structure': bulk_structure, 'miller_indices': miller_indices}
    try:
        found = cut_thicknesses({**options, **crystal}, thicknesses.get_list())
    except SlabGenerationError as error:
        return ExitCode(SLAB_GENERATION_FAILED, str(error))
    return slab_outputs(found, bulk_structure, kpoints_spacing)


declare_options(generate_thicknesses, without=['min_slab_thickness', 'layers'])
