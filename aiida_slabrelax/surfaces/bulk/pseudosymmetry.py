"""Pseudosymmetry: symmetry within 0.1 Å that noise hides within the usual tolerance."""

from __future__ import annotations

import numpy as np
from pymatgen.core.structure import Structure

from ..reasons import SlabGenerationError
from .crystal import SYMMETRY_TOLERANCE, Crystal

LOOSE_TOLERANCE = 0.1
"""With this (Å) a crystal is searched for more symmetry."""


def find_pseudosymmetry(crystal: Crystal) -> Crystal | None:
    """Return the crystal with its symmetry within 0.1 Å if it is higher, else None."""
    try:
        loose = Crystal.of(crystal.given, LOOSE_TOLERANCE)
    except SlabGenerationError:
        return None
    # Lost translations count too: without them the primitive cell is larger.
    return loose if _density(loose) > 1.5 * _density(crystal) else None


def describe_pseudosymmetry(bulk: Structure) -> str | None:
    """Warn of a crystal with more symmetry operations within 0.1 Å than are used.

    :param bulk: the crystal to be cut.
    :returns: a message, or None.
    """
    try:
        crystal = Crystal.of(bulk)
    except SlabGenerationError:
        return None  # the cut itself will say so
    loose = find_pseudosymmetry(crystal)
    if loose is None:
        return None
    volume = float(bulk.volume)
    found, hidden = (round(_density(symmetry) * volume) for symmetry in (crystal, loose))
    return (
        f'the crystal has {found} symmetry operation{"s" * (found != 1)} within '
        f'{SYMMETRY_TOLERANCE} Å, but {hidden} within {LOOSE_TOLERANCE} Å. If it was meant to have '
        'them all, symmetrize it first: now slabs can be too many or too few, or thicker than need '
        'be.'
    )


def _density(crystal: Crystal) -> float:
    """Return the number of symmetry operations in a volume, 1/Å³."""
    return len(crystal.rotations) / abs(float(np.linalg.det(crystal.vectors)))
