"""Structures of pymatgen as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..surfaces.bulk.masses import name_isotope
from ..surfaces.bulk.moments import given_moments
from .content import CrystalData

if TYPE_CHECKING:
    from pymatgen.core.structure import Structure


def to_data(structure: Structure) -> CrystalData:
    """Return a structure without oxidation states; D and T keep their names.

    Spins of species are moments.
    """
    return CrystalData(
        matrix=structure.lattice.matrix.tolist(),
        pbc=list(map(bool, structure.lattice.pbc)),
        species=[_shares(site.species) for site in structure],
        coordinates=structure.frac_coords.tolist(),
        cartesian=False,
        kinds=None,
        tags=None,
        masses=None,
        moments=given_moments(structure) if structure.is_ordered else None,
    )


def _shares(species: object) -> dict[str, float]:
    shares: dict[str, float] = {}
    for element, share in species.items():  # type: ignore[attr-defined]
        symbol = _symbol(element)
        shares[symbol] = shares.get(symbol, 0.0) + float(share)
    return shares


def _symbol(species: object) -> str:
    """Return the symbol of a species: an isotope of hydrogen has that of hydrogen, and a mass."""
    symbol = str(species.symbol)  # type: ignore[attr-defined]
    if symbol == 'H':
        mass = float(getattr(species, 'atomic_mass', 1.0))
        symbol = name_isotope(mass) or 'H'
    return symbol
