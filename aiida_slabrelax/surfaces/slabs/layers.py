"""A lasting order of terminations: by their sequence of atomic layers.

The place of the origin, the orientation of the crystal, the order of its atoms and numerical
noise all change the order in which terminations are found, but not their layers.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cmp_to_key
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

LAYER_TOLERANCE = 0.1
"""Atoms nearer than this (Å) along the normal belong to one layer, as in pymatgen's `ftol`."""

GAP_TOLERANCE = 0.02
"""Gaps (Å) between layers that differ by less are equal; noise in the bulk is far below it."""

Contents = tuple[tuple[str, int], ...]
"""What is in a layer: sorted pairs (kind, count)."""

Layer = tuple[Contents, float]
"""The contents of a layer and the gap (Å) to the next one."""


def layer_members(heights: ArrayLike, tolerance: float = LAYER_TOLERANCE) -> list[NDArray[np.intp]]:
    """Return the indices of the atoms of each layer, from the top to the bottom.

    :param heights: the atoms' heights along the normal, shape (N,), in Å.
    :param tolerance: atoms nearer than this (Å) to the next one belong to one layer.
    """
    heights = np.asarray(heights, dtype=float)
    order = np.argsort(-heights, kind='stable')
    breaks = np.flatnonzero(-np.diff(heights[order]) > tolerance) + 1
    return np.split(order, breaks)


def atomic_layers(
    heights: ArrayLike, kinds: Sequence[str], tolerance: float = LAYER_TOLERANCE
) -> list[Layer]:
    """Return the layers of a slab from the top to the bottom.

    :param heights: the atoms' heights along the normal, shape (N,), in Å.
    :param kinds: the name of each atom's kind.
    :param tolerance: that of :func:`layer_members`, in Å.
    :returns: the layers; the gap below the last one is 0.
    """
    heights = np.asarray(heights, dtype=float)
    members = layer_members(heights, tolerance)
    means = [float(heights[layer].mean()) for layer in members]
    gaps = [*(upper - lower for upper, lower in pairwise(means)), 0.0]
    return [
        (tuple(sorted(Counter(kinds[index] for index in layer).items())), gap)
        for layer, gap in zip(members, gaps, strict=True)
    ]


def compare_layers(first: Sequence[Layer], second: Sequence[Layer]) -> int:
    """Compare two sequences layer by layer, contents before gaps: negative, 0 or positive."""
    for (contents, gap), (other_contents, other_gap) in zip(first, second, strict=False):
        if contents != other_contents:
            return -1 if contents < other_contents else 1
        if abs(gap - other_gap) > GAP_TOLERANCE:
            return -1 if gap < other_gap else 1
    return len(first) - len(second)


layer_order = cmp_to_key(compare_layers)
"""A key for sorting sequences of layers."""


def canonical_layers(heights: ArrayLike, kinds: Sequence[str]) -> list[Layer]:
    """Return the layers as seen from above or from below, whichever comes first in the order.

    The parameters are those of :func:`atomic_layers`.
    """
    heights = np.asarray(heights, dtype=float)
    views = (atomic_layers(heights, kinds), atomic_layers(-heights, kinds))
    return min(views, key=layer_order)


def slab_labels(count: int, prefix: str = 'slab') -> list[str]:
    """Return ``slab_00``, ``slab_01``, …, all with as many digits as the last one needs."""
    digits = max(2, len(str(count - 1)))
    return [f'{prefix}_{number:0{digits}d}' for number in range(count)]
