"""The final magnetic moments of a calculation, as initial moments of the next one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiida.orm import Node, ProcessNode, StructureData
from aiida_vasp.utils.workchains import site_magnetization_to_magmom

from ...engine.links import outputs_of

#: The tags that make the moments of the sites vectors, which are not passed on.
VECTORS = ('lnoncollinear', 'lsorbit')


def moments_behind(geometry: StructureData) -> list[float] | None:
    """Return the moment (μB) of each site in the calculation that created a geometry.

    Moments are known for spin-polarised calculations with LORBIT ≥ 10.
    """
    creator: Node | None = geometry.creator
    if not isinstance(creator, ProcessNode) or (misc := outputs_of(creator).get('misc')) is None:
        return None
    moments = read_moments(misc.get_dict())
    return moments if moments is not None and len(moments) == len(geometry.sites) else None


def read_moments(misc: Mapping[str, Any]) -> list[float] | None:
    """Return the moment (μB) of each site; ``None`` if there are none.

    :param misc: the content of the output ``misc``.
    """
    try:
        moments = site_magnetization_to_magmom(misc.get('site_magnetization') or {})
    except (ValueError, KeyError, AttributeError, TypeError):  # it was computed without spin
        return None
    return [float(moment) for moment in moments] or None


def asks_for_moments(changes: Mapping[str, Any]) -> bool:
    """Return whether changes to the inputs of VaspWorkChain set magnetic moments.

    :param changes: plain values by port.
    """
    incar = (changes.get('parameters') or {}).get('incar') or {}
    tags = {str(tag).lower() for tag in incar}
    return 'magmom_mapping' in changes or bool(tags & {'magmom', 'ispin', *VECTORS})
