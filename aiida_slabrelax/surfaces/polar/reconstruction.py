"""Every polar termination of a surface, reconstructed so that it has no dipole moment."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...slab_options import SlabOptions
from ..bulk.crystal import Vectors
from ..exact.cutting import Size, Span, find_unit
from ..exact.faces import FaceNames, name_layer
from ..exact.slab_cell import assemble, find_plane
from ..exact.stacking import Stacking
from ..orientation import Cut, Reconstruction
from ..reasons import Mention, Reason, SlabGenerationError
from ..slabs.layers import Layer
from .compensation import CLOSE, divide_layer, moved_part
from .tasker import LayerCharges


def polar_cuts(charges: LayerCharges) -> set[int]:
    """Return the layers above which a cut is polar: of Tasker's type III."""
    layers = range(charges.stacking.repeat)
    return {layer for layer in layers if charges.find_type(layer)[0] == 'III'}


def reconstruct(
    names: FaceNames, charges: LayerCharges, options: SlabOptions
) -> tuple[list[Cut], list[tuple[str, Reason]]]:
    """Reconstruct every polar termination of a surface.

    :param names: the names of the faces of the crystal.
    :param charges: of its layers.
    :returns: the slabs; and the formula of each that was excluded, with the reason.
    """
    stacking = names.stacking
    unit = find_unit(stacking.crystal.structure, stacking.miller_indices, options)
    size, plane = Size.of(options, unit), find_plane(stacking, options)
    vacuum = options.min_vacuum_thickness * unit
    cells = round(abs(float(np.linalg.det(plane))) / stacking.area)
    cuts: list[Cut] = []
    excluded: list[tuple[str, Reason]] = []
    for top in _distinct_layers(stacking):
        part = moved_part(charges, top)
        if min(abs(part), abs(1 - part)) <= CLOSE:
            continue  # above or below this layer a cut is not polar
        span = _find_span(stacking, top, size)
        # One of its two outermost layers is divided.
        whole = Span(stacking, span.bottom + 1, span.top)
        if (n_atoms := cells * whole.n_atoms) > options.max_atoms:
            limit = Mention('is', 'max_atoms', options.max_atoms)
            excluded.append((whole.formula, Reason(f'{n_atoms} atoms; ', limit)))
            continue
        try:
            layer = name_layer(names.contents[top % len(stacking.layers)])
            found = _divide(charges, span, plane, part, layer)
        except SlabGenerationError as error:
            excluded.append((whole.formula, error.reason))
            continue
        for one in found[: options.max_reconstructions]:
            atoms = stacking.crystal.atoms[one.members]
            slab = assemble(stacking, plane, atoms, one.positions, vacuum, options)
            cuts.append(
                Cut(
                    slab=slab,
                    shift=stacking.height_of_cut(top),
                    is_symmetric=one.is_symmetric,
                    layers=_list_layers(stacking, span, one, cells),
                    span=(span.bottom, span.top),
                    reconstruction=one,
                )
            )
        if (more := len(found) - options.max_reconstructions) > 0:
            limit = Mention('is', 'max_reconstructions', options.max_reconstructions)
            arrangements = f'{more} less symmetric arrangement{"s" * (more > 1)} of its faces; '
            excluded.append((whole.formula, Reason(arrangements, limit)))
    return cuts, excluded


def _distinct_layers(stacking: Stacking) -> Iterator[int]:
    """Yield the layers that no operation of the crystal takes to an earlier one."""
    seen: set[int] = set()
    for layer in range(stacking.repeat):
        if layer not in seen:
            yield layer
        seen |= {layer, *((turn - layer) % stacking.repeat for turn in stacking.turns)}


def _find_span(stacking: Stacking, top: int, size: Size) -> Span:
    """Return the smallest slab from a layer down to an equal one that is as large as asked."""
    span = Span(stacking, top - stacking.repeat, top)
    while span.thickness < size.thickness or top - span.bottom + 1 < size.layers:
        span = Span(stacking, span.bottom - stacking.repeat, top)
    return span


def _divide(
    charges: LayerCharges, span: Span, plane: Vectors, part: float, name: str
) -> list[Reconstruction]:
    if not 0 < part < 1:
        raise SlabGenerationError(
            f'the charge of the outermost layer {name} is too small to cancel the dipole moment'
        )
    return divide_layer(charges, span.bottom, span.top, plane, name)


def _list_layers(
    stacking: Stacking, span: Span, reconstruction: Reconstruction, cells: int
) -> list[Layer]:
    """Return the layers of a slab from the top to the bottom one, two of them incomplete."""
    layers = stacking.list_layers(span.bottom, span.top, cells)
    upper, lower = reconstruction.outermost
    layers[0], layers[-1] = (upper, layers[0][1]), (lower, layers[-1][1])
    return layers
