"""Changes of the interlayer distances in a relaxation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .constraints import RUMPLING
from .layers import layer_members

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Spacings:
    """Interlayer distances of a slab, from the top to the bottom.

    :ivar before: shape (n − 1,), in Å.
    :ivar after: shape (n − 1,), in Å.
    """

    before: Array = field(hash=False)
    after: Array = field(hash=False)

    @property
    def changes_a(self) -> Array:
        """The change of each distance, shape (n − 1,), in Å."""
        return self.after - self.before

    @property
    def changes_percent(self) -> Array:
        """The change of each distance in % of its initial value; shape (n − 1,)."""
        return 100 * (self.after / self.before - 1)

    @property
    def from_top(self) -> Array:
        """The changes (%) from the upper surface to the middle, which may belong to both sides."""
        return self.sides(self.changes_percent)[0]

    @property
    def from_bottom(self) -> Array:
        """The changes (%) from the lower surface to the middle."""
        return self.sides(self.changes_percent)[1]

    def sides(self, values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return values of the distances from the upper and from the lower surface to the middle.

        :param values: one for each distance, from the top to the bottom.
        """
        half = (len(self.before) + 1) // 2
        return values[:half], values[::-1][:half]


def compare_spacings(before: ArrayLike, after: ArrayLike) -> Spacings:
    """Return the interlayer distances before and after a relaxation.

    The layers are those of the initial geometry, at most 0.3 Å thick, as for fixed layers. The
    height of a layer is the mean of its atoms.

    :param before: the heights of the atoms along the normal, shape (N,), in Å.
    :param after: the heights after the relaxation, in the same order.
    """
    first, second = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    layers = layer_members(first, RUMPLING)
    return Spacings(
        before=-np.diff([first[layer].mean() for layer in layers]),
        after=-np.diff([second[layer].mean() for layer in layers]),
    )
