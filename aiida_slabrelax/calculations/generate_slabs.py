"""The calculation function that cuts a bulk crystal into slabs."""

from typing import Any

from aiida.engine import ExitCode, calcfunction
from aiida.orm import Float, Int, List, StructureData

from ..surfaces import SlabGenerationError, describe_excluded
from .cuts import cut_nodes, declare_options, slab_outputs

#: The exit status if no slab could be cut; the message says why.
SLAB_GENERATION_FAILED = 310


@calcfunction
def generate_slabs(
    bulk_structure: StructureData,
    miller_indices: List | None = None,
    max_index: Int | None = None,
    kpoints_spacing: Float | None = None,
    **options: Any,
) -> dict[str, Any] | ExitCode:
    """Cut every termination of a surface, or of several.

    The outputs are ``slabs.<label>``, the slabs; ``terminations``, a dictionary with the data of
    each slab by label, see :func:`~aiida_slabrelax.surfaces.describe_termination`; and
    ``excluded``, a list of the excluded slabs: ``miller_indices``, ``what`` and ``reason``.

    The other inputs, ``options``, are those of :class:`~aiida_slabrelax.slab_options.SlabOptions`,
    each a port, with the defaults from there.

    :param bulk_structure: The crystal; planes refer to its cell as given.
    :param miller_indices: A plane: three integers, or four (hkil) for a hexagonal cell; or several.
    :param max_index: The largest index, instead of planes: all planes up to it that are not
        equivalent by symmetry.
    :param kpoints_spacing: Maximum k-point spacing (2π/Å); sets the meshes listed in
        ``terminations``.
    """
    surfaces = {'miller_indices': miller_indices, 'max_index': max_index}
    try:
        found = cut_nodes({'bulk_structure': bulk_structure, **surfaces, **options})
    except SlabGenerationError as error:
        return ExitCode(SLAB_GENERATION_FAILED, str(error))
    excluded = [describe_excluded(slab) for slab in found.excluded]
    outputs = slab_outputs(found.terminations, bulk_structure, kpoints_spacing)
    return {**outputs, 'excluded': List(excluded)}


declare_options(generate_slabs)
