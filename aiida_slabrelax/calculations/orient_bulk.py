"""The calculation functions that put the bulk into the cell of a slab, with its k-points."""

from __future__ import annotations

from aiida.engine import ExitCode, calcfunction
from aiida.orm import Float, KpointsData, List, StructureData
from pymatgen.core.lattice import Lattice

from ..surfaces import SlabGenerationError, oriented_bulk, oriented_mesh, reduce_miller_indices
from .generate_slabs import SLAB_GENERATION_FAILED
from .structures import to_pymatgen, to_structure_data


@calcfunction
def orient_bulk(
    bulk_structure: StructureData, miller_indices: List, slab: StructureData
) -> StructureData | ExitCode:
    """Return the crystal in a cell with the plane of a slab and a period of the bulk.

    :param bulk_structure: The crystal that the slab was cut from.
    :param miller_indices: The plane of the slab: three integers.
    :param slab: A slab with the minimal cell of the plane, or with that of the bulk.
    """
    try:
        structure = oriented_bulk(
            to_pymatgen(bulk_structure),
            reduce_miller_indices(miller_indices.get_list()),
            to_pymatgen(slab).lattice,
        )
    except SlabGenerationError as error:
        return ExitCode(SLAB_GENERATION_FAILED, str(error))
    return to_structure_data(structure, kinds_from=bulk_structure)


@calcfunction
def oriented_kpoints(structure: StructureData, kpoints_spacing: Float) -> KpointsData:
    """Return the k-points of the bulk in the cell of a slab; in the plane they are the slab's.

    :param structure: The output of ``orient_bulk``.
    :param kpoints_spacing: The maximum k-point spacing, in 2π/Å.
    """
    kpoints = KpointsData()
    kpoints.set_kpoints_mesh(oriented_mesh(Lattice(structure.cell), kpoints_spacing.value))
    return kpoints
