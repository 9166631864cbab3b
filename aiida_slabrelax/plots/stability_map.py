"""Maps of the termination with the lowest surface energy against two chemical potentials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.text import Text
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from ..energetics.units import Values
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
from .layout.fitting import drop_covered, legend_below
from .layout.sheet import sheet_of
from .layout.styles import Style, style_of
from .layout.text import NEGATIVE, name_surface, outlined, potential_label

if TYPE_CHECKING:
    from ..results.energies.surface_energies import Surface, SurfaceResults

#: The number of potentials along each axis.
_POINTS = 301
#: The name of a field stands where the bulk is stable if the field is so wide there, in steps.
_ROOM = 15
#: The width and the height of a panel, and the height of its frame, inches.
_PANEL, _FRAME = (6.0, 4.6), 4.0


def plot_stability_map(
    results: SurfaceResults,
    elements: Sequence[str] | None = None,
    fixed_ev: Mapping[str, float] | None = None,
    *,
    width_mm: float | None = None,
) -> Figure:
    """Draw which termination of each plane has the lowest surface energy, against two potentials.

    :param elements: the elements of the x axis and of the y axis; by default the two most
        electronegative ones.
    :param fixed_ev: Δμ (eV) of the other elements; by default the middle of the stable range.
    :param width_mm: the width for which the figure is laid out, mm; by default 152 for each column
        of panels.
    :raises ValueError: if there are not two free potentials, another element has neither a value
        nor limits, or the width is none for a figure.
    :raises NotComparableError: if the bulk is not stable at the fixed potentials.
    """
    free = free_elements(results)
    shown = list(elements or default_axes(results, 2))
    check_elements([*shown, *(fixed_ev or {})], free)
    if len(set(shown)) != 2:
        raise ValueError(
            f'a map needs two free chemical potentials, not {len(set(shown))}: '
            f'{", ".join(dict.fromkeys(shown))}'
        )
    fixed = fix_others(results, shown, fixed_ev or {})
    corners = cut_limits(results, shown, fixed)
    x, y = (shown_range(None if corners is None else corners[:, axis]) for axis in (0, 1))

    styles = {surface.label: style_of(n) for n, surface in enumerate(results.surfaces)}
    with sheet_of(width_mm) as sheet:
        figure, axes, width, foot = panels(sheet, results, _PANEL)
        names = {}
        for plane, frame in axes.items():
            surfaces = results.by_plane[plane]
            numbers, lowest = lowest_on_grid(surfaces, shown, fixed, x, y)
            more = []
            if corners is not None:
                _draw_limits(frame, corners, x, y)
                more = [Patch(fill=False, edgecolor='black', label='the bulk is stable')]
            _draw(frame, surfaces, numbers, x, y, styles)
            names[frame] = _name_fields(frame, surfaces, numbers, x, y, corners, sheet.tiny)
            if (lowest < 0).any():
                _mark_negative(frame, lowest, x, y)
                more.append(Patch(fill=False, edgecolor='0.3', hatch='....', label=NEGATIVE))
            frame.set(xlabel=potential_label(shown[0]), ylabel=potential_label(shown[1]))
            handles = [*_handles(surfaces, numbers, styles), *more]
            legend_below(frame, handles, sheet.small, width - 0.3, 'termination of the lowest γ')
        write_conditions(figure, list(axes.values()), fixed, sheet)
        sheet.lay_out(figure, list(axes.values()), _FRAME * width / _PANEL[0], foot)
        for frame, texts in names.items():
            drop_covered(texts, frame)
    return figure


def lowest_on_grid(
    surfaces: Sequence[Surface],
    elements: Sequence[str],
    fixed_ev: Mapping[str, float],
    x: tuple[float, float],
    y: tuple[float, float],
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the index of the surface with the lowest energy, and that energy, on a grid.

    :param elements: the elements along x and along y.
    :param x: the range of the first potential, in eV.
    :param y: the range of the second potential, in eV.
    :returns: both of shape (n, n), y along the first axis; the energy in eV/Å².
    """
    first, second = np.meshgrid(np.linspace(*x, _POINTS), np.linspace(*y, _POINTS))
    potentials: dict[str, Values] = {**fixed_ev, elements[0]: first, elements[1]: second}
    lowest = np.full(first.shape, np.inf)
    numbers = np.zeros(first.shape, dtype=np.intp)
    for number, surface in enumerate(surfaces):
        energy = surface.energy.at(potentials).ev_per_a2 + 0 * first
        numbers[energy < lowest] = number
        lowest = np.minimum(energy, lowest)
    return numbers, lowest


def _draw(
    axes: Axes,
    surfaces: Sequence[Surface],
    numbers: NDArray[np.intp],
    x: tuple[float, float],
    y: tuple[float, float],
    styles: Mapping[str, Style],
) -> None:
    axes.imshow(
        numbers,
        cmap=ListedColormap([styles[surface.label].colour for surface in surfaces]),
        vmin=-0.5,
        vmax=len(surfaces) - 0.5,
        origin='lower',
        extent=(*x, *y),
        aspect='auto',
        alpha=0.75,
        interpolation='nearest',
    )
    along_x, along_y = np.linspace(*x, _POINTS), np.linspace(*y, _POINTS)
    for index, surface in enumerate(surfaces):
        field = numbers == index
        if not field.any():
            continue
        if hatch := styles[surface.label].hatch:
            hatched = axes.contourf(
                along_x,
                along_y,
                field.astype(float),
                levels=[0.5, 1.5],
                colors='none',
                hatches=[hatch],
            )
            hatched.set(edgecolor='0.35', linewidth=0)


def _name_fields(
    axes: Axes,
    surfaces: Sequence[Surface],
    numbers: NDArray[np.intp],
    x: tuple[float, float],
    y: tuple[float, float],
    corners: NDArray[np.float64] | None,
    font: float,
) -> list[Text]:
    """Write the names of terminations into their fields, if possible where the bulk is stable."""
    along_x, along_y = np.linspace(*x, _POINTS), np.linspace(*y, _POINTS)
    grid = np.column_stack([places.ravel() for places in np.meshgrid(along_x, along_y)])
    stable = np.ones_like(numbers, dtype=bool)
    if corners is not None:
        stable = Path(corners).contains_points(grid).reshape(numbers.shape)
    texts = []
    for index, surface in enumerate(surfaces):
        field = numbers == index
        if not field.any():
            continue
        # The point that is farthest from the edges of the field.
        distances = _to_the_edge(field & stable)
        if distances.max() < _ROOM:
            distances = _to_the_edge(field)
        row, column = np.unravel_index(int(np.argmax(distances)), field.shape)
        text = axes.text(
            along_x[column],
            along_y[row],
            name_surface(surface).replace('  ', '\n'),
            ha='center',
            va='center',
            fontsize=font,
        )
        text.set_in_layout(False)
        texts.append((float(distances.max()), outlined(text)))
    return [text for _, text in sorted(texts, key=lambda found: -found[0])]


def _to_the_edge(field: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the distances of the points of a field to its edge, in steps of the grid."""
    return np.asarray(distance_transform_edt(np.pad(field, 1)))[1:-1, 1:-1]


def _mark_negative(
    axes: Axes, lowest: NDArray[np.float64], x: tuple[float, float], y: tuple[float, float]
) -> None:
    """Dot and outline where the lowest surface energy is negative."""
    places = (np.linspace(*x, _POINTS), np.linspace(*y, _POINTS))
    dotted = axes.contourf(*places, lowest, levels=[-np.inf, 0.0], colors='none', hatches=['....'])
    dotted.set(edgecolor='0.35', linewidth=0)
    axes.contour(*places, lowest, levels=[0.0], colors='black', linewidths=0.8, linestyles='--')


def _handles(
    surfaces: Sequence[Surface], numbers: NDArray[np.intp], styles: Mapping[str, Style]
) -> list[Patch]:
    """Return the handles of the legend for the terminations that are somewhere the lowest."""
    return [
        Patch(
            facecolor=styles[surface.label].colour,
            hatch=styles[surface.label].hatch,
            alpha=0.75,
            label=name_surface(surface)
            + ('' if surface.energy.symmetric else ', mean of both faces'),
        )
        for index, surface in enumerate(surfaces)
        if (numbers == index).any()
    ]


def _draw_limits(
    axes: Axes, corners: NDArray[np.float64], x: tuple[float, float], y: tuple[float, float]
) -> None:
    """Outline where the bulk is stable, and fade the rest."""
    frame = np.array([[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]]])
    # Rings of opposite sense: the inner one is a hole.
    rings = [Path(np.vstack([ring, ring[:1]]), closed=True) for ring in (frame, corners[::-1])]
    outside = Path.make_compound_path(*rings)
    axes.add_patch(PathPatch(outside, facecolor='white', alpha=0.7, linewidth=0))
    axes.add_patch(Polygon(corners, fill=False, color='black', linewidth=1.5))
