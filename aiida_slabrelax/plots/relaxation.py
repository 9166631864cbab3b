"""How the interlayer distances of slabs changed during relaxation."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from ..surfaces.slabs.spacings import Array, Spacings, compare_spacings
from .layout.fitting import columns_of, fitted, width_of
from .layout.limits import MOST_DIAGRAMS, flaw_of, take
from .layout.sheet import Sheet, grid_of, sheet_of
from .layout.styles import style_of
from .layout.text import name_slab
from .upright import turn_upright

if TYPE_CHECKING:
    from ..results.slabs import RunResults, SlabResult

#: The units of the changes, and the labels of their axes.
UNITS = {'percent': 'Δd (% of the bulk spacing)', 'angstrom': 'Δd (Å)'}
#: The smallest extent of the axis by unit; smaller changes are noise.
_SMALLEST = {'percent': 0.1, 'angstrom': 0.002}
#: Up to this difference (Å) both sides of a slab are equal. Forces of 0.02 eV/Å, at which
#: relaxations commonly end, leave about so much where a bond has a force constant of 1 eV/Å².
SAME = 0.02
#: The width and the height of a panel, its smallest width, and the space around its frame, inches.
_PANEL, _LEAST, _AROUND = (4.2, 3.0), 1.6, 0.8


def find_spacings(slab: SlabResult) -> Spacings | None:
    """Return the interlayer distances of a slab; None if it has not relaxed or has one layer."""
    if slab.initial is None or slab.relaxed is None:
        return None
    before, after = turn_upright(slab.initial, slab.relaxed)
    assert after is not None
    spacings = compare_spacings(before.positions[:, 2], after.positions[:, 2])
    return spacings if len(spacings.before) else None


def plot_relaxation(
    results: RunResults, unit: str = 'percent', *, width_mm: float | None = None
) -> Figure:
    """Draw how the interlayer distances of each slab changed, counted from the surface.

    A slab with equivalent faces, whose sides agree within 0.02 Å, has one curve, their mean; others
    have a curve for each side. The initial distances are those of the bulk, if the slab was cut
    from it. A cross marks layers that have changed places. If there are many slabs, the first ones
    are drawn, and a note says which.

    :param results: a run with at least one relaxed slab.
    :param unit: ``percent`` of the initial distance, or ``angstrom``.
    :param width_mm: the width for which the figure is laid out, mm; by default 107 for each column
        of panels.
    :raises ValueError: if no slab has relaxed, the unit is unknown, or the width is none for a
        figure.
    """
    if unit not in UNITS:
        raise ValueError(f'the unit of changes is {" or ".join(UNITS)}, not {unit!r}')
    relaxed = [slab for slab in results.slabs if slab.relaxed is not None]
    flaws = {slab.label: flaw for slab in relaxed if (flaw := flaw_of(slab)) is not None}
    drawable = [slab for slab in relaxed if slab.label not in flaws]
    diagrams = [(slab, spacings) for slab in drawable if (spacings := find_spacings(slab))]
    shown, note = take([slab.label for slab, _ in diagrams], MOST_DIAGRAMS, 'slabs', flaws)
    diagrams = diagrams[:shown]
    if not diagrams:
        raise ValueError(note or 'no slab of more than one layer has relaxed (yet)')
    with sheet_of(width_mm) as sheet:
        titles = [name_slab(slab) for slab, _ in diagrams]
        figure, panels = sheet.panels(titles, _PANEL, _LEAST)
        _, columns = grid_of(panels[0])
        width = figure.get_figwidth() / columns
        handles: dict[str, Artist] = {}
        for axes, (slab, spacings) in zip(panels, diagrams, strict=True):
            if axes is not panels[0]:
                axes.sharey(panels[0])
            _draw(axes, slab, spacings, unit, handles)
            _number_layers(axes, len(spacings.before), sheet, width - _AROUND)
        largest = [float(abs(_changes(spacings, unit)).max()) for _, spacings in diagrams]
        reach = 1.1 * max(_SMALLEST[unit], *largest)
        panels[0].set_ylim(-reach, reach)
        frame = (_PANEL[1] - _AROUND) * min(1.0, max(width / _PANEL[0], 0.55))
        for index, axes in enumerate(panels):
            if index % columns:
                axes.tick_params(axis='y', labelleft=False)
            else:
                axes.set_ylabel('\n'.join(fitted(UNITS[unit], sheet.medium, frame)))
        for axes in panels[-columns:]:
            lines = fitted('layers, counted from the surface', sheet.medium, width - _AROUND + 0.1)
            axes.set_xlabel('\n'.join(lines))
        room = figure.get_figwidth() - 4 * sheet.small / 72
        labels = ['\n'.join(fitted(label, sheet.small, room)) for label in handles]
        legend = figure.legend(
            handles=list(handles.values()),
            labels=labels,
            loc='lower center',
            ncols=columns_of(labels, sheet.small, figure.get_figwidth()),
            frameon=False,
            borderaxespad=0.2,
            fontsize=sheet.small,
        )
        foot = sheet.foot(figure.get_figwidth(), note, results.programs)
        sheet.lay_out(figure, panels, frame, foot, legend)
    return figure


def _changes(spacings: Spacings, unit: str) -> Array:
    return spacings.changes_percent if unit == 'percent' else spacings.changes_a


def sides_agree(slab: SlabResult, spacings: Spacings) -> bool:
    """Return whether both sides of a slab have relaxed alike, within 0.02 Å."""
    differences = spacings.changes_a - spacings.changes_a[::-1]
    return slab.symmetric is not False and float(abs(differences).max()) <= SAME


def _draw(
    axes: Axes, slab: SlabResult, spacings: Spacings, unit: str, handles: dict[str, Artist]
) -> None:
    """Draw the curves of a slab, and add what they are called to the handles of the legend."""
    top, bottom = spacings.sides(_changes(spacings, unit))
    crossed = spacings.sides(spacings.after < 0)
    numbers = np.arange(1, len(top) + 1)
    axes.axhline(0, color='0.6', linewidth=0.8)
    if sides_agree(slab, spacings):
        curves = [('both sides', (top + bottom) / 2, crossed[0] | crossed[1], 'o-', 4.0)]
    else:
        curves = [
            ('from the top', top, crossed[0], '^-', 4.5),
            ('from the bottom', bottom, crossed[1], 'v--', 6.5),
        ]
    for index, (label, values, changed, form, size) in enumerate(curves):
        (line,) = axes.plot(
            numbers,
            values,
            form,
            color=style_of(index).colour,
            label=label,
            linewidth=1.2,
            markersize=size,
            markerfacecolor='none' if index else None,
        )
        handles.setdefault(label, line)
        if changed.any():
            label = 'layers have changed places'
            label += ' (below −100 %)' if unit == 'percent' else ''
            (mark,) = axes.plot(
                numbers[changed], values[changed], 'kx', label=label, markersize=8, zorder=3
            )
            handles.setdefault(label, mark)


def _number_layers(axes: Axes, count: int, sheet: Sheet, width: float) -> None:
    """Write the numbers of neighbouring layers below a panel, as many as fit.

    :param count: the number of distances.
    :param width: the width of the frame, inches.
    """
    numbers = np.arange(1, (count + 1) // 2 + 1)
    needed = width_of(f'{numbers[-1]}–{numbers[-1] + 1}', sheet.small) + sheet.small / 72
    step = ceil(len(numbers) * needed / width)
    axes.xaxis.set_major_locator(FixedLocator(numbers[::step].tolist()))
    axes.xaxis.set_major_formatter(lambda number, _: f'{number:.0f}–{number + 1:.0f}')
    axes.margins(x=0.08)
