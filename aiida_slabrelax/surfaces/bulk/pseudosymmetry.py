"""Symmetry that a crystal may have been meant to have, and that noise hides."""

from __future__ import annotations

import numpy as np
from pymatgen.core.structure import Structure

from ..reasons import SlabGenerationError
from .crystal import SYMMETRY_TOLERANCE, Crystal

LOOSE_TOLERANCE = 0.1
"""With this (Å) a crystal is searched for more symmetry."""


def find_pseudosymmetry(crystal: Crystal) -> Crystal | None:
    """Return the crystal as it is within 0.1 Å, if it has more operations then, else None."""
    try:
        loose = Crystal.of(crystal.given, LOOSE_TOLERANCE)
    except SlabGenerationError:
        return None
    # Both count: operations that are lost, and translations, without which the cell is larger.
    return loose if _density(loose) > 1.5 * _density(crystal) else None


def describe_pseudosymmetry(bulk: Structure) -> str | None:
    """Warn of a crystal that has more symmetry operations within 0.1 Å than are made use of.

    :param bulk: as it is to be cut.
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
