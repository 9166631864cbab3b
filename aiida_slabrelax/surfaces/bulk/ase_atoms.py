"""Crystals of ASE for pymatgen, with the kinds that aiida-core would make of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from ase import Atoms
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from .kinds import KIND_NAME, name_kinds
from .masses import set_masses

OTHER_TABLE = 0.03
"""The mass of an element (u) may differ by so much from one table to another, as that of zinc."""


def from_ase(atoms: Atoms) -> Structure:
    """Return the structure for pymatgen; tags and masses make kinds, as aiida-core names them."""
    a, b, c = atoms.pbc
    identities = list(_identities(atoms))
    kinds = name_kinds(identities)
    structure = Structure(
        Lattice(atoms.cell.array, pbc=(bool(a), bool(b), bool(c))),
        list(atoms.symbols),
        atoms.positions,
        coords_are_cartesian=True,
        site_properties={KIND_NAME: kinds},
    )
    usual = np.nan_to_num(Atoms(atoms.numbers).get_masses()).round(3)
    set_masses(
        structure,
        {
            kind: mass
            for kind, (_, _, mass), own in zip(kinds, identities, usual, strict=True)
            if abs(mass - own) > OTHER_TABLE
        },
    )
    return structure


def _identities(atoms: Atoms) -> Iterator[tuple[str, int, float]]:
    # Elements without a stable isotope may have no mass (NaN), which does not equal itself.
    masses = map(float, np.nan_to_num(atoms.get_masses()).round(3))
    return zip(atoms.symbols, map(int, atoms.get_tags()), masses, strict=True)
