"""The generation of slabs with nodes: options as ports, inputs and outputs as nodes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import Field
from typing import Any

from aiida.orm import Bool, Dict, Float, Int, Node, Str, StructureData, to_aiida_type

from ..engine.serializers import to_float
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
    'float | None': Float,
    'int': Int,
    'int | None': Int,
    'str': Str,
    "bool | Literal['if_possible']": (Bool, Str),
    "Literal['given', 'conventional']": Str,
}


def port_of(option: Field[Any]) -> dict[str, Any]:
    """Return the type, serializer and help of the port of an option; it is not required.

    :param option: a field of :class:`~aiida_slabrelax.slab_options.SlabOptions`.
    """
    valid_type = _NODE_TYPES[str(option.type)]
    return {
        'valid_type': valid_type,
        'serializer': to_float if valid_type is Float else to_aiida_type,
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


def slab_outputs(
    found: Mapping[str, Termination], bulk_structure: StructureData, kpoints_spacing: Float | None
) -> dict[str, Any]:
    """Return slabs as the outputs ``slabs`` and ``terminations`` of a calculation function.

    :param found: the terminations by label.
    :param bulk_structure: the crystal, with the kinds of the slabs.
    :param kpoints_spacing: the maximum k-point spacing in 2π/Å, for the meshes.
    """
    spacing = None if kpoints_spacing is None else kpoints_spacing.value
    formula = to_pymatgen(bulk_structure).composition.reduced_formula
    slabs = {}
    for label, termination in found.items():
        slabs[label] = to_structure_data(termination.structure, kinds_from=bulk_structure)
        slabs[label].label = label
        slabs[label].description = (
            f'{termination.formula}, {formula} {format_plane(termination.miller_indices)}, '
            f'shift {termination.shift:.3f}'
        )
    described = {label: describe_termination(slab, spacing) for label, slab in found.items()}
    return {'slabs': slabs, 'terminations': Dict(described)}
