"""The options of slabs as inputs of processes: the ports, and their values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import Field
from typing import Any

from aiida.orm import Bool, Float, Int, Node, Str, to_aiida_type

from ..engine.serializers import to_float
from ..slab_options import OPTIONS, SlabOptions
from ..surfaces import SlabGenerationError

_NODE_TYPES: dict[str, type[Node] | tuple[type[Node], ...]] = {
    'bool': Bool,
    'float': Float,
    'int': Int,
    'int | None': Int,
    'str': Str,
    "bool | Literal['if_possible']": (Bool, Str),
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


def make_options(nodes: Mapping[str, Any]) -> SlabOptions:
    """Return the options whose values are in nodes, by name; None leaves the default.

    Names that are none of an option's are passed over.

    :raises SlabGenerationError: if one of the two thicknesses is missing.
    """
    given = {name: nodes[name].value for name in OPTIONS if nodes.get(name) is not None}
    for name in ('min_slab_thickness', 'min_vacuum_thickness'):
        if name not in given:
            raise SlabGenerationError(f'{name} is missing.')
    return SlabOptions(**given)
