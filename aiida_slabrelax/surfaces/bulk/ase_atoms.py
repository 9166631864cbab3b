"""ASE atoms as pymatgen structures, with the kinds that aiida-core would create."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from ase import Atoms
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from .kinds import KIND_NAME, MOMENT, name_kinds
from .masses import set_masses
from .moments import tell_moments_apart

OTHER_TABLE = 0.03
"""The mass of an element (u) may differ by so much from one table to another, as that of zinc."""


def from_ase(atoms: Atoms) -> Structure:
    """Return the structure for pymatgen; tags and masses define kinds, with aiida-core's names.

    Magnetic moments define kinds too: those of a calculation, or ``initial_magmoms``.

    :raises NonCollinearError: if the moments do not lie along one axis.
    """
    a, b, c = atoms.pbc
    identities = list(_identities(atoms))
    kinds = name_kinds(identities)
    properties: dict[str, list[Any]] = {KIND_NAME: kinds}
    if (moments := moments_of_atoms(atoms)) is not None:
        properties[MOMENT] = moments
    structure = Structure(
        Lattice(atoms.cell.array, pbc=(bool(a), bool(b), bool(c))),
        list(atoms.symbols),
        atoms.positions,
        coords_are_cartesian=True,
        site_properties=properties,
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
    return tell_moments_apart(structure)


def moments_of_atoms(atoms: Atoms) -> list[Any] | None:
    """Return the magnetic moment (μB) of each atom, a number or a vector; None if there are none.

    Calculated moments take precedence over initial ones.
    """
    found = getattr(atoms.calc, 'results', {}).get('magmoms')
    if found is not None and len(found) == len(atoms):
        return list(np.asarray(found, dtype=float).tolist())
    given = atoms.arrays.get('initial_magmoms', atoms.arrays.get('magmoms'))
    return None if given is None else list(np.asarray(given, dtype=float).tolist())


def _identities(atoms: Atoms) -> Iterator[tuple[str, int, float]]:
    # Elements without a stable isotope may have no mass (NaN), which does not equal itself.
    masses = map(float, np.nan_to_num(atoms.get_masses()).round(3))
    return zip(atoms.symbols, map(int, atoms.get_tags()), masses, strict=True)
