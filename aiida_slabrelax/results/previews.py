"""The slabs of a crystal before anything is computed, in Python and notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ase import Atoms
from pymatgen.core.structure import IStructure, Structure

from ..calculations.structures import AnyStructure, as_structure_data, check_bulk_node, to_pymatgen
from ..protocol_files import kpoints_spacing_of, slab_options_of
from ..slab_options import SlabOptions
from ..surfaces import SlabGenerationError, check_cell, from_ase, survey
from ..surfaces.bulk.masses import isotopes_as_kinds
from ..surfaces.bulk.moments import NonCollinearError, tell_moments_apart
from .terminations import Preview, of_survey


def preview(
    structure: AnyStructure,
    miller_indices: Sequence[Any] | None = None,
    *,
    max_index: int | None = None,
    protocol: str | None = None,
    kpoints_spacing: float | None = None,
    **options: Any,
) -> Preview:
    """Cut every termination of a surface, or of several, without a run.

    >>> slabs = preview(read_crystal('Ag3PO4.cif'), [1, 0, 0], min_slab_thickness=12)
    >>> plot_faces(slabs.structures)

    :param structure: the crystal: a StructureData, ASE atoms or a pymatgen structure.
    :param miller_indices: the surface (hkl) in its cell, or several.
    :param max_index: instead of Miller indices: all surfaces with indices up to this.
    :param protocol: the protocol that chooses sizes and k-points: ``fast``, ``balanced`` (the
        default), ``stringent``, or ``name@file``.
    :param kpoints_spacing: the maximum k-point spacing in 2π/Å, for the meshes.
    :param options: options of :class:`~aiida_slabrelax.slab_options.SlabOptions`.
    :raises TypeError: if there is no such option, or the structure has another type.
    :raises ValueError: if there is no such protocol.
    :raises SlabGenerationError: if an input is invalid, or there is no such slab.
    """
    bulk = _to_structure(structure)
    chosen = SlabOptions(**slab_options_of(protocol, options))
    spacing = kpoints_spacing_of(protocol) if kpoints_spacing is None else kpoints_spacing
    return of_survey(bulk, survey(bulk, miller_indices, chosen, max_index), spacing)


def _to_structure(structure: AnyStructure) -> Structure:
    """Return a crystal for pymatgen; only nodes need an AiiDA profile."""
    try:
        if isinstance(structure, Atoms):
            if problem := check_cell(structure.cell.array, 'bulk structure'):
                raise SlabGenerationError(problem)
            return from_ase(structure)
        if isinstance(structure, IStructure):
            return tell_moments_apart(isotopes_as_kinds(Structure.from_sites(structure)))
    except NonCollinearError as error:
        raise SlabGenerationError(f'The crystal cannot be cut: {error}.') from error
    node = as_structure_data(structure, '`structure`')
    if (problem := check_bulk_node(node)) is not None:
        raise SlabGenerationError(problem)
    return to_pymatgen(node)
