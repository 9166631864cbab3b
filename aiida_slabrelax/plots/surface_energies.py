"""Surface energies against a chemical potential."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
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
)
from .styles import Style, style_of
from .text import (
    GAMMA_LABEL,
    NEGATIVE,
    name_surface,
    outlined,
    potential_label,
    subscripts,
    write_number,
    write_potentials,
)

if TYPE_CHECKING:
    from ..results.energies.surface_energies import Surface, SurfaceResults

#: With more terminations of a plane than this, only those that are the lowest somewhere are named.
_MOST_NAMED = 20
#: The temperatures (K) on the upper axis, and the largest number of them.
_TEMPERATURES, _MOST_TICKS = range(100, int(HIGHEST_TEMPERATURE) + 1, 100), 6


def plot_surface_energies(
    results: SurfaceResults,
    element: str | None = None,
    fixed_ev: Mapping[str, float] | None = None,
) -> Figure:
    """Draw the surface energies of each plane against the chemical potential of an element.

    A termination is drawn thick where it is the lowest of its plane; the range in which the bulk
    is not stable is grey. The upper axis has the temperatures of the gas of the element at 1 bar,
    if that gas is known.

    :param element: by default oxygen, or the most electronegative element.
    :param fixed_ev: Δμ (eV) of the other elements; by default the middle of the stable range.
    :raises ValueError: if no surface energy depends on a chemical potential, that of the element
        is not free, or another element has neither a value nor limits.
    :raises NotComparableError: if the bulk is not stable at the fixed potentials.
    """
    free = free_elements(results)
    chosen = element or default_axes(results, 1)[0]
    check_elements([chosen, *(fixed_ev or {})], free)
    fixed = fix_others(results, [chosen], fixed_ev or {})
    limits = cut_limits(results, [chosen], fixed)
    potentials = shown_range(limits)
    stable = potentials if limits is None else (float(limits.min()), float(limits.max()))

    figure, axes = panels(results, 6.4, 4.4)
    styles = {surface.label: style_of(n) for n, surface in enumerate(results.surfaces)}
    for plane in axes:
        surfaces = results.by_plane[plane]
        pieces = lowest_of_plane(surfaces, chosen, fixed, *stable)
        _draw(axes[plane], surfaces, pieces, chosen, fixed, potentials, styles)
        if limits is not None:
            _shade_beyond(axes[plane], limits, potentials)
        _add_temperatures(axes[plane], chosen, potentials)
    if fixed:
        figure.suptitle(f'at {write_potentials(fixed)}', fontsize='medium')
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
) -> None:
    def gamma(ends: NDArray[np.float64], surface: Surface) -> NDArray[np.float64]:
        energy = surface.energy.at({**fixed, element: ends})
        return np.asarray(energy.j_per_m2 + 0 * ends)

    named, others = _pick(surfaces, pieces)
    for number, surface in enumerate(named):
        where = [piece for piece in pieces if piece.label == surface.label]
        style = styles[surface.label]
        axes.plot(
            potentials,
            gamma(np.array(potentials), surface),
            color=style.colour,
            linewidth=1.2,
            linestyle='-' if surface.energy.symmetric else '--',
            label=_describe(surface, where),
        )
        # Side by side, so that names of neighbouring lines do not cover each other.
        place = potentials[0] + (potentials[1] - potentials[0]) * (number + 0.5) / len(named)
        height = float(gamma(np.array([place]), surface)[0])
        axes.plot(place, height, style.marker, color=style.colour, markersize=5, label='_name')
        outlined(
            axes.annotate(
                name_surface(surface).replace('  ', '\n'),
                (place, height),
                xytext=(0, 5),
                textcoords='offset points',
                ha='center',
                va='bottom',
                fontsize='xx-small',
                color=style.colour,
            )
        )
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
        axes.add_collection(
            LineCollection(lines, colors='0.7', linewidths=0.5, zorder=1, label=label)
        )
        axes.autoscale_view()
    axes.set(xlabel=potential_label(element), ylabel=GAMMA_LABEL, xlim=potentials)
    _mark_negative(axes)
    right = axes.secondary_yaxis(
        'right',
        functions=(
            lambda joules: np.divide(joules, EV_PER_A2_IN_J_PER_M2),
            lambda volts: np.multiply(volts, EV_PER_A2_IN_J_PER_M2),
        ),
    )
    right.set_ylabel('γ (eV/Å²)')
    axes.legend(
        fontsize='x-small', title='thick: the lowest of its plane', title_fontsize='x-small'
    )


def _mark_negative(axes: Axes) -> None:
    """Draw the zero line, and hatch where surface energies are negative."""
    lowest, highest = axes.get_ylim()
    if lowest >= 0:
        return
    axes.axhline(0.0, color='black', linewidth=0.8)
    axes.axhspan(lowest, 0.0, facecolor='none', edgecolor='0.8', hatch='////', linewidth=0)
    axes.set_ylim(lowest, highest)
    _add_note(axes, NEGATIVE, 0.08)


def _add_note(axes: Axes, note: str, height: float) -> None:
    """Write a note at a height of the axes, from 0 to 1."""
    text = axes.text(
        0.5, height, note, transform=axes.transAxes, ha='center', fontsize='x-small', color='0.3'
    )
    outlined(text)


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


def _shade_beyond(axes: Axes, limits: NDArray[np.float64], potentials: tuple[float, float]) -> None:
    for start, end in ((potentials[0], limits.min()), (limits.max(), potentials[1])):
        axes.axvspan(start, end, color='0.88', linewidth=0, zorder=0)
    for limit in (limits.min(), limits.max()):
        axes.axvline(limit, color='0.5', linewidth=0.8)
    _add_note(axes, 'grey: the bulk is not stable', 0.02)


def _add_temperatures(axes: Axes, element: str, potentials: tuple[float, float]) -> None:
    """Add an upper axis with the temperatures at which the gas at 1 bar has these potentials."""
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
    shown = shown[:: -(-len(shown) // _MOST_TICKS) or 1]
    if not shown:
        return
    top = axes.secondary_xaxis('top')
    top.set_xticks([places[temperature] for temperature in shown], list(map(str, shown)))
    top.set_xlabel(f'T (K) in {subscripts(gas.name)} of 1 bar', fontsize='small')
