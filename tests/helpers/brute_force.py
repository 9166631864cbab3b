"""Terminations by brute force, and where those of the package differ from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pymatgen.core.structure import Structure

from aiida_slabrelax.surfaces import (
    Face,
    SlabGenerationError,
    SlabOptions,
    Termination,
    find_terminations,
)
from half_crystals import LAYER_TOLERANCE, GroupLayers, Layers, Plane, kinds_of
from planar_atoms import Atoms, is_equal, reduce_period

VACUUM = 12.0
"""In Å."""

CLOSE = 1e-4
"""Lengths (Å) and areas (Å²) that differ by less are equal."""

Span = tuple[int, int]
"""The numbers of the lowest and of the highest layer of a slab."""

Faces = tuple[int, int]
"""The classes of its upper and of its lower face."""


@dataclass
class Check:
    """A surface of a crystal, cut by brute force and by the package.

    :ivar crystal: any cell of it.
    :ivar hkl: the plane in that cell.
    :ivar tolerance: the largest thickness of a layer, in Å.
    :ivar groups: the number of the group that cuts leave whole of each atom; the crystal has each
        group in one piece.
    :ivar keep_whole: what the package is told to keep whole.
    :ivar names: the classes of faces that have had a name, and the names that a class has had.
    """

    crystal: Structure
    hkl: Plane
    tolerance: float = LAYER_TOLERANCE
    groups: list[int] | None = None
    keep_whole: str | None = None
    names: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.groups is None:
            self.layers = Layers.of(self.crystal, self.hkl, self.tolerance)
        else:
            self.layers = GroupLayers.of_groups(
                self.crystal, self.hkl, np.array(self.groups), self.tolerance
            )

    def find_differences(self, symmetrize: bool, thickness: float) -> Iterator[str]:
        """Yield in words whatever differs, nothing if all is equal."""
        options = SlabOptions(
            thickness,
            VACUUM,
            symmetrize=symmetrize,
            max_atoms=10**6,
            layer_tolerance=self.tolerance,
            keep_whole=self.keep_whole,
        )
        yield from self.find_differences_with(options)

    def find_differences_with(self, options: SlabOptions) -> Iterator[str]:
        """Yield in words whatever differs of the slabs that are asked for."""
        try:
            found = find_terminations(self.crystal, self.hkl, options)
        except SlabGenerationError as error:
            found = []
            if 'No symmetric slab' not in str(error):
                yield f'refused: {error}'
        yield from self.compare(found, options)

    def expect(self, symmetrize: bool) -> set[Faces]:
        """Return the classes of faces, upper and lower, of the slabs that there are.

        :param symmetrize: both faces of a slab are equal; else they are those at a cut.
        """
        below, above = (set(side) for side in zip(*self.layers.faces, strict=True))
        if symmetrize:
            return {(one, one) for one in below & above}
        # A cut that is another one upside down is no other.
        return set({frozenset(faces): faces for faces in self.layers.faces}.values())

    def compare(self, found: list[Termination], options: SlabOptions) -> Iterator[str]:
        """Yield where slabs differ from those that there are."""
        n, pairs = len(self.layers.layers), []
        for one in found:
            spans = self.find_spans(one.structure)
            if not spans:
                yield f'{one.label}: no piece of the crystal between two gaps, or mirrored'
                continue
            bottom, top = min(spans, key=lambda span: self.distance_of_cut(one, span))
            faces = self.layers.faces[top % n][0], self.layers.faces[(bottom - 1) % n][1]
            pairs.append(frozenset(faces))
            self.names |= {(one.top.name, faces[0]), (one.bottom.name, faces[1])}
            yield from (
                f'{one.label}: {what}'
                for what in self.compare_slab(one, (bottom, top), faces, options)
            )
        expected = self.expect(options.symmetrize is True)
        for faces in expected:
            if frozenset(faces) not in pairs and not self.is_among(found, faces, options):
                yield f'no slab with the faces {faces}'
        for pair in set(pairs) - set(map(frozenset, expected)):
            yield f'a slab with the faces {sorted(pair)}'
        if len(pairs) > len(set(pairs)):
            yield f'equal slabs: {len(pairs) - len(set(pairs))}'

    def is_among(self, found: list[Termination], faces: Faces, options: SlabOptions) -> bool:
        """Tell whether a slab is the same as one that was found, though its faces are not.

        They differ in what would lie below, if the slabs were not that thin.
        """
        bottom, top = self.thinnest(faces, options)[0]
        slab = reduce_period(self.layers.take(bottom, top))
        others = [as_atoms(one.structure) for one in found]
        return any(
            is_equal(side, other)
            for other in others
            if other is not None
            for side in (slab, slab.turned_over())
        )

    def thinnest(self, faces: Faces, options: SlabOptions) -> list[Span]:
        """Return the thinnest slab with these faces, below each cut where there is one."""
        return self.layers.slabs(faces, options.min_slab_thickness or 0.0, options.layers or 1)

    def distance_of_cut(self, one: Termination, span: Span) -> float:
        """Return how far (in periods) the cut above a slab is from where it is said to be."""
        shift = one.shift - self.layers.height_of_cut(span[1])
        return abs(shift - round(shift))

    def compare_slab(
        self, one: Termination, span: Span, faces: Faces, options: SlabOptions
    ) -> Iterator[str]:
        """Yield where what is said of a slab differs from what it is."""
        layers, (bottom, top) = self.layers, span
        slab = reduce_period(layers.take(bottom, top))
        yield from differ('area', one.area, slab.area)
        yield from differ('thickness', one.thickness, slab.thickness)
        yield from differ('vacuum', one.vacuum, VACUUM)
        yield from differ('c', one.structure.lattice.c, slab.thickness + VACUUM)
        for best in self.thinnest(faces, options):
            yield from differ('the thinnest', one.thickness, layers.thickness(*best))
        if self.distance_of_cut(one, span) > CLOSE:
            yield f'not cut at {one.shift}'

        if one.is_symmetric != (faces[0] == faces[1]):
            yield f'symmetric: {one.is_symmetric}, but the faces are {faces}'
        # A slab of less than two periods may have operations that the crystal has not.
        itself = is_equal(slab, slab.turned_over())
        if itself != one.is_symmetric and (
            not itself or top - bottom + 1 >= 2 * len(layers.layers)
        ):
            yield f'symmetric: {one.is_symmetric}, but turned over it is the same: {itself}'

        unit = self.crystal.composition.element_composition.reduced_composition
        counts = one.structure.composition.element_composition
        units = min(counts[element] / unit[element] for element in unit)
        excess = {str(element): counts[element] - units * unit[element] for element in unit}
        if one.is_stoichiometric != (counts.reduced_composition == unit):
            yield f'stoichiometric: {one.is_stoichiometric}, but it is {counts}'
        if any(abs(one.excess[element] - excess[element]) > CLOSE for element in excess):
            yield f'excess {one.excess}, not {excess}'
        if one.n_layers != top - bottom + 1:
            yield f'{one.n_layers} layers, not {top - bottom + 1}'
        for face, outermost, inwards in ((one.top, top, -1), (one.bottom, bottom, 1)):
            yield from self.compare_layers(face, outermost, inwards, top - bottom)

    def compare_layers(
        self, face: Face, outermost: int, inwards: int, deepest: int
    ) -> Iterator[str]:
        """Yield where the layers of a face differ from those of the crystal."""
        described = self.layers.describe(outermost, inwards)[: deepest + 1]
        if [dict(contents) for contents, _ in face.layers] != [
            dict(contents) for contents, _ in described
        ]:
            yield f'layers {face.layers}, not {described}'
        for depth, ((_, gap), (_, distance)) in enumerate(
            zip(face.layers, described, strict=False)
        ):
            if depth < deepest and abs(gap - distance) > CLOSE:
                yield f'a gap of {gap}, not {distance}'

    def find_spans(self, structure: Structure) -> list[Span]:
        """Return which layers of the crystal a slab can be, rotated about the normal only."""
        slab = as_atoms(structure)
        if slab is None:
            return []
        n_atoms = len(slab.kinds) * self.layers.area / slab.area
        spans = [
            span
            for top in range(len(self.layers.layers))
            if (span := self.layers.count_down(top, round(n_atoms))) is not None
        ]
        pieces = (reduce_period(self.layers.take(*span)) for span in spans)
        return [
            span
            for span, piece in zip(spans, pieces, strict=True)
            if is_equal(slab, piece, mirrors=False)
        ]

    def compare_names(self) -> Iterator[str]:
        """Yield where one name stands for several classes of faces, or several for one."""
        for name, classes in _gather(self.names).items():
            if len(classes) > 1:
                yield f'{name} stands for the different faces {sorted(classes)}'
        for face, names in _gather((face, name) for name, face in self.names).items():
            if len(names) > 1:
                yield f'the face {face} is called {sorted(names)}'


def _gather(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, set[Any]]:
    gathered: dict[Any, set[Any]] = defaultdict(set)
    for first, second in pairs:
        gathered[first].add(second)
    return gathered


def as_atoms(structure: Structure) -> Atoms | None:
    """Return the atoms of a slab whose cell is right-handed with c along z, else None."""
    (a, b, c), places = structure.lattice.matrix, structure.cart_coords
    if max(abs(a[2]), abs(b[2]), *np.abs(c[:2])) > CLOSE or (a[0] * b[1] - a[1] * b[0]) * c[2] < 0:
        return None
    return Atoms(np.array([a[:2], b[:2]]), kinds_of(structure), places)


def differ(what: str, found: float, expected: float) -> Iterator[str]:
    """Yield a sentence if two figures differ."""
    if abs(found - expected) > CLOSE:
        yield f'{what} {found}, not {expected}'
