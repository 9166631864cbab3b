"""The heights of atoms along the normal of a plane, and the layers that they form."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..bulk.crystal import Crystal, Integers, Vectors
from ..bulk.symmetrized import find_images
from ..groups.groups import Group
from ..slabs.layers import find_cuts


def symmetric_heights(crystal: Crystal, indices: Integers) -> Vectors:
    """Return the heights of the atoms of a crystal above its origin, shape (N,), in planes.

    Operations map atoms to others only within 0.01 Å. The height of an atom is therefore the mean
    over all of its images. Equivalent gaps are then equally wide, so that either all of them
    separate layers or none.

    :param indices: Miller indices in the primitive cell.
    """
    images, atoms = find_images(crystal, np.flatnonzero(crystal.sides(indices)))
    heights = crystal.coordinates @ indices
    moves = images @ indices - heights[atoms]
    moves -= np.round(moves)
    counts = np.bincount(atoms.ravel(), minlength=len(heights))
    return np.asarray(heights + np.bincount(atoms.ravel(), moves.ravel(), len(heights)) / counts)


def find_layers(
    heights: Vectors, period: float, tolerance: float
) -> tuple[list[Integers], Vectors]:
    """Divide atoms with heights modulo 1 into layers.

    :param heights: shape (N,), in periods.
    :param period: in Å.
    :param tolerance: the largest thickness of a layer, in Å.
    :returns: the indices of the atoms of each layer, from below, and the heights within one period
        so that each layer is in one piece; no layers if no gap is wide enough to cut.
    """
    heights = heights % 1.0
    order = np.argsort(heights, kind='stable')
    gaps = np.diff(heights[order], append=heights[order[0]] + 1.0)
    breaks = find_cuts(gaps * period, tolerance, periodic=True)
    if not breaks.size:
        return [], heights
    # Atoms above the last gap of this period belong to the first layer of the next one.
    heights[order[breaks[-1] + 1 :]] -= 1.0
    order = np.roll(order, len(order) - 1 - breaks[-1])
    starts = breaks[:-1] + 1 + len(order) - 1 - breaks[-1]
    return np.split(order, starts), heights


def layers_of_groups(
    heights: Vectors, groups: Sequence[Group], indices: Integers, period: float, tolerance: float
) -> tuple[list[Integers], Vectors]:
    """Divide groups of atoms into layers by the heights of their centres, as :func:`find_layers`.

    The centre of a group is the mean of its atoms.

    :param heights: of the atoms where they are in the primitive cell, shape (N,), in periods.
    :param groups: each atom is in one of them, and planes leave all of them whole.
    :param indices: Miller indices in the primitive cell.
    :returns: the indices of the atoms of each layer, from below, and the heights within one period
        so that each layer is in one piece.
    """
    whole = [heights[group.atoms] + group.cells @ indices for group in groups]
    centres = np.array([one.mean() for one in whole])
    layers, moved = find_layers(centres, period, tolerance)
    within = np.empty_like(heights)
    for group, each, centre, now in zip(groups, whole, centres, moved, strict=True):
        within[group.atoms] = each + np.round(now - centre)
    return [np.concatenate([groups[one].atoms for one in layer]) for layer in layers], within


def widest_gap(heights: Vectors) -> float:
    """Return the widest gap between heights modulo 1."""
    ordered = np.sort(heights % 1.0)
    return float(np.diff(ordered, append=ordered[0] + 1.0).max())
