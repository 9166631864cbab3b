"""Surface energies against a chemical potential."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from numpy.typing import NDArray

from ..energetics import EV_PER_A2_IN_J_PER_M2, GASES, Lowest, gas_potential, lower_envelope
from ..energetics.chemical_potentials.gas_phase import HIGHEST_TEMPERATURE
from .conditions import (
    check_elements,
    cut_limits,
    default_axes,
    fix_others,
    free_elements,
    panels,
    shown_range,
    write_conditions,
)
from .layout.fitting import drop_covered, legend_below, width_of
from .layout.sheet import Sheet, sheet_of
from .layout.styles import Style, darker, style_of
from .layout.text import (
    GAMMA_LABEL,
    NEGATIVE,
    name_surface,
    outlined,
    potential_label,
    subscripts,
    write_number,
)

if TYPE_CHECKING:
    from ..results.energies.surface_energies import Surface, SurfaceResults

#: With more terminations of a plane than this, only those that are the lowest somewhere are named.
_MOST_NAMED = 20
#: The temperatures (K) on the upper axis, and the largest number of them.
_TEMPERATURES, _MOST_TICKS = range(100, int(HIGHEST_TEMPERATURE) + 1, 100), 6
#: The width and the height of a panel, the height of its frame, and the space beside it, inches.
_PANEL, _FRAME, _AROUND = (6.4, 4.4), 3.4, 1.2


def plot_surface_energies(
    results: SurfaceResults,
    element: str | None = None,
    fixed_ev: Mapping[str, float] | None = None,
    *,
    width_mm: float | None = None,
) -> Figure:
    """Draw the surface energies of each plane against the chemical potential of an element.

    A termination is drawn thick where it is the lowest of its plane; the range in which the bulk
    is not stable is grey. The upper axis has the temperatures of the gas of the element at 1 bar,
    if that gas is known.

    :param element: by default oxygen, or the most electronegative element.
    :param fixed_ev: Δμ (eV) of the other elements; by default the middle of the stable range.
    :param width_mm: the width for which the figure is laid out, mm; by default 163 for each column
        of panels.
    :raises ValueError: if no surface energy depends on a chemical potential, that of the element
        is not free, another element has neither a value nor limits, or the width is none for a
        figure.
    :raises NotComparableError: if the bulk is not stable at the fixed potentials.
    """
    free = free_elements(results)
    chosen = element or default_axes(results, 1)[0]
    check_elements([chosen, *(fixed_ev or {})], free)
    fixed = fix_others(results, [chosen], fixed_ev or {})
    limits = cut_limits(results, [chosen], fixed)
    potentials = shown_range(limits)
    stable = potentials if limits is None else (float(limits.min()), float(limits.max()))

    styles = {surface.label: style_of(n) for n, surface in enumerate(results.surfaces)}
    with sheet_of(width_mm) as sheet:
        figure, axes, width, foot = panels(sheet, results, _PANEL)
        names = {}
        for plane, frame in axes.items():
            surfaces = results.by_plane[plane]
            pieces = lowest_of_plane(surfaces, chosen, fixed, *stable)
            handles, names[frame] = _draw(
                frame, surfaces, pieces, chosen, fixed, potentials, styles, sheet
            )
            if limits is not None:
                handles.append(_shade_beyond(frame, limits, potentials))
            _add_temperatures(frame, chosen, potentials, sheet, width - _AROUND)
            title = 'thick: the lowest of its plane'
            legend_below(frame, handles, sheet.small, width - 0.3, title)
        write_conditions(figure, list(axes.values()), fixed, sheet)
        sheet.lay_out(figure, list(axes.values()), _FRAME * width / _PANEL[0], foot)
        for frame, texts in names.items():
            drop_covered(texts, frame)
    return figure


def lowest_of_plane(
    surfaces: Sequence[Surface],
    element: str,
    fixed_ev: Mapping[str, float],
    start_ev: float,
    end_ev: float,
) -> list[Lowest]:
    """Return which of the terminations of one plane is the lowest, along one potential (eV)."""
    lines = {}
    for surface in surfaces:
        constant = float(surface.energy.at({**fixed_ev, element: 0.0}).ev_per_a2)
        lines[surface.label] = (constant, surface.energy.slopes_per_a2.get(element, 0.0))
    return lower_envelope(lines, start_ev, end_ev)


def _draw(
    axes: Axes,
    surfaces: Sequence[Surface],
    pieces: Sequence[Lowest],
    element: str,
    fixed: Mapping[str, float],
    potentials: tuple[float, float],
    styles: Mapping[str, Style],
    sheet: Sheet,
) -> tuple[list[Artist], list[Text]]:
    """Draw the lines of a plane; return the handles of the legend, and the names on the lines."""

    def gamma(ends: NDArray[np.float64], surface: Surface) -> NDArray[np.float64]:
        energy = surface.energy.at({**fixed, element: ends})
        return np.asarray(energy.j_per_m2 + 0 * ends)

    handles: list[Artist] = []
    names: list[Text] = []
    named, others = _pick(surfaces, pieces)
    for number, surface in enumerate(named):
        where = [piece for piece in pieces if piece.label == surface.label]
        style = styles[surface.label]
        # Side by side, so that names of neighbouring lines do not cover each other.
        place = potentials[0] + (potentials[1] - potentials[0]) * (number + 0.5) / len(named)
        height = float(gamma(np.array([place]), surface)[0])
        form = '-' if surface.energy.symmetric else '--'
        look: dict[str, Any] = {'color': style.colour, 'linewidth': 1.2, 'linestyle': form}
        label = _describe(surface, where)
        axes.plot(potentials, gamma(np.array(potentials), surface), label=label, **look)
        axes.plot(place, height, style.marker, color=style.colour, markersize=5, label='_name')
        handles.append(Line2D([], [], marker=style.marker, markersize=5, label=label, **look))
        name = axes.annotate(
            name_surface(surface).replace('  ', '\n'),
            (place, height),
            xytext=(0, 5),
            textcoords='offset points',
            ha='center',
            va='bottom',
            fontsize=sheet.tiny,
            color=darker(style.colour),
        )
        name.set_in_layout(False)
        names.append(outlined(name))
        for piece in where:
            ends = np.array([piece.start_ev, piece.end_ev])
            axes.plot(
                ends,
                gamma(ends, surface),
                color=style.colour,
                linewidth=3.5,
                solid_capstyle='butt',
                label='_stable',
            )
    if others:
        ends = np.array(potentials)
        lines = [np.column_stack([ends, gamma(ends, surface)]) for surface in others]
        label = f'{len(others)} others, nowhere the lowest'
        handles.append(
            axes.add_collection(
                LineCollection(lines, colors='0.7', linewidths=0.5, zorder=1, label=label)
            )
        )
        axes.autoscale_view()
    axes.set(xlabel=potential_label(element), ylabel=GAMMA_LABEL, xlim=potentials)
    handles += _mark_negative(axes)
    right = axes.secondary_yaxis(
        'right',
        functions=(
            lambda joules: np.divide(joules, EV_PER_A2_IN_J_PER_M2),
            lambda volts: np.multiply(volts, EV_PER_A2_IN_J_PER_M2),
        ),
    )
    right.set_ylabel('γ (eV/Å²)')
    right.tick_params(labelsize=sheet.small)
    return handles, names


def _mark_negative(axes: Axes) -> list[Artist]:
    """Draw the zero line, and hatch where surface energies are negative."""
    lowest, highest = axes.get_ylim()
    if lowest >= 0:
        return []
    axes.axhline(0.0, color='black', linewidth=0.8)
    look: dict[str, Any] = {
        'facecolor': 'none',
        'edgecolor': '0.8',
        'hatch': '////',
        'linewidth': 0,
    }
    area = axes.axhspan(lowest, 0.0, label=NEGATIVE, **look)
    axes.set_ylim(lowest, highest)
    return [area]


def _pick(
    surfaces: Sequence[Surface], pieces: Sequence[Lowest]
) -> tuple[list[Surface], list[Surface]]:
    """Return the surfaces whose lines are named, in the given order, and the others."""
    if len(surfaces) <= _MOST_NAMED:
        return list(surfaces), []
    lowest = {piece.label for piece in pieces}
    return (
        [surface for surface in surfaces if surface.label in lowest],
        [surface for surface in surfaces if surface.label not in lowest],
    )


def _describe(surface: Surface, where: Sequence[Lowest]) -> str:
    faces = '' if surface.energy.symmetric else ', mean of both faces'
    lowest = ', '.join(
        f'{write_number(piece.start_ev)} to {write_number(piece.end_ev)} eV' for piece in where
    )
    name = f'{name_surface(surface)}{faces}'
    return f'{name}: lowest from {lowest}' if lowest else name


def _shade_beyond(
    axes: Axes, limits: NDArray[np.float64], potentials: tuple[float, float]
) -> Artist:
    for start, end in ((potentials[0], limits.min()), (limits.max(), potentials[1])):
        axes.axvspan(start, end, color='0.88', linewidth=0, zorder=0)
    for limit in (limits.min(), limits.max()):
        axes.axvline(limit, color='0.5', linewidth=0.8)
    return Patch(facecolor='0.88', edgecolor='0.5', label='grey: the bulk is not stable')


def _add_temperatures(
    axes: Axes, element: str, potentials: tuple[float, float], sheet: Sheet, width: float
) -> None:
    """Add an upper axis with the temperatures at which the gas at 1 bar has these potentials.

    :param width: the width of the frame, inches.
    """
    if element not in GASES:
        return
    gas = GASES[element]
    places = {
        temperature: gas_potential(gas, temperature).delta_mu_ev
        for temperature in _TEMPERATURES
        if temperature >= gas.lowest_temperature_k
    }
    shown = [
        temperature
        for temperature, place in places.items()
        if potentials[0] <= place <= potentials[1]
    ]
    if not shown:
        return
    ends = places[shown[0]], places[shown[-1]]
    room = abs(ends[1] - ends[0]) / (potentials[1] - potentials[0]) * width
    fit = int(room / (width_of('0000', sheet.small) + sheet.small / 72))
    shown = shown[:: ceil(len(shown) / max(1, min(fit, _MOST_TICKS)))]
    top = axes.secondary_xaxis('top')
    top.set_xticks([places[temperature] for temperature in shown], list(map(str, shown)))
    top.tick_params(labelsize=sheet.small)
    top.set_xlabel(f'T (K) in {subscripts(gas.name)} of 1 bar', fontsize=sheet.small)
    # Above its numbers, but within the frame.
    middle = (sum(ends) / 2 - potentials[0]) / (potentials[1] - potentials[0])
    top.xaxis.label.set_x(min(max(middle, 0.25), 0.75))
