"""Atomic layers, and a reproducible order of terminations by their sequence of layers.

The origin, the orientation of the crystal, the order of its atoms and numerical noise change the
order in which terminations are found, but not their layers.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cmp_to_key
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...option_checks import NARROWEST_GAP
from ...slab_options import LAYER_TOLERANCE

AS_WIDE = 0.005
"""Gaps (Å) between atoms that differ by less are cut together; noise in the bulk is below it."""

GAP_TOLERANCE = 0.02
"""Gaps (Å) between layers that differ by less are equal; noise in the bulk is far below it."""

ROUNDING = 1e-6
"""A layer may be thicker (Å) than is allowed by what numbers are rounded."""

Contents = tuple[tuple[str, int], ...]
"""What is in a layer: sorted pairs (kind, count)."""

Layer = tuple[Contents, float]
"""The contents of a layer and the gap (Å) to the next one."""


def find_cuts(gaps: ArrayLike, tolerance: float, *, periodic: bool = False) -> NDArray[np.intp]:
    """Return the gaps between atoms, in order of their heights, that separate layers.

    No layer is thicker than the tolerance: thicker ones are divided at their widest gaps,
    repeatedly. Gaps below 0.01 Å cannot be distinguished from noise and are not cut.

    :param gaps: from each atom to the next, shape (N − 1,), in Å.
    :param tolerance: the largest thickness of a layer, in Å.
    :param periodic: whether there is one more gap, from the last atom to the first one of the next
        period; then at least the widest gaps are cut.
    :returns: the numbers of the gaps in ascending order.
    """
    gaps = np.asarray(gaps, dtype=float)
    is_cut = gaps > tolerance + ROUNDING
    if periodic and not is_cut.any():
        is_cut = _are_widest(gaps)
        if not is_cut.any():
            return np.flatnonzero(is_cut)
    # A period begins at a cut, so that each layer is in one piece.
    first = int(np.flatnonzero(is_cut)[0]) if periodic else 0
    turned, was_cut = np.roll(gaps, -first), np.roll(is_cut, -first)
    bounds = [-1, *np.flatnonzero(was_cut), len(gaps)]
    pieces = [(low + 1, high) for low, high in pairwise(bounds)]
    while pieces:
        low, high = pieces.pop()
        inner = turned[low:high]
        if inner.sum() <= tolerance + ROUNDING:
            continue
        inside = low + np.flatnonzero(_are_widest(inner))
        was_cut[inside] = True
        if len(inside):
            bounds = [low - 1, *inside, high]
            pieces += [(start + 1, end) for start, end in pairwise(bounds)]
    return np.flatnonzero(np.roll(was_cut, first))


def _are_widest(gaps: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which gaps are as wide as the widest one; none if it is too narrow."""
    widest = float(gaps.max(initial=0.0))
    if widest < NARROWEST_GAP:
        return np.zeros(len(gaps), dtype=bool)
    return gaps > widest - AS_WIDE


def layer_members(heights: ArrayLike, tolerance: float = LAYER_TOLERANCE) -> list[NDArray[np.intp]]:
    """Return the indices of the atoms of each layer, from the top to the bottom.

    :param heights: the atoms' heights along the normal, shape (N,), in Å.
    :param tolerance: the largest thickness of a layer, in Å.
    """
    heights = np.asarray(heights, dtype=float)
    order = np.argsort(-heights, kind='stable')
    cuts = find_cuts(-np.diff(heights[order]), tolerance)
    return np.split(order, cuts + 1)


def atomic_layers(
    heights: ArrayLike, kinds: Sequence[str], tolerance: float = LAYER_TOLERANCE
) -> list[Layer]:
    """Return the layers of a slab from the top to the bottom.

    :param heights: the atoms' heights along the normal, shape (N,), in Å.
    :param kinds: the name of each atom's kind.
    :param tolerance: the largest thickness of a layer, in Å.
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


def turned_over(layers: Sequence[Layer]) -> list[Layer]:
    """Return the layers of a slab, given from the top to the bottom, from the bottom to the top."""
    contents = [each for each, _ in reversed(layers)]
    gaps = [*(gap for _, gap in reversed(layers[:-1])), 0.0]
    return list(zip(contents, gaps, strict=True))


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


def canonical_layers(layers: Sequence[Layer]) -> list[Layer]:
    """Return the layers of a slab from above or from below, whichever comes first in the order.

    :param layers: from the top to the bottom.
    """
    return min(list(layers), turned_over(layers), key=layer_order)


def slab_labels(count: int, prefix: str = 'slab') -> list[str]:
    """Return ``slab_00``, ``slab_01``, …, all with the number of digits of the last one."""
    digits = max(2, len(str(count - 1)))
    return [f'{prefix}_{number:0{digits}d}' for number in range(count)]
