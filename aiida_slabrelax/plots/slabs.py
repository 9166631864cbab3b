"""Slabs before and after relaxation, from the side and from above."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log, sqrt
from typing import TYPE_CHECKING, Self

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from .layout.fitting import fitted
from .layout.limits import FARTHEST, MOST_SLABS, take_slabs
from .layout.sheet import LINE, Sheet, sheet_of
from .layout.text import name_slab, swatch, write_number
from .upright import UprightSlab, draw_atoms, draw_face, turn_upright

if TYPE_CHECKING:
    from ..results.slabs import RunResults, SlabResult

#: The shortest length of the surface in a drawing, Å; a drawing also shows a whole cell.
_WIDTH = 9.0
#: The space above and below the atoms, Å.
_MARGIN = 0.4
#: The radius of a drawn atom, as a fraction of its covalent radius.
_RADIUS = 0.8
#: The scale of a figure that chooses its width, and the largest scale of others, inches per Å.
_SCALE, _LARGEST = 0.16, 0.24
#: The gaps in a figure that chooses its width, and in others, inches.
_GAP, _NARROW = 0.3, 0.16
#: The ratio of width and height that a figure that chooses its width aims at.
_LANDSCAPE = 1.5
#: The smallest width of a panel, and the height of a page, inches.
_LEAST, _PAGE = 1.3, 9.0
#: About the greatest length of the figure, inches.
_LONGEST = 40.0
#: The length of the bar that shows the scale, Å.
_BAR = 5


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


@dataclass(frozen=True)
class _Plan:
    """Where the drawings of a figure are; lengths in inches.

    :ivar columns: the number of slabs in a row.
    :ivar scale: inches per Å.
    :ivar gap: the gap between slabs; half of it is between drawings of one slab.
    :ivar panel: the width of both drawings of a slab.
    :ivar titles: the lines of the title of each slab.
    :ivar heights: the height of the drawings from the side in each row, Å.
    :ivar rows: the height of each row, with titles and captions.
    """

    columns: int
    scale: float
    gap: float
    panel: float
    titles: list[list[str]]
    heights: list[float]
    rows: list[float]

    @classmethod
    def of(cls, views: list[_Views], columns: int, width: float, face: float, sheet: Sheet) -> Self:
        """Plan a figure with a number of columns.

        :param width: the length of the surface in a drawing, Å.
        :param face: the height of a drawing from above, Å; 0 without.
        """
        heights = [min(high - low, FARTHEST) for low, high in (view.heights() for view in views)]
        captions = (2 if face else 1) * LINE * sheet.tiny / 72
        if sheet.width is None:
            # Many slabs become thumbnails, so that neither side of the figure is too long.
            gap, rows = _GAP, ceil(len(views) / columns)
            scale = min(
                _SCALE,
                (_LONGEST / columns - 2 * gap) / (2 * width),
                (_LONGEST / rows - captions - 2 * gap) / (max(heights) + face),
            )
        else:
            gap = _NARROW
            scale = min(_LARGEST, ((sheet.width - gap) / columns - 1.5 * gap) / (2 * width))
        panel = 2 * width * scale + gap / 2
        titles = [_title(view.slab, sheet.small, panel) for view in views]
        highest, shared = [], []
        for start in range(0, len(views), columns):
            row = slice(start, start + columns)
            lines = max(map(len, titles[row])) * LINE * sheet.small / 72
            highest.append(max(heights[row]))
            shared.append(lines + captions + (highest[-1] + face) * scale + gap)
        return cls(columns, scale, gap, panel, titles, highest, shared)

    @property
    def width(self) -> float:
        """The width of all panels, with the gaps around them."""
        return self.columns * (self.panel + self.gap) + self.gap

    def title_height(self, row: int, font: float) -> float:
        """Return the height of the titles in a row."""
        lines = map(len, self.titles[row * self.columns : (row + 1) * self.columns])
        return max(lines) * LINE * font / 72


def plot_slabs(
    results: RunResults, above: bool = False, *, width_mm: float | None = None
) -> Figure:
    """Draw each slab from the side, before and after relaxation.

    All slabs are drawn to the same scale, without their vacuum, and repeated along the surface. If
    there are many, the first ones are drawn, and a note says which.

    :param results: a run with at least one slab whose structure is known.
    :param above: also draw the upper face of each slab from above.
    :param width_mm: the width for which the figure is laid out, mm; by default what it needs.
    :raises ValueError: if there is no such slab, or the width is none for a figure.
    """
    known = [slab for slab in results.slabs if slab.initial is not None]
    slabs, note = take_slabs(known, MOST_SLABS)
    views = [_views(slab, slab.initial) for slab in slabs if slab.initial is not None]
    if not views:
        raise ValueError(note or 'there are no slabs to draw')
    widest = max(_WIDTH, *(float(view.before.cell.lengths()[0]) for view in views))
    faces = [min(abs(float(view.before.cell[1, 1])) + 2 * _MARGIN, widest) for view in views]
    width = min(widest, FARTHEST)
    face = min(max(_WIDTH, *faces), FARTHEST) if above else 0.0
    with sheet_of(width_mm) as sheet:
        plan = _choose(views, width, face, sheet)
        foot = sheet.foot(sheet.width or plan.width, note, results.programs)
        elements = sorted({symbol for view in views for symbol in view.before.symbols})
        figure = sheet.figure(plan.width, sum(plan.rows))
        legend = _legend(figure, elements, plan, sheet)
        below = float(legend.get_window_extent().height) / figure.dpi + plan.gap / 2 + foot.height
        figure.set_figheight(sum(plan.rows) + below)
        size = figure.get_size_inches()
        _place(figure, legend, plan, foot.height, sheet)
        margin = (size[0] - plan.width) / 2 + plan.gap
        for index, view in enumerate(views):
            row, column = divmod(index, plan.columns)
            left = margin + column * (plan.panel + plan.gap)
            upper = size[1] - sum(plan.rows[:row]) - plan.gap / 3
            figure.text(
                (left + plan.panel / 2) / size[0],
                upper / size[1],
                '\n'.join(plan.titles[index]),
                ha='center',
                va='top',
                fontsize=sheet.small,
            )
            upper -= plan.title_height(row, sheet.small)
            _draw_slab(figure, view, (left, upper), (width, plan.heights[row], face), plan, sheet)
        sheet.finish(figure, foot)
    return figure


def _choose(views: list[_Views], width: float, face: float, sheet: Sheet) -> _Plan:
    """Return the plan with the best number of columns: fitting a page, or a landscape."""
    count = len(views)
    full = sorted({ceil(count / rows) for rows in range(1, count + 1)})
    plans = [_Plan.of(views, columns, width, face, sheet) for columns in full]
    if sheet.width is not None:
        readable = [plan for plan in plans if plan.panel >= _LEAST] or plans[:1]
        fitting = [plan for plan in readable if sum(plan.rows) <= _PAGE] or readable[-1:]
        filled = [plan for plan in fitting if plan.scale < _LARGEST]
        return filled[0] if filled else fitting[-1]
    plans = [plan for plan in plans if plan.columns <= ceil(sqrt(1.5 * count))]
    return min(plans, key=lambda plan: abs(log(plan.width / sum(plan.rows) / _LANDSCAPE)))


def _draw_slab(
    figure: Figure,
    view: _Views,
    corner: tuple[float, float],
    lengths: tuple[float, float, float],
    plan: _Plan,
    sheet: Sheet,
) -> None:
    """Draw a slab from the side and, if there is room for it, from above.

    :param corner: the upper left corner, inches.
    :param lengths: the width of a drawing, the heights of one from the side and from above, Å.
    """
    size, (left, upper), (width, high, face) = figure.get_size_inches(), corner, lengths
    step, caption = width * plan.scale + plan.gap / 2, LINE * sheet.tiny / 72

    def add_axes(side: int, top: float, high: float, title: str) -> Axes:
        low = top - high * plan.scale
        place = (left + side * step, low, width * plan.scale, high * plan.scale)
        axes = figure.add_axes(tuple(np.array(place) / [*size, *size]))
        axes.set_axis_off()
        axes.set_title(title, y=0, pad=-2, va='top', fontsize=sheet.tiny)
        return axes

    middle = sum(view.heights()) / 2
    frame = (0.0, middle - high / 2, width, middle + high / 2)
    captions = 'before', 'after' if view.after else view.slab.state
    geometries = view.before, view.after
    for side, atoms in enumerate(geometries):
        _draw(add_axes(side, upper, high, captions[side]), atoms, frame)
    upper -= high * plan.scale + caption
    for side, atoms in enumerate(geometries if face else ()):
        axes = add_axes(side, upper, face, 'from above' if atoms else '')
        if atoms is not None:
            draw_face(axes, UprightSlab.of_atoms(atoms), np.array([width, face]))


def _legend(figure: Figure, elements: list[str], plan: _Plan, sheet: Sheet) -> Legend:
    """Draw the legend of the elements."""
    room = figure.get_figwidth() - 2 * plan.gap - _BAR * plan.scale - 4 * sheet.small / 72
    return figure.legend(
        handles=[swatch(element) for element in elements],
        ncols=max(1, min(len(elements), int(room / (4.5 * sheet.small / 72)))),
        frameon=False,
        borderpad=0.2,
        borderaxespad=0.0,
        columnspacing=1.2,
        fontsize=sheet.small,
        handletextpad=0.0,
    )


def _place(figure: Figure, legend: Legend, plan: _Plan, low: float, sheet: Sheet) -> None:
    """Put the bar of the scale and the legend side by side.

    :param low: the height of the foot below them, inches.
    """
    width, height = figure.get_size_inches()
    middle = (low + float(legend.get_window_extent().height) / figure.dpi / 2) / height
    ends = np.array([plan.gap, plan.gap + _BAR * plan.scale]) / width
    figure.add_artist(Line2D(ends, [middle, middle], color='black', linewidth=1.5))
    figure.text(ends[1], middle, f'  {_BAR} Å', va='center', fontsize=sheet.tiny)
    legend.set_loc('center right')
    legend.set_bbox_to_anchor((1 - plan.gap / width, middle))


def _views(slab: SlabResult, initial: Atoms) -> _Views:
    return _Views(slab, *turn_upright(initial, slab.relaxed))


def _draw(axes: Axes, atoms: Atoms | None, frame: tuple[float, float, float, float]) -> None:
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


def _title(slab: SlabResult, font: float, width: float) -> list[str]:
    """Return the lines of a title: label, plane and formula, and the energy if it is known.

    :param font: the size of the font, pt.
    :param width: the largest width of a line, inches.
    """
    energy = '' if slab.energy is None else f'\n{write_number(slab.energy, 3)} eV'
    return fitted(f'{name_slab(slab)}{energy}', font, width)
