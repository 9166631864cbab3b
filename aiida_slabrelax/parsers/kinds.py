"""The kinds of the input structure, restored in a geometry from VASP."""

from __future__ import annotations

from collections.abc import Mapping

from aiida.orm import StructureData

from ..surfaces.bulk.moments import LARGEST_MOMENT
from .steps import Geometry

#: The attribute of a StructureData with the magnetic moment (μB) of each kind, by name. Kinds of
#: aiida-core have none, and the moments must go where the crystal goes: into its slabs, its hash
#: and archives.
MOMENTS = 'magnetic_moments'


def moments_of(structure: StructureData) -> dict[str, float]:
    """Return the magnetic moment (μB) of each kind; without magnetic order it is empty.

    :raises ValueError: if :func:`check_moments` returns a message.
    """
    if (message := check_moments(structure)) is not None:
        raise ValueError(message)
    moments: dict[str, float] = structure.base.attributes.get(MOMENTS, {})
    return dict(moments)


def check_moments(structure: StructureData) -> str | None:
    """Check that the magnetic moments are numbers; in an edited archive they can be anything.

    :returns: a message, or None.
    """
    moments = structure.base.attributes.get(MOMENTS, {})
    if not isinstance(moments, Mapping):
        return f'The magnetic moments of the structure are no mapping: {repr(moments)[:50]}.'
    for name, moment in moments.items():
        is_number = isinstance(moment, int | float) and not isinstance(moment, bool)
        if not is_number or not abs(moment) <= LARGEST_MOMENT:
            return (
                f'The magnetic moment of the kind {name!r} is a number up to {LARGEST_MOMENT:g} '
                f'μB, not {repr(moment)[:50]}.'
            )
    return None


def set_moments(structure: StructureData, moments: Mapping[str, float]) -> None:
    """Give the kinds of a structure that is not stored yet their magnetic moments.

    :param moments: in μB, by the name of a kind; others than those of the structure are left out.
    """
    kinds = structure.get_kind_names()
    known = {name: float(moments[name]) for name in sorted(kinds) if name in moments}
    if known:
        structure.base.attributes.set(MOMENTS, known)


def restore_kinds(geometry: Geometry, original: StructureData) -> StructureData:
    """Return a geometry with the kinds, label and periodicity of the original structure.

    VASP knows only elements, and may truncate their symbols: its files do not contain the kinds of
    the sites (names, masses, magnetic moments). It keeps the order of the sites, so each site gets
    its kind back from the input.

    :param geometry: cell and positions from VASP.
    :param original: the input structure of the same calculation.
    :raises ValueError: if the numbers of sites differ.
    """
    if len(geometry.positions) != len(original.sites):
        raise ValueError(
            f'the geometry has {len(geometry.positions)} sites, the input structure '
            f'{len(original.sites)}'
        )
    restored = StructureData(cell=geometry.cell.tolist(), pbc=original.pbc, label=original.label)
    for kind in original.kinds:
        restored.append_kind(kind)
    for site, position in zip(original.sites, geometry.positions.tolist(), strict=True):
        restored.append_site(type(site)(kind_name=site.kind_name, position=position))
    set_moments(restored, moments_of(original))
    return restored


def symbols_of(structure: StructureData) -> list[str]:
    """Return the element of each site, in order."""
    symbols = {kind.name: kind.symbol for kind in structure.kinds}
    return [symbols[site.kind_name] for site in structure.sites]
