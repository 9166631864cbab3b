"""The kinds of the input structure, restored in a geometry from VASP."""

from __future__ import annotations

from aiida.orm import StructureData

from .steps import Geometry


def restore_kinds(geometry: Geometry, original: StructureData) -> StructureData:
    """Return a geometry with the kinds, label and periodicity of the original structure.

    VASP knows only elements, and may truncate their symbols: its files do not contain the kinds of
    the sites (names, masses). It keeps the order of the sites, so each site gets its kind back from
    the input.

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
    return restored


def symbols_of(structure: StructureData) -> list[str]:
    """Return the element of each site, in order."""
    symbols = {kind.name: kind.symbol for kind in structure.kinds}
    return [symbols[site.kind_name] for site in structure.sites]
