"""The polarity of slabs, from the charges of their atoms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from pymatgen.core.composition import Composition
from pymatgen.core.structure import Structure

from ..orientation import UprightSlab
from ..terminations import Polarity

DIPOLE_TOLERANCE = 5e-3
"""The dipole moment per area (e/Å) of a slab that is not polar; that of GaAs (111) is 0.2."""

MOST_TRIALS = 200_000
"""So many oxidation states pymatgen weighs in about three seconds, for a guess."""


def find_charges(bulk: Structure) -> tuple[Mapping[str, float] | None, str]:
    """Return the oxidation state of each species or element of a crystal, and its source.

    If all species have oxidation states, these are returned; otherwise pymatgen's most likely guess
    from the composition, in which all atoms of an element have the same (possibly fractional) one.
    None if no guess is neutral, or if there are too many to try (:data:`MOST_TRIALS`).

    :param bulk: the given crystal, with its kinds.
    """
    given = {str(one): getattr(one, 'oxi_state', None) for one in set(bulk.species)}
    charges = {species: float(charge) for species, charge in given.items() if charge is not None}
    if len(charges) == len(given):
        return charges, 'given'
    composition = bulk.composition.element_composition.reduced_composition
    guess = _guess(composition)
    return (None, 'no oxidation states') if guess is None else (dict(guess), 'guessed')


@lru_cache(maxsize=100)
def _guess(composition: Composition) -> Mapping[str, float] | None:
    """Return the most likely oxidation state of each element, if there is a guess."""
    guesses = () if _count_trials(composition) > MOST_TRIALS else composition.oxi_state_guesses()
    if not guesses:
        return None
    return {element: float(charge) for element, charge in guesses[0].items()}


def find_polarity(
    slab: UprightSlab, symmetric: bool, charges: Mapping[str, float] | None, source: str
) -> Polarity:
    """Return whether a slab has a dipole moment along its normal.

    :param symmetric: whether an operation exchanges its faces; then it has none.
    :param charges: the return value of :func:`find_charges`.
    """
    if symmetric:
        return Polarity('no', 'symmetry')
    if charges is None:
        return Polarity('unknown', source)
    each = np.array([charge_of(site.specie, charges) for site in slab.structure])
    heights = slab.geometry.heights
    dipole = float(each @ (heights - heights.mean())) / slab.geometry.area
    return Polarity('yes' if abs(dipole) > DIPOLE_TOLERANCE else 'no', source)


def _count_trials(composition: Composition) -> int:
    """Return the number of trials of a guess: all fillings of each element, all sets of sums."""
    atoms, sums = 0, 1
    for element, amount in composition.items():
        states = element.icsd_oxidation_states or element.common_oxidation_states or (0,)
        atoms += int(amount) * math.comb(int(amount) + len(states) - 1, int(amount))
        sums *= int(amount) * (max(states) - min(states)) + 1
    return atoms + sums


def charge_of(species: object, charges: Mapping[str, float]) -> float:
    """Return the charge (e) of a species, or of its element, from :func:`find_charges`."""
    symbol = str(species)
    return charges[symbol] if symbol in charges else charges[getattr(species, 'symbol', symbol)]
