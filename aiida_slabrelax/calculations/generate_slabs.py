"""The calculation function that cuts a bulk crystal into slabs."""

from typing import Any

from aiida.engine import ExitCode, calcfunction
from aiida.orm import Bool, Dict, Float, Int, List, StructureData

from ..surfaces import (
    SlabGenerationError,
    SlabOptions,
    Termination,
    find_terminations,
    format_plane,
)
from .structures import check_bulk_node, to_pymatgen, to_structure_data

SLAB_GENERATION_FAILED = 310
"""The exit status when there is no such slab; the message says why."""


@calcfunction
def generate_slabs(
    bulk_structure: StructureData,
    miller_indices: List,
    min_slab_thickness: Float,
    min_vacuum_thickness: Float,
    lll_reduce: Bool,
    center_slab: Bool,
    symmetrize: Bool,
    primitive: Bool,
    in_unit_planes: Bool,
    max_atoms: Int,
    max_normal_search: Int | None = None,
) -> dict[str, Any] | ExitCode:
    """Cut every termination of a surface.

    The outputs are ``slabs.<label>``, the slabs, and ``terminations``, a dictionary with the facts
    of each by label: ``formula``, ``n_atoms``, ``miller_indices``, ``shift``, ``area`` (Å²),
    ``thickness``, ``vacuum`` and ``requested_thickness`` (Å), ``symmetric``, ``stoichiometric``
    and ``remarks`` (a list of sentences).

    :param bulk_structure: The crystal; the plane refers to its cell as it is.
    :param miller_indices: The plane: three integers, or four (hkil) for a hexagonal cell.
    :param min_slab_thickness: The thickness of the slabs in Å, or in planes.
    :param min_vacuum_thickness: The thickness of the vacuum in Å, or in planes.
    :param lll_reduce: Whether to reduce the cell of the slab with the LLL algorithm.
    :param center_slab: Whether to put the slab in the middle of the cell.
    :param symmetrize: Whether to remove atoms until both faces are equivalent.
    :param primitive: Whether to reduce the finished slab to a smaller cell in its plane.
    :param in_unit_planes: Whether thicknesses count planes (hkl).
    :param max_atoms: The largest number of atoms of a slab, before it is reduced.
    :param max_normal_search: The range of the search for a c vector along the normal.
    """
    problem = check_bulk_node(bulk_structure)
    if problem:
        return ExitCode(SLAB_GENERATION_FAILED, problem)
    options = SlabOptions(
        min_slab_thickness=min_slab_thickness.value,
        min_vacuum_thickness=min_vacuum_thickness.value,
        lll_reduce=lll_reduce.value,
        center_slab=center_slab.value,
        symmetrize=symmetrize.value,
        primitive=primitive.value,
        in_unit_planes=in_unit_planes.value,
        max_normal_search=None if max_normal_search is None else max_normal_search.value,
        max_atoms=max_atoms.value,
    )
    bulk = to_pymatgen(bulk_structure)
    try:
        terminations = find_terminations(bulk, miller_indices.get_list(), options)
    except SlabGenerationError as error:
        return ExitCode(SLAB_GENERATION_FAILED, str(error))

    slabs = {}
    for termination in terminations:
        node = to_structure_data(termination.structure, kinds_from=bulk_structure)
        node.label = termination.label
        node.description = _describe(termination, bulk.composition.reduced_formula)
        slabs[termination.label] = node
    facts = {termination.label: _facts(termination) for termination in terminations}
    return {'slabs': slabs, 'terminations': Dict(facts)}


def _describe(termination: Termination, bulk_formula: str) -> str:
    plane = format_plane(termination.miller_indices)
    return f'{termination.formula}, {bulk_formula} {plane}, shift {termination.shift:.3f}'


def _facts(termination: Termination) -> dict[str, Any]:
    return {
        'formula': termination.formula,
        'n_atoms': termination.n_atoms,
        'miller_indices': list(termination.miller_indices),
        'shift': termination.shift,
        'area': termination.area,
        'thickness': termination.thickness,
        'vacuum': termination.vacuum,
        'requested_thickness': termination.requested_thickness,
        'symmetric': termination.is_symmetric,
        'stoichiometric': termination.is_stoichiometric,
        'remarks': termination.remarks,
    }
