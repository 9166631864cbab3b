"""Crystals from files as nodes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

from aiida.orm import StructureData
from aiida.orm.nodes.data.structure import Kind, Site

from ..crystals import CrystalFileError, CrystalFileWarning, Reading, read_file
from ..parsers.kinds import set_moments
from ..surfaces.bulk.kinds import kind_names, moments_of_kinds


def read_structure(
    path: str | Path,
    *,
    elements: Sequence[str] | None = None,
    index: int | None = None,
    read_anyway: bool = False,
) -> StructureData:
    """Return the crystal in a file as an unstored node, with kinds, masses and magnetic moments.

    The parameters are those of :func:`aiida_slabrelax.crystals.read_file`; remarks are warnings.

    :raises CrystalFileError: if it cannot be read, or not reliably.
    """
    reading = read_file(path, elements=elements, index=index, read_anyway=read_anyway)
    for remark in reading.remarks:
        warnings.warn(f'{path}: {remark}', CrystalFileWarning, stacklevel=2)
    return to_node(reading)


def to_node(reading: Reading) -> StructureData:
    """Return the crystal from a file as an unstored node.

    :raises CrystalFileError: if two elements have the same kind.
    """
    structure = reading.structure
    node = StructureData(cell=structure.lattice.matrix.tolist(), pbc=structure.lattice.pbc)
    symbols: dict[str, str] = {}
    for site, name in zip(structure, kind_names(structure), strict=True):
        symbol = site.specie.symbol
        if symbols.setdefault(name, symbol) != symbol:
            raise CrystalFileError(f'the kind {name!r} is both {symbols[name]} and {symbol}')
        if name not in node.get_kind_names():
            mass = {'mass': reading.masses[name]} if name in reading.masses else {}
            node.append_kind(Kind(symbols=symbol, name=name, **mass))
        node.append_site(Site(kind_name=name, position=site.coords.tolist()))
    set_moments(node, moments_of_kinds(structure))
    return node
