"""The equilibrium shape of a crystal (Wulff construction)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from mpl_toolkits.mplot3d import Axes3D
from mpl_toolkits.mplot3d.art3d import Poly3DCollection
from numpy.typing import NDArray

from ..surfaces import format_plane
from .conditions import check_elements, fix_others
from .styles import Style, style_of
from .text import name_surface, outlined, write_number, write_potentials

if TYPE_CHECKING:
    from ..energetics.wulff import CrystalShape
    from ..results.energies.surface_energies import Plane, Surface, SurfaceResults

#: The largest number of planes in the legend.
_MOST_NAMED = 10
#: The direction to the light.
_LIGHT = np.array([0.64, 0.1, 0.76])


@dataclass(frozen=True)
class Facet:
    """One plane of a Wulff shape.

    :ivar plane: its Miller indices.
    :ivar surface: its termination of the lowest surface energy.
    :ivar gamma_j_per_m2: the surface energy of that termination, in J/m².
    :ivar area_percent: the share of the plane and its equivalents in the surface, in %.
    """

    plane: Plane
    surface: Surface
    gamma_j_per_m2: float
    area_percent: float


def find_facets(
    results: SurfaceResults, delta_mu_ev: Mapping[str, float] | None = None
) -> tuple[CrystalShape, list[Facet], dict[str, float]]:
    """Return the Wulff shape, its facets (the largest first), and the chemical potentials (eV).

    :param delta_mu_ev: Δμ in eV by element; by default the middle of the limits of stability.
    :raises ValueError: if a potential is not free, or has neither a value nor limits, or no plane
        is known.
    :raises NotComparableError: if a surface energy is not positive or the planes enclose nothing.
    """
    from ..energetics.wulff import wulff_shape  # it imports plotly, which is slow

    given = dict(delta_mu_ev or {})
    free = results.elements
    check_elements(list(given), free)
    potentials = fix_others(results, [], given) if free else {}
    potentials = {element: potentials[element] for element in free}
    lowest = {
        plane: surface for plane, surface in results.lowest(potentials).items() if plane is not None
    }
    if not lowest:
        raise ValueError('the planes of these slabs are not known')
    gamma = {
        plane: float(surface.energy.at(potentials).j_per_m2) for plane, surface in lowest.items()
    }
    shape = wulff_shape(results.bulk, gamma)
    facets = [
        Facet(plane, lowest[plane], gamma[plane], 100 * fraction)
        for plane, fraction in shape.area_fraction_dict.items()
    ]
    return shape, sorted(facets, key=lambda facet: -facet.area_percent), potentials


def plot_wulff(results: SurfaceResults, delta_mu_ev: Mapping[str, float] | None = None) -> Figure:
    """Draw the Wulff shape, with the surface energy and the share of each plane.

    Each plane has the energy of its termination of the lowest surface energy.

    :param delta_mu_ev: Δμ in eV by element; by default the middle of the limits of stability.
    :raises ValueError: as :func:`find_facets`.
    :raises NotComparableError: as :func:`find_facets`.
    """
    shape, facets, potentials = find_facets(results, delta_mu_ev)
    styles = {facet.plane: style_of(index) for index, facet in enumerate(facets)}
    figure = Figure(figsize=(7.2, 4.6), dpi=150)
    axes = figure.add_axes((0.0, 0.0, 0.58, 1.0), projection='3d')
    assert isinstance(axes, Axes3D)
    axes.set_axis_off()
    reach = 0.72 * float(np.linalg.norm(shape.wulff_pt_list, axis=1).max())
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), zlim=(-reach, reach))
    axes.set_box_aspect((1, 1, 1))
    axes.view_init(elev=22, azim=28)
    for facet in shape.facets:
        if facet.points:
            axes.add_collection3d(
                Poly3DCollection(
                    [_outline(np.concatenate(facet.points), facet.normal)],
                    facecolors=_lit(styles[facet.miller].colour, facet.normal),
                    edgecolors='black',
                    linewidths=0.6,
                )
            )
    _name_facets(axes, shape, [facet.plane for facet in facets if facet.area_percent > 2])
    figure.legend(
        handles=_legend(facets, styles),
        loc='center left',
        bbox_to_anchor=(0.58, 0.5),
        frameon=False,
        fontsize='small',
        title='area fraction; γ',
    )
    if potentials:
        figure.text(0.02, 0.97, f'at {write_potentials(potentials)}', va='top', fontsize='small')
    return figure


def _name_facets(axes: Axes3D, shape: CrystalShape, planes: Sequence[Plane]) -> None:
    """Write the indices of planes on the facets that are most turned towards the viewer."""
    elevation, azimuth = np.radians(axes.elev), np.radians(axes.azim)
    viewer = np.array(
        [
            np.cos(elevation) * np.cos(azimuth),
            np.cos(elevation) * np.sin(azimuth),
            np.sin(elevation),
        ]
    )
    nearest: dict[Plane, tuple[float, NDArray[np.float64]]] = {}
    for facet in shape.facets:
        towards = float(facet.normal @ viewer)
        if (
            facet.miller in planes
            and facet.points
            and towards > max(0.3, nearest.get(facet.miller, (0.0,))[0])
        ):
            corners = np.concatenate(facet.points)
            nearest[facet.miller] = (towards, np.asarray(corners.mean(axis=0)))
    for plane, (_, centre) in nearest.items():
        text = axes.text(*centre, format_plane(plane), ha='center', va='center', zorder=1000)
        outlined(text)


def _legend(facets: Sequence[Facet], styles: Mapping[Plane, Style]) -> list[Patch]:
    """Return the handles of the legend, one for each of the largest facets."""
    handles = [
        Patch(facecolor=styles[facet.plane].colour, edgecolor='black', label=_describe(facet))
        for facet in facets[:_MOST_NAMED]
    ]
    if others := facets[_MOST_NAMED:]:
        share = write_number(sum(facet.area_percent for facet in others), 1)
        handles.append(Patch(fill=False, label=f'{len(others)} other planes: {share} %'))
    return handles


def _lit(colour: str, normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the colour of a facet lit from the upper left of the viewer."""
    light = (float(normal @ _LIGHT) + 1) / 2
    return np.asarray((0.55 + 0.45 * light) * np.array(to_rgb(colour)))


def _outline(points: NDArray[np.float64], normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the corners of a convex facet in order around it, seen from outside."""
    corners = points[np.sort(np.unique(points.round(6), axis=0, return_index=True)[1])]
    centre = corners.mean(axis=0)
    first = corners[0] - centre
    x, y = (corners - centre) @ first, (corners - centre) @ np.cross(normal, first)
    return np.asarray(corners[np.argsort(np.arctan2(y, x))])


def _describe(facet: Facet) -> str:
    faces = '' if facet.surface.energy.symmetric else '\n  (mean of both faces)'
    share = f'{write_number(facet.area_percent, 1)} %' if facet.area_percent else 'not on it'
    gamma = f'{write_number(facet.gamma_j_per_m2, 3)} J/m²'
    return f'{format_plane(facet.plane)}: {share}; {gamma}\n  {name_surface(facet.surface)}{faces}'
