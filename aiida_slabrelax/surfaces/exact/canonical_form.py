"""The canonical form of a half crystal, which distinguishes any two faces.

Distances between pairs of atoms are not enough: layers related by a screw axis, for example, have
the same distances upwards and downwards. Here all atoms are described at once, in a frame of an
atom and two lattice vectors. Of all frames of the face and its lattice, the one whose description
comes first is chosen. Frames may be left-handed, so that the mirror image has the same form.
"""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np

from ..bulk.crystal import Vectors
from ..slabs.layers import GAP_TOLERANCE
from .stacking import Stacking

FORM_TOLERANCE = 0.05
"""Distances (Å) that differ by less are equal."""

LENGTH_TOLERANCE = 0.01
"""Lattice vectors whose lengths differ by less (Å) are equally long."""

REFERENCES = np.array([[0.13, 0.29], [0.41, -0.17], [-0.23, 0.37]])
"""Points in a frame that no symmetry relates to its origin or to each other. The distances from
them and from their images tell where in the plane an atom is."""

Frame = tuple[Vectors, Vectors]
"""Where its origin is, shape (2,), and two lattice vectors as rows, in Å."""


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
        frames = list(itertools.product(_anchors(*layers[outermost]), self._frames))
        form: list[Vectors] = []
        for number in range(outermost, outermost + inwards * n, inwards):
            kinds, places = layers[number % n]
            places = places + number // n * self._stacking.step[:2]
            depths = inwards * (self._heights[number % n] - self._heights[number % n].mean())
            for kind in sorted(set(kinds)):
                chosen = np.array(kinds) == kind
                seen = [
                    look(places[chosen] - anchor, frame, depths[chosen]) for anchor, frame in frames
                ]
                frames, first = _keep_first(frames, seen)
                form.append(first)
        # With the step to the next period it is the whole half crystal.
        step = inwards * self._stacking.step[np.newaxis, :2]
        _, first = _keep_first(frames, [look(step, frame, np.zeros(1)) for _, frame in frames])
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


def look(places: Vectors, frame: Vectors, depths: Vectors) -> Vectors:
    """Return the distances of atoms from the points of reference, sorted for each point.

    :param places: shape (N, 2), in Å from the origin of the frame.
    :param frame: shape (2, 2), lattice vectors as rows, in Å.
    :param depths: shape (N,), in Å; each is added to the distances of its atom.
    """
    counted = (places @ np.linalg.inv(frame))[:, np.newaxis] - REFERENCES
    counted -= np.round(counted)
    # With a reduced basis the nearest image is among these.
    images = np.mgrid[-1:2, -1:2].reshape(2, -1).T
    distances = np.linalg.norm((counted[:, :, np.newaxis] + images) @ frame, axis=3).min(axis=2)
    return np.sort(distances + depths[:, np.newaxis], axis=0).ravel()


def _keep_first(frames: list[Frame], seen: list[Vectors]) -> tuple[list[Frame], Vectors]:
    """Return the frames whose description comes first, and that description."""
    first = seen[0]
    for other in seen[1:]:
        if _compare(other, first, FORM_TOLERANCE) < 0:
            first = other
    kept = [
        frame
        for frame, one in zip(frames, seen, strict=True)
        if _compare(one, first, FORM_TOLERANCE) == 0
    ]
    return kept, first


def _compare(first: Vectors, second: Vectors, tolerance: float) -> int:
    """Compare two rows by the first number in which they differ: negative, 0 or positive."""
    unequal = np.flatnonzero(np.abs(first - second) > tolerance)
    if not unequal.size:
        return 0
    return -1 if first[unequal[0]] < second[unequal[0]] else 1
