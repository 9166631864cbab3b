"""Crystals from files, without AiiDA. Import it inside a command: it imports ase and pymatgen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
import numpy as np
from ase import Atoms
from pymatgen.core.lattice import Lattice
from pymatgen.core.periodic_table import Element
from pymatgen.core.structure import Structure

from ...surfaces import KIND_NAME, check_cell, from_ase
from ..errors import one_line, shorten
from .crystal_data import CrystalData
from .crystal_formats import read_content
from .limited import LimitedError, run_limited
from .sources import is_there

_T = TypeVar('_T')

#: So many atoms may a file hold: more than any crystal that slabs are cut from.
MOST_ATOMS = 10_000


def read_crystal(path: Path) -> Structure:
    """Return the crystal in a file, with the kinds that it would have as a ``StructureData``.

    :raises click.ClickException: if there is no such file, or it cannot be read.
    """
    return read_file(path, lambda structure: structure, from_ase)


def read_file(
    path: Path, from_pymatgen: Callable[[Structure], _T], from_atoms: Callable[[Atoms], _T]
) -> _T:
    """Read a file of any format of crystals that pymatgen or ASE reads, as data and within limits.

    :param from_pymatgen: makes the result of what pymatgen has read, without oxidation states.
    :param from_atoms: makes it of what ASE has read.
    :raises click.ClickException: if there is no such file, if neither can read it, or if what it
        holds is no crystal.
    """
    if not is_there(path):
        raise click.ClickException(f'{shorten(path)}: there is no such file')
    try:
        content = run_limited(read_content, str(path))
        if message := _check(content):
            raise ValueError(message)
        if content['tags'] is None and content['masses'] is None and not content['cartesian']:
            return from_pymatgen(_to_structure(content))
        return from_atoms(_to_atoms(content))
    except (LimitedError, ValueError) as error:
        raise click.ClickException(
            f'{path} cannot be read as a crystal. {shorten(one_line(error), 700)}'
        ) from error


def _check(content: CrystalData) -> str | None:
    if not 0 < len(content['species']) <= MOST_ATOMS:
        return f'It holds {len(content["species"])} atoms; 1 to {MOST_ATOMS} are taken.'
    for symbol in sorted({symbol for site in content['species'] for symbol in site}):
        if not Element.is_valid_symbol(symbol):
            return f'There is no element {shorten(repr(symbol), 20)}.'
    if message := check_cell(content['matrix'], 'crystal'):
        return message
    if not np.isfinite(content['coordinates']).all():
        return 'There is a coordinate that is not a finite number.'
    return None


def _to_structure(content: CrystalData) -> Structure:
    a, b, c = content['pbc']
    kinds = content['kinds'] or []
    return Structure(
        Lattice(content['matrix'], pbc=(a, b, c)),
        content['species'],
        content['coordinates'],
        site_properties={KIND_NAME: kinds} if all(kinds) and kinds else None,
    )


def _to_atoms(content: CrystalData) -> Atoms:
    return Atoms(
        [symbol for (symbol,) in content['species']],
        positions=content['coordinates'],
        cell=content['matrix'],
        pbc=content['pbc'],
        tags=content['tags'],
        masses=content['masses'],
    )
