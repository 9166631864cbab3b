"""Slabs before and after relaxation, from the side and from above."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .limits import FARTHEST, MOST_SLABS, NOTE, resolution, take_slabs
from .text import plain, subscripts, swatch
from .upright import UprightSlab, draw_atoms, draw_face, turn_upright

if TYPE_CHECKING:
    from ..results.slabs import RunResults, SlabResult

#: The shortest length of the surface in a drawing, Å; a drawing also shows a whole cell.
_WIDTH = 9.0
#: The space above and below the atoms, Å.
_MARGIN = 0.4
#: The radius of a drawn atom, as a fraction of its covalent radius.
_RADIUS = 0.8
#: The scale of the figure, inches per Å.
_SCALE = 0.16
#: The heights of a slab's title and of a caption, and the gap between slabs, inches.
_TITLE, _CAPTION, _GAP = 0.45, 0.25, 0.3
#: The heights of the legend and of a note, inches.
_LEGEND, _NOTE = 0.35, 0.5
#: About the greatest length of the figure, inches.
_LONGEST = 40.0


@dataclass(frozen=True)
class _Views:
    """A slab before and (if it has relaxed) after relaxation; a along x, its normal along z."""

    slab: SlabResult
    before: Atoms
    after: Atoms | None

    def heights(self) -> tuple[float, float]:
        """Return the lowest and the highest point of both geometries, Å."""
        geometries = [atoms for atoms in (self.before, self.after) if atoms is not None]
        heights = np.concatenate([atoms.positions[:, 2] for atoms in geometries])
        radii = np.concatenate([covalent_radii[atoms.numbers] for atoms in geometries])
        reach = _RADIUS * radii + _MARGIN
        return float(np.min(heights - reach)), float(np.max(heights + reach))


def plot_slabs(results: RunResults, above: bool = False) -> Figure:
    """Draw each slab from the side, before and after relaxation.

    All slabs are drawn to the same scale, without their vacuum, and repeated along the surface. If
    there are many, the first ones are drawn, and a note says which.

    :param results: a run with at least one slab whose structure is known.
    :param above: also draw the upper face of each slab from above.
    :raises ValueError: if there is no such slab.
    """
    known = [slab for slab in results.slabs if slab.initial is not None]
    slabs, note = take_slabs(known, MOST_SLABS)
    views = [_views(slab, slab.initial) for slab in slabs if slab.initial is not None]
    if not views:
        raise ValueError(note or 'there are no slabs to draw')
    widest = max(_WIDTH, *(float(view.before.cell.lengths()[0]) for view in views))
    highest = max(high - low for low, high in (view.heights() for view in views))
    faces = [min(abs(float(view.before.cell[1, 1])) + 2 * _MARGIN, widest) for view in views]
    deepest = max(_WIDTH, *faces) if above else 0.0
    width, height, face = (min(length, FARTHEST) for length in (widest, highest, deepest))

    columns = ceil(sqrt(len(views)))
    rows = ceil(len(views) / columns)
    captions = _TITLE + _CAPTION * (2 if above else 1)
    # Many slabs become thumbnails, so that neither side of the figure is too long.
    scale = min(
        _SCALE,
        (_LONGEST / columns - 2 * _GAP) / (2 * width),
        (_LONGEST / rows - captions) / (height + face),
    )
    step = width * scale + _GAP / 2
    panel = np.array([2 * step + _GAP / 2, (height + face) * scale + captions])
    below = _LEGEND + (_NOTE if note else 0.0)
    size = panel * [columns, rows] + [_GAP, below]
    figure = Figure(figsize=tuple(size), dpi=resolution(*size))

    def add_axes(left: float, upper: float, high: float) -> Axes:
        """Add a drawing, given its upper left corner (inches) and its height (Å)."""
        low = upper - high * scale
        place = np.array([left, low, width * scale, high * scale]) / [*size, *size]
        return figure.add_axes(tuple(place))

    lines = 2 if any(view.slab.energy is not None for view in views) else 1
    for index, view in enumerate(views):
        row, column = divmod(index, columns)
        left, upper = _GAP + column * panel[0], size[1] - row * panel[1]
        middle = (left + width * scale + _GAP / 4) / size[0]
        text = _title(view.slab, lines)
        figure.text(middle, (upper - 0.05) / size[1], text, ha='center', va='top', fontsize='small')
        upper -= _TITLE
        centre = sum(view.heights()) / 2
        frame = (0.0, centre - height / 2, width, centre + height / 2)
        side_captions = 'before', 'after' if view.after else view.slab.state
        geometries = view.before, view.after
        for side, atoms in enumerate(geometries):
            axes = add_axes(left + side * step, upper, height)
            _draw(axes, atoms, frame, side_captions[side])
        upper -= height * scale + _CAPTION
        for side, atoms in enumerate(geometries if above else ()):
            axes = add_axes(left + side * step, upper, face)
            _draw_above(axes, atoms, np.array([width, face]))
    elements = sorted({symbol for view in views for symbol in view.before.symbols})
    figure.legend(
        handles=[swatch(element) for element in elements],
        loc='center',
        bbox_to_anchor=(0.5, _LEGEND / 2 / size[1]),
        ncols=len(elements),
        frameon=False,
        fontsize='small',
        handletextpad=0.0,
    )
    if note:
        figure.text(
            0.5,
            _LEGEND / size[1],
            note,
            ha='center',
            va='bottom',
            fontsize='small',
            wrap=True,
            gid=NOTE,
        )
    return figure


def _views(slab: SlabResult, initial: Atoms) -> _Views:
    return _Views(slab, *turn_upright(initial, slab.relaxed))


def _draw(
    axes: Axes, atoms: Atoms | None, frame: tuple[float, float, float, float], caption: str
) -> None:
    axes.set_axis_off()
    axes.set_title(caption, y=-0.04, pad=0, va='top', fontsize='x-small')
    left, low, right, high = frame
    axes.set(xlim=(left, right), ylim=(low, high))
    if atoms is None:
        return
    # One row of cells that extends beyond the frame on both sides, wherever the atoms are in it.
    period = float(atoms.cell.lengths()[0])
    beyond = 1 + ceil((abs(atoms.cell[1, 0]) + abs(atoms.cell[2, 0])) / period)
    shifts = period * np.arange(-beyond, ceil((right - left) / period) + beyond)
    row = np.tile(atoms.positions, (len(shifts), 1))
    row[:, 0] += np.repeat(shifts, len(atoms))
    numbers = np.tile(atoms.numbers, len(shifts))
    radii = _RADIUS * covalent_radii[numbers]
    inside = (row[:, 0] > left - radii) & (row[:, 0] < right + radii)
    order = np.flatnonzero(inside)[np.argsort(-row[inside, 1], kind='stable')]
    draw_atoms(axes, numbers[order], radii[order], row[order][:, [0, 2]])


def _draw_above(axes: Axes, atoms: Atoms | None, size: NDArray[np.float64]) -> None:
    axes.set_axis_off()
    if atoms is None:
        return
    axes.set_title('from above', y=-0.04, pad=0, va='top', fontsize='x-small')
    draw_face(axes, UprightSlab.of_atoms(atoms), size)


def _title(slab: SlabResult, lines: int) -> str:
    """Return the label, the formula with subscripts, and the energy if it is known.

    :param lines: the number of lines, equal in all panels so that the drawings are aligned.
    """
    second = '' if lines == 1 else '\n '
    energy = second if slab.energy is None else f'\n{slab.energy:.3f} eV'
    return f'{plain(slab.label)}  {subscripts(slab.formula)}{energy}'
