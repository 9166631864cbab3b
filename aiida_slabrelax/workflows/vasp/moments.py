"""The initial magnetic moments of a calculation: those of its kinds, or of the last calculation.

aiida-vasp makes MAGMOM of the input ``magmom_mapping``, a value for each site in the order of the
structure, in which it also writes the POSCAR. The mapping goes before a MAGMOM in the INCAR.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aiida.orm import Node, ProcessNode, StructureData

from ...engine.links import outputs_of
from ...parsers.kinds import moments_of
from ...parsers.site_moments import read_moments
from ...surfaces.bulk.moments import describe_moments

#: The tags that make the moments of the sites vectors, which are not passed on.
VECTORS = ('lnoncollinear', 'lsorbit')


def shared_moments(structures: Iterable[StructureData]) -> dict[str, float]:
    """Return the moment (μB) of each kind of several structures.

    :raises ValueError: if two do not agree on that of a kind.
    """
    found: dict[str, float] = {}
    for structure in structures:
        for name, moment in moments_of(structure).items():
            if found.setdefault(name, moment) != moment:
                raise ValueError(
                    f'the kind {name!r} has the moment {found[name]:g} μB in one slab, '
                    f'{moment:g} μB in another'
                )
    return found


def mapping_for(
    structure: StructureData, incar: Mapping[str, Any], mapping: Mapping[str, float] | None
) -> dict[str, float] | None:
    """Return the input ``magmom_mapping`` with which a structure begins; None for no mapping.

    A MAGMOM in the INCAR counts as it is. Moments of the structure fill what a mapping leaves out.

    :param incar: tags in lower case.
    :param mapping: the moment (μB) of each kind, as it was given.
    """
    if incar.get('magmom') is not None:
        return None
    moments = {} if incar.get('ispin') == 1 else moments_of(structure)
    if any(incar.get(tag) for tag in VECTORS):
        moments = {}
    return {**moments, **mapping} if mapping is not None else moments or None


def needs_vectors(
    structure: StructureData, incar: Mapping[str, Any], mapping: Mapping[str, float] | None
) -> bool:
    """Return whether VASP needs a vector for each site where there are only numbers.

    The parameters are those of :func:`mapping_for`.
    """
    if incar.get('magmom') is not None or not any(incar.get(tag) for tag in VECTORS):
        return False
    kinds = set(structure.get_kind_names())
    given = mapping or {}
    # So aiida-vasp decides whether there is a MAGMOM at all.
    return bool(moments_of(structure) or kinds & set(given) or given.get('default', 1.0) != 1.0)


def describe_start(structure: StructureData, vasp: Mapping[str, Any]) -> str | None:
    """Return the moments with which the slabs of a magnetic crystal begin, in words, or None.

    :param vasp: the inputs of VaspWorkChain.
    """
    mapping = vasp['magmom_mapping'].get_dict() if vasp.get('magmom_mapping') else None
    start = mapping_for(structure, _incar_of(vasp), mapping)
    if start is None or not moments_of(structure):
        return None
    kinds = {name: float(start[name]) for name in structure.get_kind_names() if name in start}
    return f'initial magnetic moments (μB): {describe_moments(kinds)}'


def warn_about_moments(structure: StructureData, vasp: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the moments of a crystal get lost, or are not distinguished.

    :param vasp: the inputs of VaspWorkChain.
    """
    incar = _incar_of(vasp)
    if moments_of(structure):
        if incar.get('ispin') == 1:
            yield 'parameters: with ISPIN = 1 the magnetic moments of the crystal are not used'
        elif incar.get('magmom') is not None:
            yield 'parameters: MAGMOM goes before the magnetic moments of the crystal'
        return
    given = vasp['magmom_mapping'].get_dict() if vasp.get('magmom_mapping') else {}
    by_element: dict[str, list[str]] = {}
    for kind in structure.kinds:
        by_element.setdefault(kind.symbol, []).append(kind.name)
    for names in by_element.values():
        if len(names) > 1 and incar.get('magmom') is None:
            starts = {given.get(name) for name in names}
            if len(starts) == 1 and (moment := starts.pop()):
                yield (
                    f'magmom_mapping: the kinds {", ".join(names)} begin with the same magnetic '
                    f'moment, {moment} μB'
                )


def _incar_of(vasp: Mapping[str, Any]) -> dict[str, Any]:
    incar = vasp['parameters'].get_dict().get('incar', {}) if 'parameters' in vasp else {}
    return {str(tag).lower(): value for tag, value in incar.items()}


def moments_behind(geometry: StructureData) -> list[float] | None:
    """Return the moment (μB) of each site in the calculation that created a geometry.

    Moments are known for spin-polarised calculations with LORBIT ≥ 10.
    """
    creator: Node | None = geometry.creator
    if not isinstance(creator, ProcessNode) or (misc := outputs_of(creator).get('misc')) is None:
        return None
    moments = read_moments(misc.get_dict())
    return moments if moments is not None and len(moments) == len(geometry.sites) else None


def asks_for_moments(changes: Mapping[str, Any]) -> bool:
    """Return whether changes to the inputs of VaspWorkChain set magnetic moments.

    :param changes: plain values by port.
    """
    incar = (changes.get('parameters') or {}).get('incar') or {}
    tags = {str(tag).lower() for tag in incar}
    return 'magmom_mapping' in changes or bool(tags & {'magmom', 'ispin', *VECTORS})
