"""Slabs before and after their relaxation, from the side and from above."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from ase.visualize.plot import plot_atoms
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .text import plain, subscripts, swatch
from .upright import UprightSlab, draw_face, turn_upright

if TYPE_CHECKING:
    from ..results import RunResults, SlabResult

#: The surface is drawn over at least this length, and over a whole cell, Å.
_WIDTH = 9.0
#: The space above and below the atoms, Å.
_MARGIN = 0.4
#: Atoms are drawn with this fraction of their covalent radii.
_RADIUS = 0.8
#: The length of an ångström in the figure, inches.
_SCALE = 0.16
#: The space for what is written above and below each slab, inches.
_CAPTION = 0.65
#: The height of the legend, inches.
_LEGEND = 0.35


@dataclass(frozen=True)
class _Views:
    """A slab before and (if it has relaxed) after; its a along x, its normal along z."""

    slab: SlabResult
    before: Atoms
    after: Atoms | None

    def heights(self) -> tuple[float, float]:
        """Return the lowest and the highest point of both, Å."""
        seen = [atoms for atoms in (self.before, self.after) if atoms is not None]
        heights = np.concatenate([atoms.positions[:, 2] for atoms in seen])
        reach = (
            _RADIUS * np.concatenate([covalent_radii[atoms.numbers] for atoms in seen]) + _MARGIN
        )
        return float(np.min(heights - reach)), float(np.max(heights + reach))


def plot_slabs(results: RunResults, above: bool = False) -> Figure:
    """Draw each slab from the side, before and after its relaxation.

    All slabs are drawn to one scale, without their vacuum, and repeated along the surface.

    :param results: a run with at least one slab whose structure is known.
    :param above: draw the upper face of each slab from above too.
    :raises ValueError: if there is none.
    """
    views = [_views(slab, slab.initial) for slab in results.slabs if slab.initial is not None]
    if not views:
        raise ValueError('there are no slabs to draw')
    width = max(_WIDTH, *(float(view.before.cell.lengths()[0]) for view in views))
    height = max(high - low for low, high in (view.heights() for view in views))

    faces = [min(float(view.before.cell[1, 1]) + 2 * _MARGIN, width) for view in views]
    face = max(_WIDTH, *faces) if above else 0.0

    columns = ceil(sqrt(len(views)))
    rows = ceil(len(views) / columns)
    total = rows * ((height + face) * _SCALE + _CAPTION * (2 if above else 1))
    figure = Figure(
        figsize=(columns * 2.1 * width * _SCALE, total + _LEGEND), dpi=150, layout='constrained'
    )
    parts = figure.add_gridspec(2, 1, height_ratios=[total, _LEGEND])
    drawings, legend = (figure.add_subfigure(parts[row, 0]) for row in (0, 1))
    grid = drawings.add_gridspec(rows, columns)
    lines = 2 if any(view.slab.energy is not None for view in views) else 1
    for index, view in enumerate(views):
        panel = drawings.add_subfigure(grid[divmod(index, columns)])
        panel.suptitle(_title(view.slab, lines), fontsize='small')
        ratios = [height, face] if above else [height]
        axes = panel.subplots(len(ratios), 2, squeeze=False, height_ratios=ratios)
        middle = sum(view.heights()) / 2
        frame = (0.0, middle - height / 2, width, middle + height / 2)
        captions = 'before', 'after' if view.after else view.slab.state
        for column, atoms in enumerate((view.before, view.after)):
            _draw(axes[0, column], atoms, frame, captions[column])
            if above:
                _draw_above(axes[1, column], atoms, np.array([width, face]))
    elements = sorted({symbol for view in views for symbol in view.before.symbols})
    legend.legend(
        handles=[swatch(element) for element in elements],
        loc='center',
        ncols=len(elements),
        frameon=False,
        fontsize='small',
        handletextpad=0.0,
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
    axes.set(aspect='equal', xlim=(0, right - left), ylim=(0, high - low))
    if atoms is None:
        return
    # One row of cells that reaches beyond the frame on both sides, wherever the atoms are in it.
    period = atoms.cell.lengths()[0]
    beyond = 1 + ceil((abs(atoms.cell[1, 0]) + abs(atoms.cell[2, 0])) / period)
    row = atoms.repeat((ceil((right - left) / period) + 2 * beyond, 1, 1))
    row.positions[:, 0] -= beyond * period
    plot_atoms(row, axes, rotation='-90x', scale=1, radii=_RADIUS, show_unit_cell=0, bbox=frame)


def _draw_above(axes: Axes, atoms: Atoms | None, size: NDArray[np.float64]) -> None:
    axes.set_axis_off()
    axes.set(aspect='equal', xlim=(0, size[0]), ylim=(0, size[1]))
    if atoms is None:
        return
    axes.set_title('from above', y=-0.04, pad=0, va='top', fontsize='x-small')
    draw_face(axes, UprightSlab.of_atoms(atoms), size)


def _title(slab: SlabResult, lines: int) -> str:
    """Return the label, the formula with subscripts, and the energy if it is known.

    :param lines: as many in all panels, so that the drawings stand side by side.
    """
    second = '' if lines == 1 else '\n '
    energy = second if slab.energy is None else f'\n{slab.energy:.3f} eV'
    return f'{plain(slab.label)}  {subscripts(slab.formula)}{energy}'
