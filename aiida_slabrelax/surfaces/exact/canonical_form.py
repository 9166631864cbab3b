"""The canonical form of a half crystal, which distinguishes any two faces.

Distances between pairs of atoms are not enough: layers related by a screw axis, for example, have
the same distances upwards and downwards. Here all atoms are described at once, in a frame of an
atom and two lattice vectors. Of all frames of the face and its lattice, the one whose description
comes first is chosen. Frames may be left-handed, so that the mirror image has the same form.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass

import numpy as np

from ..bulk.crystal import Integers, Vectors
from ..slabs.layers import GAP_TOLERANCE
from .images import square_distances
from .stacking import Stacking

FORM_TOLERANCE = 0.05
"""Distances (Å) that differ by less are equal."""

LENGTH_TOLERANCE = 0.01
"""Lattice vectors whose lengths differ by less (Å) are equally long."""

REFERENCES = np.array([[0.13, 0.29], [0.41, -0.17], [-0.23, 0.37]])
"""Points in a frame that no symmetry relates to its origin or to each other. The distances from
them and from their images tell where in the plane an atom is."""

IMAGES = np.mgrid[-1:2, -1:2].reshape(2, -1).T
"""With a reduced basis the nearest image of a point is among these."""

AT_ONCE = 1_000_000
"""So many distances are computed at once: of a large cell all of them would not fit in memory."""


@dataclass(frozen=True)
class Frames:
    """Where half crystals are looked at from.

    :ivar origins: shape (n, 2), in Å.
    :ivar vectors: shape (n, 2, 2), two lattice vectors of each as rows, in Å.
    """

    origins: Vectors
    vectors: Vectors

    @classmethod
    def of(cls, origins: Vectors, pairs: list[Vectors]) -> Frames:
        """Combine each origin with each pair of lattice vectors."""
        chosen = list(itertools.product(origins, pairs))
        return cls(np.array([one for one, _ in chosen]), np.array([one for _, one in chosen]))

    def __getitem__(self, chosen: slice | Integers) -> Frames:
        """Return some of them."""
        return Frames(self.origins[chosen], self.vectors[chosen])


class CanonicalForms:
    """The forms of the faces parallel to a plane of a crystal."""

    def __init__(self, stacking: Stacking) -> None:
        """Store the crystal; forms are computed on demand."""
        self._stacking = stacking
        numbers = range(len(stacking.layers))
        self._layers = {
            reverse: [stacking.flat_layer(number, reverse) for number in numbers]
            for reverse in (False, True)
        }
        self._heights = [stacking.positions[layer, 2] for layer in stacking.layers]
        self._frames = find_frames(stacking.plane)
        self._known: dict[tuple[int, int, bool], tuple[Vectors, Vectors]] = {}

    def compare(self, first: tuple[int, int, bool], second: tuple[int, int, bool]) -> int:
        """Compare two faces with equal contents of the layers: negative, 0 or positive.

        :param first: the outermost layer, the inward direction (-1 down, 1 up), and whether all
            magnetic moments are reversed.
        :param second: the other face.
        """
        (gaps, form), (other_gaps, other_form) = map(self._find, (first, second))
        return _compare(gaps, other_gaps, GAP_TOLERANCE) or _compare(
            form, other_form, FORM_TOLERANCE
        )

    def _find(self, view: tuple[int, int, bool]) -> tuple[Vectors, Vectors]:
        layer, inwards, reverse = view
        layer %= len(self._heights)
        view = layer, inwards, reverse
        if view not in self._known:
            self._known[view] = self._gaps(layer, inwards), self._form(*view)
        return self._known[view]

    def _gaps(self, outermost: int, inwards: int) -> Vectors:
        """Return the distances (Å) from the mean height of each layer to that of the next."""
        n, period = len(self._heights), self._stacking.period
        numbers = range(outermost, outermost + inwards * (n + 1), inwards)
        means = [self._heights[one % n].mean() + one // n * period for one in numbers]
        return np.abs(np.diff(means))

    def _form(self, outermost: int, inwards: int, reverse: bool) -> Vectors:
        """Return the description of one period in the frame in which it comes first."""
        layers = self._layers[reverse]
        n = len(layers)
        frames = Frames.of(_anchors(*layers[outermost]), self._frames)
        form: list[Vectors] = []
        for number in range(outermost, outermost + inwards * n, inwards):
            kinds, places = layers[number % n]
            places = places + number // n * self._stacking.step[:2]
            depths = inwards * (self._heights[number % n] - self._heights[number % n].mean())
            for kind in sorted(set(kinds)):
                chosen = np.array(kinds) == kind
                frames, first = _look_first(places[chosen], depths[chosen], frames)
                form.append(first)
        # With the step to the next period it is the whole half crystal.
        step = inwards * self._stacking.step[np.newaxis, :2]
        _, first = _look_first(step, np.zeros(1), Frames(0 * frames.origins, frames.vectors))
        return np.concatenate([*form, first])


def find_frames(plane: Vectors) -> list[Vectors]:
    """Return all pairs of lattice vectors in the plane that are congruent to the reduced basis.

    :param plane: shape (2, 2), the basis as rows, in Å.
    """
    points = np.mgrid[-2:3, -2:3].reshape(2, -1).T @ plane
    lengths = np.linalg.norm(points, axis=1)
    firsts, seconds = (
        points[np.abs(lengths - length) < LENGTH_TOLERANCE]
        for length in np.linalg.norm(plane, axis=1)
    )
    across = float(np.linalg.norm(plane[1] - plane[0]))
    return [
        np.array([first, second])
        for first, second in itertools.product(firsts, seconds)
        if abs(np.linalg.norm(second - first) - across) < LENGTH_TOLERANCE
    ]


def _anchors(kinds: list[str], places: Vectors) -> Vectors:
    """Return the positions of the atoms of the rarest kind of a layer."""
    counts = Counter(kinds)
    rarest = min(counts, key=lambda kind: (counts[kind], kind))
    return np.asarray(places[np.array(kinds) == rarest])


def _look_first(places: Vectors, depths: Vectors, frames: Frames) -> tuple[Frames, Vectors]:
    """Return the frames in which what is seen of some atoms comes first, and what is seen there.

    :param places: shape (N, 2), in Å.
    :param depths: shape (N,), in Å; each is added to the distances of its atom.
    """
    size = max(1, AT_ONCE // (len(places) * len(REFERENCES) * len(IMAGES)))
    parts = range(0, len(frames.origins), size)
    seen = np.concatenate([_look(places, depths, frames[at : at + size]) for at in parts])
    kept = np.arange(len(seen))
    for figures in seen.T:
        if len(kept) == 1:
            break
        kept = kept[figures[kept] <= figures[kept].min() + FORM_TOLERANCE]
    return frames[kept], seen[kept].mean(axis=0)


def _look(places: Vectors, depths: Vectors, frames: Frames) -> Vectors:
    """Return how far atoms are from the points of reference of frames, sorted for each point.

    :returns: shape (n, 3N), a row for each frame.
    """
    n = len(frames.origins)
    counted = (places - frames.origins[:, np.newaxis]) @ np.linalg.inv(frames.vectors)
    counted = (counted[:, :, np.newaxis] - REFERENCES).reshape(n, -1, 2)
    closest = (counted - np.round(counted)) @ frames.vectors
    distances = np.sqrt(square_distances(closest, IMAGES @ frames.vectors).min(axis=2))
    distances = distances.reshape(n, len(places), len(REFERENCES)) + depths[:, np.newaxis]
    return np.sort(distances, axis=1).reshape(n, -1)


def _compare(first: Vectors, second: Vectors, tolerance: float) -> int:
    """Compare two rows by the first number in which they differ: negative, 0 or positive."""
    unequal = np.flatnonzero(np.abs(first - second) > tolerance)
    if not unequal.size:
        return 0
    return -1 if first[unequal[0]] < second[unequal[0]] else 1
