"""The sites of the input structure in the geometry that VASP left."""

from __future__ import annotations

from aiida.orm import StructureData

from .steps import Geometry


def restore_kinds(geometry: Geometry, original: StructureData) -> StructureData:
    """Return a geometry with the kinds, label and periodicity of the original structure.

    VASP knows elements only, and does not always write their symbols whole: the kinds of the sites
    (names, masses) are not in its files. Its order of the sites is that of the input, so each site
    gets back the kind it had there.

    :param geometry: cell and positions as VASP left them.
    :param original: the input structure of the same calculation.
    :raises ValueError: if the two have not the same number of sites.
    """
    if len(geometry.positions) != len(original.sites):
        raise ValueError(
            f'the geometry has {len(geometry.positions)} sites, the input structure '
            f'{len(original.sites)}'
        )
    restored = StructureData(cell=geometry.cell.tolist(), pbc=original.pbc, label=original.label)
    for kind in original.kinds:
        restored.append_kind(kind)
    for old, position in zip(original.sites, geometry.positions.tolist(), strict=True):
        restored.append_site(type(old)(kind_name=old.kind_name, position=position))
    return restored


def symbols_of(structure: StructureData) -> list[str]:
    """Return the element of each site, in their order."""
    symbols = {kind.name: kind.symbol for kind in structure.kinds}
    return [symbols[site.kind_name] for site in structure.sites]
