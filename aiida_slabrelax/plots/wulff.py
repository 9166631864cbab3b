"""The equilibrium shape of a crystal (Wulff construction)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.patches import Patch
from matplotlib.text import Text
from mpl_toolkits.mplot3d import Axes3D, proj3d
from mpl_toolkits.mplot3d.art3d import Poly3DCollection
from numpy.typing import NDArray

from ..surfaces import format_plane
from .conditions import check_elements, fix_others
from .layout.fitting import columns_of, drop_covered, fitted
from .layout.sheet import LINE, Sheet, sheet_of
from .layout.styles import Style, style_of
from .layout.text import name_surface, outlined, write_number, write_potentials

if TYPE_CHECKING:
    from ..energetics.wulff import CrystalShape
    from ..results.energies.surface_energies import Plane, Surface, SurfaceResults

#: The largest number of planes in the legend.
_MOST_NAMED = 10
#: The largest side of the drawing of a shape, and the gap around it, inches.
_SHAPE, _GAP = 4.2, 0.12
#: From this width on (inches), the legend stands beside the shape.
_BESIDE = 4.7
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


def plot_wulff(
    results: SurfaceResults,
    delta_mu_ev: Mapping[str, float] | None = None,
    *,
    width_mm: float | None = None,
) -> Figure:
    """Draw the Wulff shape, with the surface energy and the share of each plane.

    Each plane has the energy of its termination of the lowest surface energy. The mean of γ is
    weighted with the areas of the planes.

    :param delta_mu_ev: Δμ in eV by element; by default the middle of the limits of stability.
    :param width_mm: the width for which the figure is laid out, mm; by default what it needs.
    :raises ValueError: as :func:`find_facets`, or if the width is none for a figure.
    :raises NotComparableError: as :func:`find_facets`.
    """
    with sheet_of(width_mm) as sheet:
        shape, facets, potentials = find_facets(results, delta_mu_ev)
        styles = {facet.plane: style_of(index) for index, facet in enumerate(facets)}
        beside = sheet.width is None or sheet.width >= _BESIDE
        figure = sheet.figure(_SHAPE, _SHAPE)
        legend = _legend(figure, facets, styles, sheet, beside)
        extent = legend.get_window_extent()
        legend_width, legend_height = extent.width / figure.dpi, extent.height / figure.dpi
        width = sheet.width or _SHAPE + legend_width + 3 * _GAP
        mean = f'mean γ (by area) = {write_number(float(shape.weighted_surface_energy), 3)} J/m²'
        header = fitted(
            f'{mean} at {write_potentials(potentials)}' if potentials else mean,
            sheet.small,
            width - 2 * _GAP,
        )
        above = LINE * sheet.small / 72 * len(header) + _GAP
        foot = sheet.foot(width, programs=results.programs)
        side = width - 2 * _GAP - legend_width - _GAP if beside else 0.8 * width
        side = min(_SHAPE, side)
        body = max(side, legend_height) if beside else side + _GAP + legend_height
        figure.set_size_inches(width, above + body + _GAP + foot.height)
        total = figure.get_figheight()

        left = (width - side - (legend_width + _GAP if beside else 0.0)) / 2
        low = total - above - (body + side if beside else 2 * side) / 2
        axes = figure.add_axes(
            (left / width, low / total, side / width, side / total), projection='3d'
        )
        assert isinstance(axes, Axes3D)
        _draw(axes, shape, styles)
        _name_facets(
            axes, shape, [facet.plane for facet in facets if facet.area_percent > 2], sheet.small
        )
        if beside:
            place = (left + side + _GAP) / width, (total - above - body / 2) / total
            legend.set_loc('center left')
        else:
            place = 0.5, (total - above - side - _GAP) / total
            legend.set_loc('upper center')
        legend.set_bbox_to_anchor(place)
        figure.text(
            _GAP / width,
            1 - _GAP / total,
            '\n'.join(header),
            va='top',
            fontsize=sheet.small,
        )
        sheet.finish(figure, foot)
    return figure


def _draw(axes: Axes3D, shape: CrystalShape, styles: Mapping[Plane, Style]) -> None:
    """Draw the facets, as large as the axes."""
    axes.set_axis_off()
    corners = np.asarray(shape.wulff_pt_list, dtype=float)
    reach = float(np.linalg.norm(corners, axis=1).max())
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), zlim=(-reach, reach))
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
    zoom = 1.0
    for _ in range(3):  # the perspective makes it not quite linear
        axes.set_box_aspect((1, 1, 1), zoom=zoom)
        axes.apply_aspect()
        across, up, _ = proj3d.proj_transform(*corners.T, axes.get_proj())
        drawn = axes.transData.transform(np.column_stack([across, up]))
        frame = axes.get_window_extent()
        centre = np.array([(frame.x0 + frame.x1) / 2, (frame.y0 + frame.y1) / 2])
        zoom *= 0.98 * frame.width / 2 / float(abs(drawn - centre).max())


def _name_facets(axes: Axes3D, shape: CrystalShape, planes: Sequence[Plane], font: float) -> None:
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
    names: dict[Plane, Text] = {}
    for plane, (_, centre) in nearest.items():
        # In the plane of the drawing, where the extent of a text is known.
        across, up, _ = proj3d.proj_transform(*centre, axes.get_proj())
        text = axes.annotate(
            format_plane(plane),
            (float(across), float(up)),
            ha='center',
            va='center',
            zorder=1000,
            fontsize=font,
        )
        names[plane] = outlined(text)
    drop_covered([names[plane] for plane in planes if plane in names], axes)


def _legend(
    figure: Figure,
    facets: Sequence[Facet],
    styles: Mapping[Plane, Style],
    sheet: Sheet,
    beside: bool,
) -> Legend:
    """Draw a legend with one entry for each of the largest facets.

    :param beside: it stands beside the shape, not below it.
    """
    handles = [
        Patch(facecolor=styles[facet.plane].colour, edgecolor='black', label=_describe(facet))
        for facet in facets[:_MOST_NAMED]
    ]
    if others := facets[_MOST_NAMED:]:
        share = write_number(sum(facet.area_percent for facet in others), 1)
        handles.append(Patch(fill=False, label=f'{len(others)} other planes: {share} %'))
    width = sheet.width or 2 * _SHAPE
    room = (width / 2 if beside else width - 2 * _GAP) - 3.2 * sheet.small / 72
    font = sheet.small if beside else sheet.tiny
    labels = ['\n'.join(fitted(str(one.get_label()), font, room)) for one in handles]
    return figure.legend(
        handles=handles,
        labels=labels,
        ncols=1 if beside else columns_of(labels, font, width),
        frameon=False,
        borderpad=0.0,
        borderaxespad=0.0,
        columnspacing=1.5,
        fontsize=font,
        title='area fraction; γ',
        title_fontsize=font,
        alignment='left',
    )


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
