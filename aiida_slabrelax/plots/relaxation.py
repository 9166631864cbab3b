"""How the interlayer distances of slabs changed during relaxation."""

from __future__ import annotations

from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from ..surfaces.slabs.spacings import Spacings, compare_spacings
from .limits import MOST_DIAGRAMS, NOTE, flaw_of, resolution, take
from .text import plain, subscripts
from .upright import turn_upright

if TYPE_CHECKING:
    from ..results.slabs import RunResults, SlabResult

#: The smallest extent of the axis, %; smaller changes are noise.
_SMALLEST = 0.1
#: Width and height of a diagram with its margins, inches.
_PANEL = 4.2, 3.0
#: The margins of a diagram and the height of the note, inches.
_LEFT, _RIGHT, _BELOW, _ABOVE, _NOTE = 0.75, 0.1, 0.5, 0.3, 0.4


def find_spacings(slab: SlabResult) -> Spacings | None:
    """Return the interlayer distances of a slab; None if it has not relaxed or has one layer."""
    if slab.initial is None or slab.relaxed is None:
        return None
    before, after = turn_upright(slab.initial, slab.relaxed)
    assert after is not None
    spacings = compare_spacings(before.positions[:, 2], after.positions[:, 2])
    return spacings if len(spacings.before) else None


def plot_relaxation(results: RunResults) -> Figure:
    """Draw how the interlayer distances of each slab changed, counted from both surfaces.

    The initial distances are those of the bulk, if the slab was cut from it. If there are many
    slabs, the first ones are drawn, and a note says which.

    :param results: a run with at least one relaxed slab.
    :raises ValueError: if no slab has relaxed.
    """
    relaxed = [slab for slab in results.slabs if slab.relaxed is not None]
    flaws = {slab.label: flaw for slab in relaxed if (flaw := flaw_of(slab)) is not None}
    drawable = [slab for slab in relaxed if slab.label not in flaws]
    diagrams = [(slab, spacings) for slab in drawable if (spacings := find_spacings(slab))]
    shown, note = take([slab.label for slab, _ in diagrams], MOST_DIAGRAMS, 'slabs', flaws)
    diagrams = diagrams[:shown]
    if not diagrams:
        raise ValueError(note or 'no slab of more than one layer has relaxed (yet)')
    columns = ceil(sqrt(shown))
    rows = ceil(shown / columns)
    size = np.array([_PANEL[0] * columns, _PANEL[1] * rows + _NOTE])
    figure = Figure(figsize=tuple(size), dpi=resolution(*size))
    first: Axes | None = None
    for index, (slab, spacings) in enumerate(diagrams):
        row, column = divmod(index, columns)
        corner = [column * _PANEL[0] + _LEFT, size[1] - (row + 1) * _PANEL[1] + _BELOW]
        extent = [_PANEL[0] - _LEFT - _RIGHT, _PANEL[1] - _BELOW - _ABOVE]
        place = np.array([*corner, *extent]) / [*size, *size]
        axes = figure.add_axes(tuple(place), sharey=first)
        first = axes if first is None else first
        _draw(axes, slab, spacings)
    largest = [float(abs(spacings.changes_percent).max()) for _, spacings in diagrams]
    reach = max(_SMALLEST, *largest)
    assert first is not None
    first.set_ylim(-1.1 * reach, 1.1 * reach)
    if note:
        figure.text(0.5, 0.1 / size[1], note, ha='center', fontsize='small', wrap=True, gid=NOTE)
    return figure


def _draw(axes: Axes, slab: SlabResult, spacings: Spacings) -> None:
    numbers = np.arange(1, len(spacings.from_top) + 1)
    axes.axhline(0, color='0.6', linewidth=0.8)
    axes.plot(numbers, spacings.from_top, 'C0-^', label='from the top', markersize=6)
    axes.plot(
        numbers,
        spacings.from_bottom,
        'C1--v',
        label='from the bottom',
        markersize=9,
        markerfacecolor='none',
    )
    axes.xaxis.set_major_locator(FixedLocator(numbers[:: ceil(len(numbers) / 8)].tolist()))
    axes.xaxis.set_major_formatter(lambda number, _: f'{number:.0f}–{number + 1:.0f}')
    axes.set_title(f'{plain(slab.label)}  {subscripts(slab.formula)}', fontsize='small')
    axes.set_xlabel('layers, counted from the surface', fontsize='small')
    axes.set_ylabel('change of their distance (%)', fontsize='small')
    axes.legend(fontsize='x-small')
