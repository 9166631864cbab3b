"""Names of faces, independent of the description of the crystal and the thickness of the slab."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np

from ..bulk.kinds import element_of
from ..orientation import Cut
from ..slabs.layers import GAP_TOLERANCE, Contents, Layer, turned_over
from ..terminations import Face
from .lateral_registry import DOWN, UP, Arrangement, Seen, View
from .matching import find_span
from .stacking import Stacking


@dataclass(frozen=True)
class FaceNames:
    """The names of all faces parallel to a plane of a crystal.

    :ivar stacking: the layers of the crystal.
    """

    stacking: Stacking

    def name(self, layer: int, inwards: int) -> str:
        """Return the name of a face.

        :param layer: the outermost layer.
        :param inwards: the direction of the other layers.
        """
        return self._names[self._representative(layer, inwards)]

    def describe(self, cut: Cut) -> tuple[Face, Face]:
        """Return the upper and the lower face of a slab.

        :param cut: a slab of this crystal, parallel to this plane.
        """
        # An incomplete layer has no whole number of atoms in the smallest cell.
        is_whole = cut.reconstruction is None
        cells = cut.slab.geometry.area / self.stacking.area if is_whole else 1.0
        upper, lower = (
            self._outer(layers, cells) for layers in (cut.layers, turned_over(cut.layers))
        )
        if cut.reconstruction is not None and cut.span is not None:
            # Of both faces it is the same layer that is incomplete.
            layer = f'{self.name(cut.span[1], DOWN)}~{cut.reconstruction.name}'
            return Face(upper, layer), Face(lower, layer)
        names = [self._ways(face)[0][0] for face in (upper, lower)]
        span = cut.span
        if span is None and not self._ambiguous.isdisjoint(names):
            span = find_span(cut.slab, self.stacking)
        if span is not None:
            names = [self.name(span[1], DOWN), self.name(span[0], UP)]
        return Face(upper, names[0]), Face(lower, names[1])

    def _representative(self, layer: int, inwards: int) -> View:
        """Return the same face for all faces that are equivalent by symmetry."""
        if inwards == UP and self.stacking.turns:
            layer, inwards = self.stacking.turns[0] - layer, DOWN
        return layer % self.stacking.repeat, inwards

    @cached_property
    def _names(self) -> dict[View, str]:
        names = self._plain_names
        alike = defaultdict(list)
        seen: dict[View, list[Seen]] = {}
        for view, name in names.items():
            ways = self._ways(self._layers(*view))
            _, contents, _ = ways[0]
            alike[name, contents].append(view)
            seen[view] = [(*view, reverse) for _, same, reverse in ways if same == contents]
        arrangement = Arrangement(self.stacking)
        for (name, _), views in alike.items():
            ranks = arrangement.rank([seen[view] for view in views])
            if max(ranks) > 1:
                names = names | {
                    view: f'{name}#{rank}' for view, rank in zip(views, ranks, strict=True)
                }
        return names

    @cached_property
    def _plain_names(self) -> dict[View, str]:
        """The names of the faces without the numbers of faces with equal layers."""
        sides = (DOWN,) if self.stacking.turns else (DOWN, UP)
        views = [(layer, inwards) for inwards in sides for layer in range(self.stacking.repeat)]
        return {view: self._ways(self._layers(*view))[0][0] for view in views}

    def _ways(self, layers: tuple[Layer, ...]) -> list[tuple[str, tuple[Contents, ...], bool]]:
        """Return the descriptions of a face: name, contents, and whether all moments are reversed.

        Which moments are up is arbitrary, so the name that comes first counts.
        """
        ways = [(self._join(layers), tuple(each for each, _ in layers), False)]
        if (opposites := self.stacking.crystal.opposites) is not None:
            reverse = tuple(
                (self._sort((opposites[kind], count) for kind, count in contents), gap)
                for contents, gap in layers
            )
            ways.append((self._join(reverse), tuple(each for each, _ in reverse), True))
        return sorted(ways)

    @cached_property
    def _ambiguous(self) -> set[str]:
        return {name for view, name in self._plain_names.items() if self._names[view] != name}

    def _layers(self, outermost: int, inwards: int) -> tuple[Layer, ...]:
        """Return the layers of a face, one period deep."""
        contents, gaps = self.contents, self.stacking.gaps
        n = len(contents)
        numbers = [(outermost + inwards * depth) % n for depth in range(n)]
        # The gap of a number is that above its layer.
        below = 1 if inwards == DOWN else 0
        return tuple((contents[number], float(gaps[number - below])) for number in numbers)

    @cached_property
    def contents(self) -> list[Contents]:
        """The contents of each layer of the crystal, in the order of formulas."""
        return [self._sort(contents) for contents in self.stacking.contents]

    @cached_property
    def _different_gaps(self) -> list[float]:
        """The distinct gaps (Å), from the smallest."""
        gaps = np.sort(self.stacking.gaps)
        breaks = np.flatnonzero(np.diff(gaps) > GAP_TOLERANCE) + 1
        return [float(group.mean()) for group in np.split(gaps, breaks)]

    @cached_property
    def _order(self) -> list[str]:
        """The kinds, metals before non-metals as in formulas: by electronegativity."""
        crystal = self.stacking.crystal
        elements = {crystal.kinds.name(one): element_of(one) for one in crystal.structure.species}
        return sorted(elements, key=lambda kind: (elements[kind], kind))

    def _sort(self, contents: Iterable[tuple[str, int]]) -> Contents:
        return tuple(sorted(contents, key=lambda pair: self._order.index(pair[0])))

    def _outer(self, layers: Sequence[Layer], cells: float) -> tuple[Layer, ...]:
        """Return the outer layers of a slab, one period deep, in one cell of the plane.

        :param cells: the area of the slab in units of this cell; 1/2 is possible for a thin slab.
        """
        outer = []
        for contents, gap in layers[: len(self.stacking.layers)]:
            counts = [count / cells for _, count in contents]
            # A layer that pymatgen has emptied in part has no whole number of atoms in each cell.
            if any(abs(count - round(count)) > 0.01 for count in counts):
                counts = [count for _, count in contents]
            pairs = zip(contents, counts, strict=True)
            ordered = self._sort((kind, round(count)) for (kind, _), count in pairs)
            outer.append((ordered, gap))
        return tuple(outer)

    def _join(self, layers: tuple[Layer, ...]) -> str:
        words = [name_layer(layers[0][0])]
        for (_, gap), (contents, _) in pairwise(layers):
            words += [self._name_gap(gap), name_layer(contents)]
        return '-'.join(words)

    def _name_gap(self, gap: float) -> str:
        """Return the rank of a gap among those of the crystal; for any other gap its size."""
        ranks = self._different_gaps
        number = int(np.argmin([abs(gap - one) for one in ranks]))
        return str(number + 1) if abs(gap - ranks[number]) < 2 * GAP_TOLERANCE else f'{gap:.1f}Å'


@lru_cache(maxsize=1024)
def name_layer(contents: Contents) -> str:
    """Write a layer as a formula; kinds whose names have digits are in brackets."""
    words = (kind if kind.isalpha() else f'({kind})' for kind, _ in contents)
    return ''.join(
        word if count == 1 else f'{word}{count}'
        for word, (_, count) in zip(words, contents, strict=True)
    )
