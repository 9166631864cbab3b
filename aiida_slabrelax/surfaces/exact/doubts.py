"""Doubtful layers: cuts through what may be one atomic plane, and thick layers."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...option_checks import NARROWEST_GAP
from ..orientation import Cut
from ..slabs.layers import ROUNDING
from .faces import FaceNames, name_layer

ONE_PLANE = 0.5
"""Atoms whose heights differ by less than this (Å) can be one plane that is rumpled."""


def describe_layers(names: FaceNames, cut: Cut) -> Iterator[str]:
    """Yield a phrase for each doubt about the layers of a slab.

    :param cut: a slab of this crystal; nothing is known if its layers are not those of the crystal.
    """
    stacking = names.stacking
    if cut.span is None or stacking.groups is not None:
        return  # groups that are kept whole are no planes
    bottom, top = cut.span
    n = len(stacking.layers)
    # The cut below the slab is the same one, or a symmetry-equivalent one.
    if stacking.gap_above(top) < ONE_PLANE:
        inside, outside = (name_layer(names.contents[layer % n]) for layer in (top, top + 1))
        both = math.ceil(100 * stacking.thickness(top, top + 1) - ROUNDING) / 100
        yield (
            f'its surface is cut between {inside} and {outside}, whose heights differ by only '
            f'{stacking.gap_above(top):.2f} Å, which may tear a rumpled plane; a layer tolerance '
            f'of {both:.2f} Å or more can keep it whole'
        )
    layers = range(bottom, min(top, bottom + n - 1) + 1)  # those above are the same again
    thickest = max(stacking.thickness(layer, layer) for layer in layers)
    # The heights that divide layers are means over the symmetry of the crystal.
    if thickest > stacking.tolerance + NARROWEST_GAP:
        yield (
            f'a layer of it is {thickest:.2f} Å thick and stays whole: it has no gap of '
            f'{NARROWEST_GAP} Å or more to cut'
        )
    elif thickest > ONE_PLANE:
        yield (
            f'a layer of it is {thickest:.2f} Å thick and stays whole: the layer tolerance is '
            f'{stacking.tolerance:g} Å'
        )
