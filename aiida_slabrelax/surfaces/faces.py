"""Names of surfaces that do not depend on how the crystal is written or how thick the slab is."""

from __future__ import annotations

import itertools

import numpy as np

from .checks import element_of
from .kinds import kind_names
from .order import GAP_TOLERANCE, Contents, Layer, atomic_layers
from .orientation import UprightSlab
from .stacking import Stacking
from .terminations import Face


def name_faces(slab: UprightSlab, stacking: Stacking) -> tuple[Face, Face]:
    """Return the upper and the lower face of a slab.

    :param slab: cut from the crystal of the stacking, parallel to its plane.
    """
    cells = max(1, round(slab.area / stacking.area))
    kinds = kind_names(slab.structure)
    # Metals before non-metals, as in formulas: by electronegativity.
    elements = {
        kind: element_of(site.specie) for kind, site in zip(kinds, slab.structure, strict=True)
    }
    order = sorted(elements, key=lambda kind: (elements[kind], kind))
    upper, lower = (
        _face(atomic_layers(heights, kinds), order, cells, stacking)
        for heights in (slab.heights, -slab.heights)
    )
    return upper, lower


def _face(layers: list[Layer], order: list[str], cells: int, stacking: Stacking) -> Face:
    outer = []
    for unordered, gap in layers[: len(stacking.layers)]:
        ordered = sorted(unordered, key=lambda pair: order.index(pair[0]))
        counts = [count for _, count in ordered]
        # A layer that pymatgen has emptied in part has no whole number of atoms in each cell.
        divisor = cells if all(count % cells == 0 for count in counts) else 1
        outer.append((tuple((kind, count // divisor) for kind, count in ordered), gap))
    words = [name_layer(outer[0][0])]
    ranks = _rank_gaps(stacking)
    for (_, gap), (contents, _) in itertools.pairwise(outer):
        words += [_name_gap(gap, ranks), name_layer(contents)]
    return Face(tuple(outer), '-'.join(words))


def name_layer(contents: Contents) -> str:
    """Write a layer as a formula; kinds that hold digits stand in brackets."""
    words = (kind if kind.isalpha() else f'({kind})' for kind, _ in contents)
    return ''.join(
        word if count == 1 else f'{word}{count}'
        for word, (_, count) in zip(words, contents, strict=True)
    )


def _name_gap(gap: float, ranks: list[float]) -> str:
    """Return the rank of a gap among those of the crystal; of others the size."""
    number = int(np.argmin([abs(gap - one) for one in ranks]))
    return str(number + 1) if abs(gap - ranks[number]) < 2 * GAP_TOLERANCE else f'{gap:.1f}Å'


def _rank_gaps(stacking: Stacking) -> list[float]:
    """Return the different gaps (Å) between the layers of a crystal, from the smallest."""
    means = np.array([stacking.positions[layer, 2].mean() for layer in stacking.layers])
    gaps = np.sort(np.diff(means, append=means[0] + stacking.period))
    breaks = np.flatnonzero(np.diff(gaps) > GAP_TOLERANCE) + 1
    return [float(group.mean()) for group in np.split(gaps, breaks)]
