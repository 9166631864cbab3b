"""Crystals from files, and that of the demo. Import it inside a command: it imports aiida."""

from __future__ import annotations

from pathlib import Path

import click
from aiida.orm import StructureData
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from ...calculations.crystals import to_node
from ...crystals import CrystalFileError
from ..errors import one_line
from .crystal_files import read
from .reading_options import ReadingOptions


def read_structure(path: Path, options: ReadingOptions | None = None) -> StructureData:
    """Return the crystal in a file of any format that pymatgen or ASE reads; nothing is stored.

    :raises click.ClickException: if there is no such file, or it cannot be read, or not reliably.
    """
    reading = read(path, options or ReadingOptions())
    try:
        return to_node(reading)
    except CrystalFileError as error:
        raise click.ClickException(f'{path}: {one_line(error)}') from error


def silver_phosphate() -> StructureData:
    """Return Ag3PO4: P-43n, a = 6.12 Å, Ag 6d (¼, 0, ½), P 2a (0, 0, 0), O 8e x = 0.148."""
    x = 0.148
    return StructureData(
        pymatgen=Structure.from_spacegroup(
            'P-43n',
            Lattice.cubic(6.12),
            ['Ag', 'P', 'O'],
            [[0.25, 0.0, 0.5], [0.0, 0.0, 0.0], [x, x, x]],
        )
    )
