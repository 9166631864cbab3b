"""The calculation function that cuts a bulk crystal into slabs."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from aiida.engine import ExitCode, calcfunction
from aiida.orm import Bool, Dict, Float, Int, List, Str, StructureData

from ..surfaces import (
    SlabGenerationError,
    SlabOptions,
    Termination,
    describe_dropped,
    describe_termination,
    format_plane,
    survey,
)
from .structures import check_bulk_node, to_pymatgen, to_structure_data

#: The exit status if no slab could be cut; the message says why.
SLAB_GENERATION_FAILED = 310


@calcfunction
def generate_slabs(
    bulk_structure: StructureData,
    miller_indices: List | None = None,
    min_slab_thickness: Float | None = None,
    min_vacuum_thickness: Float | None = None,
    lll_reduce: Bool | None = None,
    center_slab: Bool | None = None,
    symmetrize: Bool | Str | None = None,
    primitive: Bool | None = None,
    in_unit_planes: Bool | None = None,
    max_atoms: Int | None = None,
    max_normal_search: Int | None = None,
    max_index: Int | None = None,
    stoichiometric_only: Bool | None = None,
    generator: Str | None = None,
    kpoints_spacing: Float | None = None,
) -> dict[str, Any] | ExitCode:
    """Cut every termination of a surface, or of several.

    The outputs are ``slabs.<label>``, the slabs; ``terminations``, a dictionary of the facts about
    each slab by label, as from :func:`~aiida_slabrelax.surfaces.describe_termination`; and
    ``dropped``, a list of the slabs left out: ``miller_indices``, ``what`` and ``reason``.

    The defaults are those of :class:`~aiida_slabrelax.surfaces.SlabOptions`.

    :param bulk_structure: The crystal; planes refer to its cell as given.
    :param miller_indices: A plane: three integers, or four (hkil) for a hexagonal cell; or several.
    :param min_slab_thickness: The thickness of the slabs in Å, or in planes.
    :param min_vacuum_thickness: The thickness of the vacuum in Å, or in planes.
    :param lll_reduce: Whether pymatgen reduces the cell of the slab with the LLL algorithm.
    :param center_slab: Whether to put the slab in the middle of the cell.
    :param symmetrize: Whether both faces must be equivalent; or ``if_possible``.
    :param primitive: Whether to use the smallest cell in the plane.
    :param in_unit_planes: Whether thicknesses count planes (hkl).
    :param max_atoms: The largest number of atoms of a slab.
    :param max_normal_search: The range of pymatgen's search for a c vector along the normal.
    :param max_index: The largest index, instead of planes: all planes up to it that are not
        equivalent by symmetry.
    :param stoichiometric_only: Whether to leave out slabs without the composition of the bulk.
    :param generator: ``exact`` or ``pymatgen``.
    :param kpoints_spacing: Maximum k-point spacing (2π/Å); sets the meshes listed in
        ``terminations``.
    """
    problem = check_bulk_node(bulk_structure)
    if problem:
        return ExitCode(SLAB_GENERATION_FAILED, problem)
    options = {
        'min_slab_thickness': min_slab_thickness,
        'min_vacuum_thickness': min_vacuum_thickness,
        'lll_reduce': lll_reduce,
        'center_slab': center_slab,
        'symmetrize': symmetrize,
        'primitive': primitive,
        'in_unit_planes': in_unit_planes,
        'max_atoms': max_atoms,
        'max_normal_search': max_normal_search,
        'stoichiometric_only': stoichiometric_only,
        'generator': generator,
    }
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
    slabs, facts = {}, {}
    for termination in found.terminations:
        node = to_structure_data(termination.structure, kinds_from=bulk_structure)
        node.label = termination.label
        node.description = _describe(termination, bulk.composition.reduced_formula)
        slabs[termination.label] = node
        facts[termination.label] = describe_termination(termination, spacing)
    dropped = [describe_dropped(slab) for slab in found.dropped]
    return {'slabs': slabs, 'terminations': Dict(facts), 'dropped': List(dropped)}


def make_options(nodes: Mapping[str, Bool | Float | Int | Str | None]) -> SlabOptions:
    """Return the options from nodes by name; None leaves the default.

    Names that are not options are ignored.

    :raises SlabGenerationError: if one of the two thicknesses is missing.
    """
    names = {field.name for field in fields(SlabOptions)}
    given = {name: node.value for name, node in nodes.items() if name in names and node is not None}
    for name in ('min_slab_thickness', 'min_vacuum_thickness'):
        if name not in given:
            raise SlabGenerationError(f'{name} is missing.')
    return SlabOptions(**given)


def _describe(termination: Termination, bulk_formula: str) -> str:
    plane = format_plane(termination.miller_indices)
    return f'{termination.formula}, {bulk_formula} {plane}, shift {termination.shift:.3f}'
