"""Which terminations are kept: those that are most plausible before anything is computed."""

from __future__ import annotations

import numpy as np

from ..slab_options import SlabOptions
from .reasons import Mention, Reason
from .slabs.geometry import SlabGeometry
from .slabs.layers import layer_members
from .terminations import Excluded, Termination

ROUNDING = 1e-9
"""Numbers of bonds per area (1/Å²) that differ by less are equal."""


def choose(
    terminations: list[Termination], options: SlabOptions
) -> tuple[list[Termination], list[Excluded]]:
    """Divide the terminations of a surface into those that the options keep and the others.

    Labels stay as they are, so that a slab has the same one whatever is excluded.

    :returns: the terminations in their order, and the excluded ones with the reason.
    """
    excluded: dict[str, Reason] = {}
    for slab in terminations:
        reason = _find_reason(slab, options)
        if reason is not None:
            excluded[slab.label] = reason
    left = sorted((slab for slab in terminations if slab.label not in excluded), key=_rank)
    if options.max_terminations is not None:
        for slab in left[options.max_terminations :]:
            limit = Mention('is', 'max_terminations', options.max_terminations)
            excluded[slab.label] = Reason(f'less plausible ({_describe(slab)}); ', limit)
    return [slab for slab in terminations if slab.label not in excluded], [
        Excluded(slab.miller_indices, f'{slab.label} {slab.formula}', excluded[slab.label])
        for slab in terminations
        if slab.label in excluded
    ]


def _find_reason(slab: Termination, options: SlabOptions) -> Reason | None:
    if options.top is not None and options.top not in (found := _outermost(slab)):
        limit = Mention('is', 'top', options.top)
        return Reason(f'outermost are {" and ".join(sorted(found))}; ', limit)
    limit_of_bonds, broken = options.max_broken_bonds, slab.broken_bonds
    if limit_of_bonds is not None and broken is not None and broken > limit_of_bonds + ROUNDING:
        limit = Mention('is', 'max_broken_bonds', limit_of_bonds)
        return Reason(f'{broken:.3f} broken bonds per Å²; ', limit)
    return None


def _outermost(slab: Termination) -> set[str]:
    """Return the elements of the highest and of the lowest atoms."""
    heights = SlabGeometry.of(slab.structure).heights
    layers = layer_members(heights, slab.layer_tolerance)
    outer = np.concatenate([layers[0], layers[-1]])
    return {slab.structure[int(index)].specie.symbol for index in outer}


def _rank(slab: Termination) -> tuple[int, float, bool]:
    """Sort slabs by polarity, then by broken bonds, then by composition."""
    polar = {'no': 0, 'unknown': 1, 'yes': 2}[slab.polarity.polar]
    if slab.polarity.tasker == 'III' and slab.lower_part is None:
        polar = 2  # a symmetric slab has no dipole moment, but its faces are polar
    broken = slab.broken_bonds
    return polar, float('inf') if broken is None else round(broken, 6), not slab.is_stoichiometric


def _describe(slab: Termination) -> str:
    polar = slab.polarity
    words = f'Tasker {polar.tasker}' if polar.tasker else f'polar: {polar.polar}'
    broken = slab.broken_bonds
    bonds = 'unknown broken bonds' if broken is None else f'{broken:.3f} broken bonds per Å²'
    composition = 'stoichiometric' if slab.is_stoichiometric else 'not stoichiometric'
    return f'{words}, {bonds}, {composition}'
