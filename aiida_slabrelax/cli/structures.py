"""Crystals from files, and that of the demo. Import it inside a command: it imports aiida."""

from __future__ import annotations

import warnings
from pathlib import Path

import ase.io
import click
from aiida.orm import StructureData
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from .errors import one_line


def read_structure(path: Path) -> StructureData:
    """Return the crystal in a file of any format that pymatgen or ASE reads; nothing is stored.

    pymatgen comes first because it keeps partial occupancies, so that they can be refused.

    :raises click.ClickException: if there is no such file, or neither can read it.
    """
    if not path.is_file():
        raise click.ClickException(f'{path}: there is no such file')
    reasons = []
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # remarks on the file, such as rounded coordinates
        for name, read in (('pymatgen', _read_with_pymatgen), ('ASE', _read_with_ase)):
            try:
                return read(path)
            except Exception as error:  # readers raise whatever a broken file leads them to
                reasons.append(f'{name}: {one_line(error)}')
    raise click.ClickException(f'{path} cannot be read as a crystal. {"; ".join(reasons)}')


def _read_with_pymatgen(path: Path) -> StructureData:
    return StructureData(pymatgen=Structure.from_file(path).remove_oxidation_states())


def _read_with_ase(path: Path) -> StructureData:
    return StructureData(ase=ase.io.read(path))


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
