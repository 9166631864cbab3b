"""The calculation functions that put the bulk into the cell of a slab, with its k-points."""

from __future__ import annotations

from collections.abc import Sequence

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
        return bulk_in_cell_of(slab, bulk_structure, miller_indices.get_list())
    except SlabGenerationError as error:
        return ExitCode(SLAB_GENERATION_FAILED, str(error))


@calcfunction
def oriented_kpoints(structure: StructureData, kpoints_spacing: Float) -> KpointsData:
    """Return the k-points of the bulk in the cell of a slab; in the plane they are the slab's.

    :param structure: The output of ``orient_bulk``.
    :param kpoints_spacing: The maximum k-point spacing, in 2π/Å.
    """
    return kpoints_of(structure, kpoints_spacing.value)


def bulk_in_cell_of(
    slab: StructureData, bulk_structure: StructureData, miller_indices: Sequence[int]
) -> StructureData:
    """Return the output of ``orient_bulk``, unstored.

    :raises SlabGenerationError: if there is no such cell.
    """
    plane = reduce_miller_indices(miller_indices)
    oriented = oriented_bulk(to_pymatgen(bulk_structure), plane, to_pymatgen(slab).lattice)
    return to_structure_data(oriented, kinds_from=bulk_structure)


def kpoints_of(structure: StructureData, kpoints_spacing: float) -> KpointsData:
    """Return the output of ``oriented_kpoints``, unstored."""
    kpoints = KpointsData()
    kpoints.set_kpoints_mesh(oriented_mesh(Lattice(structure.cell), kpoints_spacing))
    return kpoints
