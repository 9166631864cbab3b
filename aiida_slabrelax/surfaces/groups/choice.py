"""What is kept whole: which bonds hold the groups that cuts go around."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from ..bulk.crystal import Booleans, Crystal
from ..reasons import SlabGenerationError
from .bonds import Bonds, shortest_distance
from .groups import Group, connect, count_names

PAIR = re.compile(r'([A-Z][a-z]?)-([A-Z][a-z]?)')
"""A pair of elements, such as ``P-O``."""

REACH = 5.0
"""How far (Å) to look for a pair of elements that are not bonded, to name its distance."""


def choose_groups(crystal: Crystal, keep_whole: Sequence[str], bonds: Bonds) -> list[Group]:
    """Return the groups of a crystal that cuts leave whole; other atoms are groups of their own.

    :param keep_whole: each ``molecules``, ``layers``, ``auto`` or a pair of elements like ``P-O``.
    :param bonds: all bonds of the crystal.
    :raises SlabGenerationError: if there is nothing of what was named.
    """
    held = np.zeros(len(bonds), dtype=bool)
    for what in keep_whole:
        if what == 'auto':
            held |= _of_molecules(crystal, bonds) | _of_layers(crystal, bonds)
        elif what == 'molecules':
            held |= _found(_of_molecules(crystal, bonds), what, crystal, bonds)
        elif what == 'layers':
            held |= _found(_of_layers(crystal, bonds), what, crystal, bonds)
        else:
            held |= _of_pair(crystal, bonds, what)
    return connect(bonds.where(held), len(crystal.atoms))


def several(groups: Sequence[Group]) -> list[Group]:
    """Return those of more than one atom."""
    return [group for group in groups if len(group.atoms) > 1 or group.dimension]


def _of_molecules(crystal: Crystal, bonds: Bonds) -> Booleans:
    """Return the bonds of all molecules and chains, and of the polyatomic ions of a salt."""
    return _by_dimension(crystal, bonds, (0, 1))


def _of_layers(crystal: Crystal, bonds: Bonds) -> Booleans:
    """Return the bonds of all layers, and of molecules between them; none without layers."""
    layers = _by_dimension(crystal, bonds, (2,))
    return layers | _by_dimension(crystal, bonds, (0,)) if layers.any() else layers


def _by_dimension(crystal: Crystal, bonds: Bonds, dimensions: Sequence[int]) -> Booleans:
    """Return the bonds of the groups that are bonded to their images in so many directions.

    What all bonds connect is divided, if it is a network, where metals are bonded.
    """
    of_all = _dimensions(connect(bonds, len(crystal.atoms)), len(crystal.atoms))
    metal = np.array([one.is_metal for one in crystal.elements])
    covalent = ~metal[bonds.first] & ~metal[bonds.second]
    parts = connect(bonds.where(covalent), len(crystal.atoms))
    of_parts = _dimensions(parts, len(crystal.atoms))
    whole = np.isin(of_all, dimensions)[bonds.first]
    part = covalent & np.isin(of_parts, dimensions)[bonds.first]
    divided = ~np.isin(of_all, (0, 1, 2))[bonds.first]
    return np.asarray(whole | (part & divided))


def _dimensions(groups: Sequence[Group], n_atoms: int) -> np.ndarray:
    dimensions = np.zeros(n_atoms, dtype=np.int64)
    for group in groups:
        dimensions[group.atoms] = group.dimension
    return dimensions


def _found(held: Booleans, what: str, crystal: Crystal, bonds: Bonds) -> Booleans:
    if held.any():
        return held
    present = count_names(several(connect(bonds, len(crystal.atoms))), crystal)
    raise SlabGenerationError(
        f'There are no {what} in the crystal; its bonds hold together: {present or "nothing"}.',
        option='keep_whole',
    )


def _of_pair(crystal: Crystal, bonds: Bonds, pair: str) -> Booleans:
    first_symbol, second_symbol = pair.split('-')
    symbols = np.array([one.symbol for one in crystal.elements])
    for symbol in (first_symbol, second_symbol):
        if symbol not in symbols:
            raise SlabGenerationError(
                f'The crystal has no {symbol}: there is no {pair} to keep whole.',
                option='keep_whole',
            )
    first, second = symbols[bonds.first], symbols[bonds.second]
    held = ((first == first_symbol) & (second == second_symbol)) | (
        (first == second_symbol) & (second == first_symbol)
    )
    if not held.any():
        distance = shortest_distance(crystal, first_symbol, second_symbol, REACH)
        found = f'at least {distance:.2f} Å' if distance else f'more than {REACH:g} Å'
        raise SlabGenerationError(
            f'The crystal has no {pair} bond: these atoms are {found} apart. With bonds a length '
            f"is given, such as {{'{pair}': {distance or REACH:.1f}}}.",
            option='keep_whole',
        )
    return np.asarray(held)
