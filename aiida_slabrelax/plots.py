"""Results as figures of matplotlib. No window is opened and no global state is used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, covalent_radii
from ase.data.colors import jmol_colors
from ase.geometry import find_mic
from ase.visualize.plot import plot_atoms
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

if TYPE_CHECKING:
    from .results import RunResults, SlabResult

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


def plot_slabs(results: RunResults) -> Figure:
    """Draw each slab from the side, before and after its relaxation.

    All slabs are drawn to one scale, without their vacuum, and repeated along the surface.

    :param results: a run with at least one slab whose structure is known.
    :raises ValueError: if there is none.
    """
    views = [_views(slab, slab.initial) for slab in results.slabs if slab.initial is not None]
    if not views:
        raise ValueError('there are no slabs to draw')
    width = max(_WIDTH, *(float(view.before.cell.lengths()[0]) for view in views))
    height = max(high - low for low, high in (view.heights() for view in views))

    columns = ceil(sqrt(len(views)))
    rows = ceil(len(views) / columns)
    total = rows * (height * _SCALE + _CAPTION)
    figure = Figure(
        figsize=(columns * 2.1 * width * _SCALE, total + _LEGEND), dpi=150, layout='constrained'
    )
    parts = figure.add_gridspec(2, 1, height_ratios=[total, _LEGEND])
    drawings, legend = (figure.add_subfigure(parts[row, 0]) for row in (0, 1))
    grid = drawings.add_gridspec(rows, columns)
    for index, view in enumerate(views):
        panel = drawings.add_subfigure(grid[divmod(index, columns)])
        panel.suptitle(_title(view.slab), fontsize='small')
        left, right = panel.subplots(1, 2)
        middle = sum(view.heights()) / 2
        frame = (0.0, middle - height / 2, width, middle + height / 2)
        _draw(left, view.before, frame, 'before')
        _draw(right, view.after, frame, 'after' if view.after else view.slab.state)
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
    """Turn a slab upright, and undo jumps of atoms across the boundary of the cell."""
    cell, _ = initial.cell.standard_form()
    before = initial.copy()
    before.set_cell(cell, scale_atoms=True)
    if slab.relaxed is None:
        return _Views(slab, before, None)
    after = slab.relaxed.copy()
    after.set_cell(cell, scale_atoms=True)
    moved, _ = find_mic(after.positions - before.positions, after.cell)
    after.positions = before.positions + moved
    return _Views(slab, before, after)


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


def _title(slab: SlabResult) -> str:
    """Return the label, the formula with subscripts, and the energy if it is known."""
    energy = '' if slab.energy is None else f'\n{slab.energy:.3f} eV'
    return f'{slab.label}  {subscripts(slab.formula)}{energy}'


def subscripts(formula: str) -> str:
    """Return a formula with its numbers as subscripts."""
    return re.sub(r'(\d+)', r'$_{\1}$', formula)


def swatch(element: str) -> Line2D:
    """Return the sign of an element in a legend."""
    colour = tuple(jmol_colors[atomic_numbers[element]])
    return Line2D(
        [], [], linestyle='', marker='o', markersize=8, color=colour, mec='black', label=element
    )
