"""Slabs that are the same although the symmetry of the crystal did not say so."""

from __future__ import annotations

from pymatgen.core.structure_matcher import StructureMatcher

from .kinds import kind_names, separate_kinds
from .order import canonical_layers, compare_layers, layer_members
from .orientation import Cut, UprightSlab
from .slab_cell import build_slab
from .stacking import Stacking
from .terminations import SlabOptions

MATCH_TOLERANCE = 0.03
"""The root mean square displacement of equal slabs, in the unit (volume per atom)^(1/3)."""


def merge_equal(cuts: list[Cut]) -> list[Cut]:
    """Leave out slabs that are equal to earlier ones.

    Noise in the atoms' places hides operations of the crystal, which leaves several slabs where
    there is one termination. Only slabs with the same layers are compared atom by atom.
    """
    matcher = _matcher(primitive_cell=False)
    structures = [separate_kinds(one.slab.structure)[0] for one in cuts]
    layers = [canonical_layers(one.slab.heights, kind_names(one.slab.structure)) for one in cuts]
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


def find_span(slab: UprightSlab, stacking: Stacking) -> tuple[int, int] | None:
    """Return the lowest and the highest layer of a slab in the crystal it was cut from.

    :returns: None, if no such slab can be cut: because layers of it have been emptied in part.
    """
    matcher = _matcher(primitive_cell=True)
    structure = separate_kinds(slab.structure)[0]
    count = len(layer_members(slab.heights))
    options = SlabOptions(slab.thickness, slab.vacuum)
    for top in range(stacking.repeat):
        bottom = top - count + 1
        other = build_slab(stacking, bottom, top, slab.vacuum, options)
        if matcher.fit(structure, separate_kinds(other.structure)[0]):
            return bottom, top
    return None


def _matcher(primitive_cell: bool) -> StructureMatcher:
    return StructureMatcher(
        ltol=0.02, stol=MATCH_TOLERANCE, angle_tol=1, primitive_cell=primitive_cell, scale=False
    )
