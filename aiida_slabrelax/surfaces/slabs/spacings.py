"""How the distances of atomic layers have changed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .constraints import RUMPLING
from .layers import layer_members

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Spacings:
    """The distances of neighbouring layers of a slab, from the top to the bottom.

    :ivar before: shape (n − 1,), in Å.
    :ivar after: shape (n − 1,), in Å.
    """

    before: Array = field(hash=False)
    after: Array = field(hash=False)

    @property
    def changes_percent(self) -> Array:
        """How much wider each has become, in % of what it was; shape (n − 1,)."""
        return 100 * (self.after / self.before - 1)

    @property
    def from_top(self) -> Array:
        """The changes (%) from the upper surface to the middle, which may belong to both sides."""
        return self.changes_percent[: (len(self.before) + 1) // 2]

    @property
    def from_bottom(self) -> Array:
        """The changes (%) from the lower surface to the middle."""
        return self.changes_percent[::-1][: (len(self.before) + 1) // 2]


def compare_spacings(before: ArrayLike, after: ArrayLike) -> Spacings:
    """Return the distances of layers before and after a relaxation.

    The layers are those before, at most 0.3 Å thick, as where layers are fixed. The height of
    a layer is the mean of its atoms.

    :param before: the heights of the atoms along the normal, shape (N,), in Å.
    :param after: the same after, in the same order.
    """
    first, second = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    layers = layer_members(first, RUMPLING)
    return Spacings(
        before=-np.diff([first[layer].mean() for layer in layers]),
        after=-np.diff([second[layer].mean() for layer in layers]),
    )
