"""Slabs that are the same although the symmetry of the crystal did not say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymatgen.core.structure import Structure
from pymatgen.core.structure_matcher import StructureMatcher

from ...slab_options import SlabOptions
from ..bulk.kinds import KIND_NAME, has_kinds, kind_names, separate_kinds
from ..orientation import Cut, UprightSlab
from ..slabs.layers import canonical_layers, compare_layers, layer_members
from .slab_cell import build_slab
from .stacking import Stacking

MATCH_TOLERANCE = 0.03
"""The root mean square displacement of equal slabs, in the unit (volume per atom)^(1/3)."""

_TOLERANCES: dict[str, Any] = {
    'ltol': 0.02,
    'stol': MATCH_TOLERANCE,
    'angle_tol': 1,
    'scale': False,
}


def merge_equal(cuts: list[Cut]) -> list[Cut]:
    """Leave out slabs that are equal to earlier ones.

    Noise in the atoms' places hides operations of the crystal, which leaves several slabs where
    there is one termination. Only slabs with the same layers are compared atom by atom.
    """
    matcher = _MatcherOfSlabs(primitive_cell=False, **_TOLERANCES)
    structures = [_with_kinds_apart(one.slab.structure) for one in cuts]
    layers = [
        canonical_layers(one.slab.geometry.heights, kind_names(one.slab.structure)) for one in cuts
    ]
    kept: list[int] = []
    for index, structure in enumerate(structures):
        same = (other for other in kept if compare_layers(layers[other], layers[index]) == 0)
        # The matcher tries all bases of a cell, which need not be reduced for it. Its memory of
        # reduced cells takes much longer than the match where many slabs have one formula.
        if not any(
            matcher.fit(structure, structures[other], skip_structure_reduction=True)
            for other in same
        ):
            kept.append(index)
    return [cuts[index] for index in kept]


def merge_reversed(cuts: list[Cut], opposites: Mapping[str, str] | None) -> list[Cut]:
    """Leave out slabs that are equal to earlier ones with all magnetic moments reversed.

    :param opposites: of each kind the one with the opposite moment; None leaves all slabs.
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

    :returns: None, if no such slab can be cut: because layers of it have been emptied in part.
    """
    matcher = StructureMatcher(primitive_cell=True, **_TOLERANCES)
    structure = _with_kinds_apart(slab.structure)
    geometry = slab.geometry
    count = len(layer_members(geometry.heights))
    options = SlabOptions(geometry.thickness, geometry.vacuum)
    for top in range(stacking.repeat):
        bottom = top - count + 1
        other = build_slab(stacking, bottom, top, geometry.vacuum, options)
        if matcher.fit(structure, _with_kinds_apart(other.structure)):
            return bottom, top
    return None


class _MatcherOfSlabs(StructureMatcher):
    """A matcher that changes nothing of the structures, and so need not copy them four times.

    More than half of a fit is copying. Should pymatgen name these methods otherwise, fits take
    longer.
    """

    def _process_species(self, structures: list[Structure]) -> list[Structure]:
        return structures

    def _preprocess(self, struct1: Structure, struct2: Structure, *_: Any, **__: Any) -> Any:
        return struct1, struct2, 1, True


def _with_kinds_apart(structure: Structure) -> Structure:
    """Return a structure whose species differ wherever the kinds do."""
    return separate_kinds(structure)[0] if has_kinds(structure) else structure
