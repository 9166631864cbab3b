"""Masses of kinds that differ from those of their elements: deuterium and other isotopes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pymatgen.core.structure import Structure

from .kinds import KIND_NAME, kind_names

_MASSES = 'masses'

#: Isotopes of hydrogen that have symbols of their own, with their masses (u).
ISOTOPES = {'D': 2.014, 'T': 3.016}


def masses_of(structure: Structure) -> dict[str, float]:
    """Return the mass (u) of each kind whose mass differs from that of its element."""
    return dict(structure.properties.get(_MASSES) or {})


def set_masses(structure: Structure, masses: Mapping[str, float]) -> None:
    """Set the masses (u) of kinds that differ from those of their elements."""
    present = set(kind_names(structure))
    if kept := {kind: float(mass) for kind, mass in masses.items() if kind in present}:
        structure.properties[_MASSES] = kept


def isotopes_as_kinds(structure: Structure) -> Structure:
    """Return the structure with D and T as kinds of hydrogen; without them it is unchanged."""
    symbols = [_symbol(site.species) for site in structure]
    found = {symbol: ISOTOPES[symbol] for symbol in symbols if symbol in ISOTOPES}
    if not found:
        return structure
    kinds = [
        symbol if symbol in found else name
        for symbol, name in zip(symbols, kind_names(structure), strict=True)
    ]
    species: list[Any] = [
        'H' if symbol in found else site.species
        for symbol, site in zip(symbols, structure, strict=True)
    ]
    changed = Structure(
        structure.lattice,
        species,
        structure.frac_coords,
        site_properties={**structure.site_properties, KIND_NAME: kinds},
        properties=dict(structure.properties),
    )
    set_masses(changed, {**masses_of(structure), **found})
    return changed


def name_isotope(mass: float) -> str | None:
    """Return the symbol of the isotope of hydrogen with this mass (u), or ``None``."""
    return next((name for name, of_it in ISOTOPES.items() if abs(mass - of_it) < 0.1), None)


def _symbol(species: Iterable[object]) -> str:
    """Return the symbol of the only species on a site; empty if there are several.

    In pymatgen an isotope of hydrogen has the symbol of hydrogen and its own mass.
    """
    one, *others = species
    if others:
        return ''
    symbol, mass = str(getattr(one, 'symbol', '')), float(getattr(one, 'atomic_mass', 0.0))
    return name_isotope(mass) or symbol if symbol in ('H', *ISOTOPES) else symbol
