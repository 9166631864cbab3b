"""The chemical potentials of a figure: those along its axes, and the fixed values of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..energetics import slice_region
from ..surfaces import format_plane
from .layout.fitting import fitted
from .layout.limits import MOST_DIAGRAMS, take
from .layout.sheet import Foot, Sheet, grid_of
from .layout.text import write_potentials

if TYPE_CHECKING:
    from ..results.energies.surface_energies import Plane, SurfaceResults

#: The range of Δμ (eV) that is shown where the limits of stability are not known.
_UNKNOWN = (-3.0, 0.0)
#: How far an axis extends beyond the limits, as a fraction of their distance.
_BEYOND = 0.12
#: The smallest width of a panel, inches.
_LEAST = 2.9


def free_elements(results: SurfaceResults) -> list[str]:
    """Return the elements whose chemical potentials are free, by electronegativity.

    :raises ValueError: if no surface energy depends on any.
    """
    if not results.elements:
        raise ValueError('no surface energy here depends on a chemical potential')
    return list(results.elements if results.limits is None else results.limits.elements)


def default_axes(results: SurfaceResults, count: int) -> list[str]:
    """Return the elements along the axes of a figure, if none are chosen.

    :param count: one: oxygen, or the most electronegative element; two: the two most
        electronegative ones.
    :raises ValueError: if no surface energy depends on any.
    """
    free = free_elements(results)
    return ['O'] if count == 1 and 'O' in free else free[-count:]


def check_elements(elements: Sequence[str], free: Sequence[str]) -> None:
    """Make sure that elements are among those with free chemical potentials.

    :raises ValueError: if one is not.
    """
    for element in elements:
        if element not in free:
            allowed = ', '.join(free) or 'none'
            raise ValueError(f'the chemical potential of {element} is not free; free: {allowed}')


def fix_others(
    results: SurfaceResults, shown: Sequence[str], given_ev: Mapping[str, float]
) -> dict[str, float]:
    """Return Δμ (eV) of the elements that are not on an axis: the given values, or mid-limits.

    :raises ValueError: if an element has neither a value nor limits, or has a value but is on an
        axis.
    """
    middle = {} if results.limits is None else results.limits.middle
    fixed = {}
    for element in free_elements(results):
        if element in shown:
            if element in given_ev:
                raise ValueError(f'the chemical potential of {element} is on an axis')
            continue
        if element not in given_ev and element not in middle:
            raise ValueError(
                f'Δμ({element}) must be given in eV: its limits are not known '
                f'({results.without_limits})'
            )
        fixed[element] = float(given_ev.get(element, middle.get(element, 0.0)))
    return fixed


def cut_limits(
    results: SurfaceResults, shown: Sequence[str], fixed_ev: Mapping[str, float]
) -> NDArray[np.float64] | None:
    """Return the corners of the limits of stability in the figure, with columns as ``shown``.

    :raises NotComparableError: if the bulk is not stable at the fixed potentials.
    """
    if results.limits is None:
        return None
    free, corners = slice_region(results.limits.elements, results.limits.vertices_ev, fixed_ev)
    return np.asarray(corners[:, [free.index(element) for element in shown]])


def shown_range(limits: NDArray[np.float64] | None) -> tuple[float, float]:
    """Return the ends (eV) of an axis that shows the limits and a margin around them."""
    if limits is None:
        return _UNKNOWN
    low, high = float(limits.min()), float(limits.max())
    beyond = (high - low) * _BEYOND
    return low - beyond, high + beyond


def panels(
    sheet: Sheet, results: SurfaceResults, natural: tuple[float, float]
) -> tuple[Figure, dict[Plane | None, Axes], float, Foot]:
    """Return a figure with one panel for each plane, since terminations of one plane compete.

    If there are many planes, it has panels for the first ones, and its foot says so.

    :param natural: the width and the height of a panel in a figure that chooses its width, inches.
    :returns: the figure, its panels, the width of a panel in inches, and the foot.
    """
    planes = list(results.by_plane)
    labels = [_name(plane) for plane in planes]
    shown, note = take(labels, MOST_DIAGRAMS, 'planes', {})
    figure, axes = sheet.panels(labels[:shown], natural, _LEAST)
    foot = sheet.foot(figure.get_figwidth(), note, results.programs)
    width = figure.get_figwidth() / grid_of(axes[0])[1]
    return figure, dict(zip(planes[:shown], axes, strict=True)), width, foot


def write_conditions(
    figure: Figure, axes: Sequence[Axes], fixed_ev: Mapping[str, float], sheet: Sheet
) -> None:
    """Write the fixed chemical potentials (eV) above the panels: beside the plane, if it is one."""
    if not fixed_ev:
        return
    text = f'at {write_potentials(fixed_ev)}'
    title = axes[0].get_title(loc='left')
    if len(axes) == 1:
        lines = fitted(f'{title} {text}', sheet.small, figure.get_figwidth() - 0.75)
        axes[0].set_title('\n'.join(lines), fontsize=sheet.small, loc='left')
    else:
        lines = fitted(text, sheet.medium, figure.get_figwidth() - 0.2)
        figure.suptitle('\n'.join(lines), fontsize=sheet.medium)


def _name(plane: Plane | None) -> str:
    return 'slabs of unknown planes' if plane is None else format_plane(plane)
