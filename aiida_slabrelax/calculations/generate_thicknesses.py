"""The calculation function that cuts every termination of a surface at several thicknesses."""

from __future__ import annotations

from typing import Any

from aiida.engine import ExitCode, calcfunction
from aiida.orm import Dict, Float, List, StructureData

from ..surfaces import SlabGenerationError, Termination, describe_termination, survey
from .generate_slabs import SLAB_GENERATION_FAILED, make_options
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

    The outputs are ``slabs.<label>`` and ``terminations`` as those of ``generate_slabs``. A label
    such as ``slab_00_12`` consists of the number of the termination (by its identity) and the
    number of atoms. If several thicknesses give the same slab, it is returned once.

    :param bulk_structure: The crystal.
    :param miller_indices: Its plane: three integers, or four (hkil) for a hexagonal cell.
    :param thicknesses: The requested thicknesses, in Å.
    :param kpoints_spacing: Maximum k-point spacing (2π/Å); sets the meshes listed in
        ``terminations``.
    :param options: The other options of ``generate_slabs``.
    """
    problem = check_bulk_node(bulk_structure)
    if problem:
        return ExitCode(SLAB_GENERATION_FAILED, problem)
    bulk, distinct = to_pymatgen(bulk_structure), dict[tuple[str, int], Termination]()
    try:
        for thickness in sorted(thicknesses.get_list()):
            chosen = make_options({**options, 'min_slab_thickness': Float(thickness)})
            for slab in survey(bulk, miller_indices.get_list(), chosen).terminations:
                distinct.setdefault((slab.identity, slab.n_atoms), slab)
    except SlabGenerationError as error:
        return ExitCode(SLAB_GENERATION_FAILED, str(error))

    spacing = None if kpoints_spacing is None else kpoints_spacing.value
    identities = dict.fromkeys(identity for identity, _ in distinct)
    numbers = {identity: n for n, identity in enumerate(identities)}
    slabs, facts = {}, {}
    for (identity, n_atoms), termination in distinct.items():
        label = f'slab_{numbers[identity]:02d}_{n_atoms}'
        slabs[label] = to_structure_data(termination.structure, kinds_from=bulk_structure)
        slabs[label].label = label
        facts[label] = describe_termination(termination, spacing)
    return {'slabs': slabs, 'terminations': Dict(facts)}
