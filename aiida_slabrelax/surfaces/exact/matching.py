"""Slabs that are equal within tolerance although no symmetry operation relates them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pymatgen.core.structure import Structure
from pymatgen.core.structure_matcher import StructureMatcher

from ...slab_options import SlabOptions
from ..bulk.kinds import KIND_NAME, has_kinds, kind_names, separate_kinds
from ..orientation import Cut, UprightSlab
from ..slabs.layers import canonical_layers, compare_layers
from .slab_cell import build_slab
from .stacking import Stacking

MATCH_TOLERANCE = 0.03
"""The largest displacement of an atom in equal slabs, in the unit (volume per atom)^(1/3)."""

LARGE = 200
"""Of slabs with more atoms only one way to put one on the other is looked for, not the best."""

NO_ATOM = 0.01
"""Numbers of atoms in a cell that differ by less are equal: areas are rounded."""

_TOLERANCES: dict[str, Any] = {
    'ltol': 0.02,
    'stol': MATCH_TOLERANCE,
    'angle_tol': 1,
    'scale': False,
}


@dataclass(frozen=True)
class Merged:
    """An excluded slab: it is equal to another one within tolerance.

    :ivar cut: the slab.
    :ivar equal: the slab that is kept.
    :ivar distance: the largest distance (Å) between their atoms.
    """

    cut: Cut
    equal: Cut
    distance: float


def merge_equal(cuts: list[Cut]) -> tuple[list[Cut], list[Merged]]:
    """Exclude slabs that are equal to earlier ones.

    Noise in the positions hides operations of the crystal, so that one termination gives several
    slabs. Only slabs with the same layers are compared atom by atom.

    :returns: the slabs that are kept, and the excluded ones.
    """
    matcher = _MatcherOfSlabs(primitive_cell=False, **_TOLERANCES)
    layers = [canonical_layers(one.layers) for one in cuts]
    kept: list[int] = []
    merged: list[Merged] = []
    for index, cut in enumerate(cuts):
        same = (other for other in kept if compare_layers(layers[other], layers[index]) == 0)
        # The matcher tries all bases of a cell, which need not be reduced for it. Its memory of
        # reduced cells takes much longer than the match where many slabs have one formula.
        for other in same:
            one, two = (_with_kinds_apart(each.slab.structure) for each in (cut, cuts[other]))
            if matcher.fit(one, two, skip_structure_reduction=True):
                distance = _distance(one, two)
                merged.append(Merged(cuts[index], cuts[other], distance))
                break
        else:
            kept.append(index)
    return [cuts[index] for index in kept], merged


def merge_reversed(cuts: list[Cut], opposites: Mapping[str, str] | None) -> list[Cut]:
    """Exclude slabs that are equal to earlier ones with all magnetic moments reversed.

    :param opposites: for each kind the one with the opposite moment; None keeps all slabs.
    """
    if opposites is None:
        return cuts
    matcher = StructureMatcher(primitive_cell=False, **_TOLERANCES)
    kept: list[Structure] = []
    found = []
    for cut in cuts:
        reverse = cut.slab.structure.copy()
        names = [opposites[name] for name in kind_names(reverse)]
        reverse.add_site_property(KIND_NAME, names)
        other = _with_kinds_apart(reverse)
        if not any(matcher.fit(structure, other) for structure in kept):
            kept.append(_with_kinds_apart(cut.slab.structure))
            found.append(cut)
    return found


def find_span(slab: UprightSlab, stacking: Stacking) -> tuple[int, int] | None:
    """Return the lowest and the highest layer of a slab in the crystal it was cut from.

    :returns: None if the slab has incomplete layers, which no cut gives.
    """
    matcher = StructureMatcher(primitive_cell=True, **_TOLERANCES)
    structure = _with_kinds_apart(slab.structure)
    formula, reduced = structure.composition.fractional_composition, _reduced(structure)
    geometry = slab.geometry
    cells = geometry.area / stacking.area
    options = SlabOptions(geometry.thickness, geometry.vacuum)
    for top in range(stacking.repeat):
        bottom = _count_down(stacking, top, len(structure) / cells)
        if bottom is None:
            continue
        built = build_slab(stacking, bottom, top, geometry.vacuum, options)
        other = _with_kinds_apart(built.structure)
        if other.composition.fractional_composition == formula and matcher.fit(
            reduced, _reduced(other), skip_structure_reduction=True
        ):
            return bottom, top
    return None


def _reduced(structure: Structure) -> Structure:
    """Return the cell that a matcher compares.

    Its own memory of them compares a structure with all others of its formula, site by site.
    """
    return structure.get_reduced_structure('niggli').get_primitive_structure()


def _count_down(stacking: Stacking, top: int, n_atoms: float) -> int | None:
    """Return the lowest layer of a slab, None if a layer is incomplete.

    :param n_atoms: the number of its atoms in a minimal cell.
    """
    left, layer = n_atoms, top + 1
    while left > NO_ATOM:
        layer -= 1
        left -= len(stacking.layers[layer % len(stacking.layers)])
    return layer if left > -NO_ATOM else None


class _MatcherOfSlabs(StructureMatcher):
    """A matcher that does not copy structures, since it does not change them.

    Copies take more than half of the time of a fit. If pymatgen renames these methods, fits only
    become slower.
    """

    def _process_species(self, structures: list[Structure]) -> list[Structure]:
        return structures

    def _preprocess(self, struct1: Structure, struct2: Structure, *_: Any, **__: Any) -> Any:
        return struct1, struct2, 1, True


class _FirstMatch(_MatcherOfSlabs):
    """A matcher that stops at the first match, which for a large cell is good enough."""

    def _match(self, *args: Any, **kwargs: Any) -> Any:
        return super()._match(*args, **kwargs | {'break_on_match': True})


def _distance(first: Structure, second: Structure) -> float:
    """Return the largest distance (Å) between the atoms of two matching slabs."""
    of_slabs = _FirstMatch if len(first) > LARGE else _MatcherOfSlabs
    matcher: Any = of_slabs(primitive_cell=False, **_TOLERANCES)
    displacements = matcher.get_rms_dist(first, second)
    return float(displacements[1]) * float(
        ((first.volume + second.volume) / 2 / len(first)) ** (1 / 3)
    )


def _with_kinds_apart(structure: Structure) -> Structure:
    """Return a structure whose species differ where the kinds do."""
    return separate_kinds(structure)[0] if has_kinds(structure) else structure
