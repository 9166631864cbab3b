"""Crystals from files, without AiiDA. Import it inside a command: it imports ase and pymatgen."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import ase.io
import click
import numpy as np
from ase import Atoms
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from ..surfaces import KIND_NAME
from .errors import one_line

_T = TypeVar('_T')


def read_crystal(path: Path) -> Structure:
    """Return the crystal in a file, with the kinds that it would have as a ``StructureData``.

    :raises click.ClickException: if there is no such file, or it cannot be read.
    """
    return read_file(path, lambda structure: structure, from_ase)


def read_file(
    path: Path, from_pymatgen: Callable[[Structure], _T], from_atoms: Callable[[Atoms], _T]
) -> _T:
    """Read a file of any format that pymatgen or ASE reads.

    pymatgen comes first because it keeps partial occupancies, so that they can be refused.

    :param from_pymatgen: makes the result of what pymatgen has read, without oxidation states.
    :param from_atoms: makes it of what ASE has read.
    :raises click.ClickException: if there is no such file, or neither can read it.
    """
    if not path.is_file():
        raise click.ClickException(f'{path}: there is no such file')
    readers: tuple[tuple[str, Callable[[], _T]], ...] = (
        ('pymatgen', lambda: from_pymatgen(Structure.from_file(path).remove_oxidation_states())),
        ('ASE', lambda: from_atoms(_read_with_ase(path))),
    )
    reasons = []
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # remarks on the file, such as rounded coordinates
        for name, read in readers:
            try:
                return read()
            except Exception as error:  # readers raise whatever a broken file leads them to
                reasons.append(f'{name}: {one_line(error)}')
    raise click.ClickException(f'{path} cannot be read as a crystal. {"; ".join(reasons)}')


def from_ase(atoms: Atoms) -> Structure:
    """Return the structure for pymatgen; tags and masses make kinds, as aiida-core names them."""
    kinds: dict[tuple[str, int, float], str] = {}
    for symbol, tag, mass in _kinds_of(atoms):
        if (symbol, tag, mass) not in kinds:
            name = stem = f'{symbol}{tag or ""}'
            number = 1
            while name in kinds.values():
                name, number = f'{stem}{number}', number + 1
            kinds[symbol, tag, mass] = name
    a, b, c = atoms.pbc
    return Structure(
        Lattice(atoms.cell.array, pbc=(bool(a), bool(b), bool(c))),
        list(atoms.symbols),
        atoms.positions,
        coords_are_cartesian=True,
        site_properties={KIND_NAME: [kinds[kind] for kind in _kinds_of(atoms)]},
    )


def _read_with_ase(path: Path) -> Atoms:
    atoms = ase.io.read(path)
    assert isinstance(atoms, Atoms)  # the last one, where there are several
    return atoms


def _kinds_of(atoms: Atoms) -> list[tuple[str, int, float]]:
    # Elements without a stable isotope may have no mass (NaN), which does not equal itself.
    masses = map(float, np.nan_to_num(atoms.get_masses()).round(3))
    return list(zip(atoms.symbols, map(int, atoms.get_tags()), masses, strict=True))
