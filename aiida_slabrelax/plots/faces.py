"""Figures of terminations: each slab from the side, and its faces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from pymatgen.core.structure import Structure
from pymatgen.symmetry.analyzer import SymmetryUndeterminedError

from ..surfaces import SlabGeometry, format_formula, is_symmetric
from .layout.limits import MOST_SLABS, NOTE, resolution, take
from .layout.new_figures import new_figure
from .layout.text import plain, subscripts, swatch
from .upright import MARGIN, UprightSlab, Vectors, draw_face, draw_side

#: The smallest and the largest length of the surface in a drawing, Å.
_SMALLEST, _LARGEST = 9.0, 24.0
#: The smallest and the largest scale (inches per Å), and the width that a figure aims at, inches.
_SCALES, _WIDTH = (0.1, 0.24), 13.0
#: The gap between panels, and the heights of a title, a caption and the legend, inches.
_GAP, _TITLE, _CAPTION, _LEGEND = 0.3, 0.42, 0.22, 0.45


@dataclass(frozen=True)
class _View:
    title: str
    is_symmetric: bool
    slab: UprightSlab

    @classmethod
    def of(cls, label: str, structure: Structure, is_symmetric: bool | None) -> _View:
        slab, thickness = UprightSlab.of(structure), SlabGeometry.of(structure).thickness
        formula = subscripts(format_formula(structure))
        return cls(
            title=f'{plain(label)}   {formula}\n{len(slab.symbols)} atoms, {thickness:.1f} Å',
            is_symmetric=_has_equal_faces(structure) if is_symmetric is None else is_symmetric,
            slab=slab,
        )


def plot_faces(
    slabs: Mapping[str, Structure], symmetry: Mapping[str, bool | None] | None = None
) -> Figure:
    """Draw each slab from the side, and its upper face from above, all to the same scale.

    The lower face is drawn too if it differs. If there are many slabs, the first ones are drawn,
    and a note says which.

    :param slabs: the slabs by label, with the vacuum along the third vector.
    :param symmetry: whether the faces of a slab are equivalent, as far as its generator knows it;
        for the others it is determined from the structure.
    :raises ValueError: if there are no slabs.
    """
    if not slabs:
        raise ValueError('there are no slabs to draw')
    shown, note = take(list(slabs), MOST_SLABS, 'slabs', {})
    views = [
        _View.of(label, slabs[label], (symmetry or {}).get(label)) for label in list(slabs)[:shown]
    ]
    extent = np.max([np.ptp(view.slab.corners, axis=0) for view in views], axis=0)
    above = np.clip(extent + 2 * MARGIN, _SMALLEST, _LARGEST)
    across = float(np.clip(max(view.slab.plane[0, 0] for view in views), _SMALLEST, _LARGEST))
    side = np.array([across, max(view.slab.top - view.slab.bottom for view in views) + 2 * MARGIN])

    columns, scale = _arrange(len(views), float(side[0] + above[0]))
    rows = ceil(len(views) / columns)
    side, above = side * scale, above * scale
    n_faces = 1 if all(view.is_symmetric for view in views) else 2
    panel = np.array([side[0] + _GAP + above[0], _TITLE])
    panel[1] += max(side[1] + _CAPTION, n_faces * (above[1] + _CAPTION))
    width, height = np.array([columns, rows]) * (panel + _GAP) + [_GAP, _LEGEND]
    figure = new_figure(width, height, resolution(width, height))

    def add_axes(left: float, upper: float, size: Vectors, caption: str) -> Axes:
        axes = figure.add_axes(
            (left / width, (upper - size[1]) / height, size[0] / width, size[1] / height)
        )
        axes.set_axis_off()
        axes.set_title(caption, y=0, pad=-3, va='top', fontsize='x-small')
        return axes

    for index, view in enumerate(views):
        row, column = divmod(index, columns)
        left, upper = _GAP + column * (panel[0] + _GAP), height - _GAP / 2 - row * (panel[1] + _GAP)
        figure.text(
            (left + panel[0] / 2) / width,
            upper / height,
            view.title,
            ha='center',
            va='top',
            fontsize='small',
        )
        upper -= _TITLE
        draw_side(add_axes(left, upper, side, 'side'), view.slab, side / scale)
        left += side[0] + _GAP
        draw_face(
            add_axes(left, upper, above, 'from above (deeper: fainter)'), view.slab, above / scale
        )
        if not view.is_symmetric:
            upper -= above[1] + _CAPTION
            axes = add_axes(left, upper, above, 'from below')
            draw_face(axes, view.slab.turned_over(), above / scale)
    _legend(figure, sorted({symbol for view in views for symbol in view.slab.symbols}), scale)
    if note:
        right = 1 - _GAP / width, _LEGEND / 2 / height
        figure.text(*right, note, ha='right', va='center', fontsize='x-small', gid=NOTE)
    return figure


def _has_equal_faces(structure: Structure) -> bool:
    try:
        return is_symmetric(structure)
    except SymmetryUndeterminedError:
        return False


def _arrange(count: int, width: float) -> tuple[int, float]:
    """Return the number of columns, and the scale in inches per Å.

    :param width: the width of a panel, Å.
    """
    columns = min(count, ceil((1.5 * count) ** 0.5))
    columns = ceil(count / ceil(count / columns))  # rows as full as they can be
    scale = (_WIDTH / columns - 2 * _GAP) / width
    smallest, largest = _SCALES
    return columns, min(max(scale, smallest), largest)


def _legend(figure: Figure, elements: list[str], scale: float) -> None:
    """Draw the legend of the elements, and a bar of 5 Å."""
    width, height = figure.get_size_inches()
    middle = _LEGEND / 2 / height
    figure.legend(
        handles=[swatch(element) for element in elements],
        loc='center',
        bbox_to_anchor=(0.5, middle),
        ncols=len(elements),
        frameon=False,
        fontsize='small',
        handletextpad=0.0,
    )
    ends = np.array([_GAP, _GAP + 5 * scale]) / width
    figure.add_artist(Line2D(ends, [middle, middle], color='black', linewidth=1.5))
    figure.text(ends[1], middle, '  5 Å', va='center', fontsize='x-small')
