"""Distances in a plane to the images of atoms."""

from __future__ import annotations

import numpy as np

from ..bulk.crystal import Vectors


def square_distances(points: Vectors, translations: Vectors) -> Vectors:
    """Return the squares of the distances (Å²) from the origin to the images of points.

    A product of matrices takes a tenth of the time that the vectors to all images take.

    :param points: shape (…, N, 2), in Å.
    :param translations: shape (…, M, 2), those to the images, in Å.
    :returns: shape (…, N, M).
    """
    squares = 2 * points @ translations.swapaxes(-1, -2)
    squares += np.square(points).sum(axis=-1)[..., np.newaxis]
    squares += np.square(translations).sum(axis=-1)[..., np.newaxis, :]
    return np.maximum(squares, 0.0)  # the origin itself may be a rounding error below
