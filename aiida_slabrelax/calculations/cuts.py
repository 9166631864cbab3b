"""The generation of slabs with nodes: options as ports, inputs and outputs as nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import Field, replace
from typing import Any

from aiida.orm import Bool, Dict, Float, Int, List, Node, Str, StructureData

from ..engine.ports.serializers import to_float, to_list
from ..slab_options import OPTIONS, SlabOptions
from ..surfaces import (
    SlabGenerationError,
    Survey,
    Termination,
    describe_termination,
    format_plane,
    survey,
)
from .structures import check_bulk_node, to_pymatgen, to_structure_data

_NODE_TYPES: dict[str, type[Node] | tuple[type[Node], ...]] = {
    'bool': Bool,
    'float': Float,
    'int': Int,
    'int | None': Int,
    'str': Str,
    "bool | Literal['if_possible']": (Bool, Str),
    "Literal['given', 'conventional']": Str,
    'str | None': Str,
    'float | None': Float,
    'str | Sequence[str] | None': (Str, List),
    'Sequence[Any] | str | float | None': (List, Str, Float, Int),
    'Mapping[str, float] | None': Dict,
}


def port_of(option: Field[Any]) -> dict[str, Any]:
    """Return the type, serializer and help of the port of an option; it is not required.

    :param option: a field of :class:`~aiida_slabrelax.slab_options.SlabOptions`.
    """
    valid_type = _NODE_TYPES[str(option.type)]
    return {
        'valid_type': valid_type,
        'serializer': to_float if valid_type is Float else to_list,
        'required': False,
        'help': option.metadata['meaning'],
    }


def declare_options(function: Any, without: Collection[str] = ()) -> None:
    """Declare the options that a calculation function takes as ``**options``, and nothing else.

    :param without: the names of options that it does not take.
    """
    spec = function.spec()
    for name, option in OPTIONS.items():
        if name not in without:
            spec.input(name, **port_of(option))
    spec.inputs.dynamic = False


def cut_nodes(inputs: Mapping[str, Any]) -> Survey:
    """Cut every termination of a surface, or of several.

    :param inputs: nodes by the names of the ports: ``bulk_structure``, ``miller_indices`` or
        ``max_index``, and the options; None stands for the default. Others are ignored.
    :raises SlabGenerationError: if an input is missing or invalid, or there is no such slab.
    """
    if (problem := check_bulk_node(inputs['bulk_structure'])) is not None:
        raise SlabGenerationError(problem)
    given = {name: inputs[name].value for name in OPTIONS if inputs.get(name) is not None}
    size = [] if 'layers' in given else ['min_slab_thickness']
    for name in (*size, 'min_vacuum_thickness'):
        if name not in given:
            raise SlabGenerationError(f'{name} is missing.', option=name)
    indices, max_index = inputs.get('miller_indices'), inputs.get('max_index')
    return survey(
        to_pymatgen(inputs['bulk_structure']),
        None if indices is None else indices.get_list(),
        SlabOptions(**given),
        None if max_index is None else max_index.value,
    )


def cut_thicknesses(inputs: Mapping[str, Any], thicknesses: Iterable[float]) -> list[Termination]:
    """Cut every termination of a surface at several thicknesses; equal slabs are returned once.

    A label such as ``slab_00_12`` consists of the number of the termination (by its identity) and
    the number of atoms.

    :param inputs: as for :func:`cut_nodes`, without the thickness.
    :param thicknesses: the requested thicknesses, in Å.
    :raises SlabGenerationError: as :func:`cut_nodes`.
    """
    distinct: dict[tuple[str, int], Termination] = {}
    for thickness in sorted(thicknesses):
        cut = cut_nodes({**inputs, 'min_slab_thickness': Float(thickness)})
        for termination in cut.terminations:
            distinct.setdefault((termination.identity, termination.n_atoms), termination)
    identities = dict.fromkeys(identity for identity, _ in distinct)
    numbers = {identity: n for n, identity in enumerate(identities)}
    return [
        replace(termination, label=f'slab_{numbers[identity]:02d}_{n_atoms}')
        for (identity, n_atoms), termination in distinct.items()
    ]


def nodes_of(
    found: Survey, bulk_structure: StructureData
) -> tuple[dict[str, StructureData], dict[str, bool]]:
    """Return the slabs as unstored nodes, and whether their faces are equivalent, by label.

    :param bulk_structure: the crystal, with the kinds of the slabs.
    """
    slabs = {
        slab.label: to_structure_data(slab.structure, kinds_from=bulk_structure)
        for slab in found.terminations
    }
    return slabs, {slab.label: slab.is_symmetric for slab in found.terminations}


def slab_outputs(
    found: Iterable[Termination], bulk_structure: StructureData, kpoints_spacing: Float | None
) -> dict[str, Any]:
    """Return slabs as the outputs ``slabs`` and ``terminations`` of a calculation function.

    :param found: the terminations.
    :param bulk_structure: the crystal, with the kinds of the slabs.
    :param kpoints_spacing: the maximum k-point spacing in 2π/Å, for the meshes.
    """
    spacing = None if kpoints_spacing is None else kpoints_spacing.value
    formula = to_pymatgen(bulk_structure).composition.reduced_formula
    slabs, described = {}, {}
    for termination in found:
        label = termination.label
        slabs[label] = to_structure_data(termination.structure, kinds_from=bulk_structure)
        slabs[label].label = label
        slabs[label].description = (
            f'{termination.formula}, {formula} {format_plane(termination.miller_indices)}, '
            f'shift {termination.shift:.3f}'
        )
        described[label] = describe_termination(termination, spacing)
    return {'slabs': slabs, 'terminations': Dict(described)}
