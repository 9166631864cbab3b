"""Terminations as figures of matplotlib: each slab from the side, and its faces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from math import ceil

import numpy as np
from ase.data import atomic_numbers, covalent_radii
from ase.data.colors import jmol_colors
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Polygon
from numpy.typing import NDArray
from pymatgen.core.structure import Structure
from pymatgen.symmetry.analyzer import SymmetryUndeterminedError

from .plots import subscripts, swatch
from .surfaces import format_formula, is_symmetric
from .surfaces.orientation import in_one_piece, wrap

Vectors = NDArray[np.float64]

#: A drawing shows at least this much of the surface, and at most that much, Å.
_SMALLEST, _LARGEST = 9.0, 24.0
#: The space around the atoms, Å.
_MARGIN = 0.5
#: Atoms are drawn with this fraction of their covalent radii: there are gaps to look through.
_RADIUS = 0.65
#: From above, atoms down to the first depth (Å) are drawn in full colour; those below fade until
#: they are left out at the second.
_FULL, _GONE = 1.8, 5.5
#: How far the colour of the deepest atoms goes towards white.
_FADED = 0.85
#: The length of an ångström is between these, inches, so that a figure is about as wide as this.
_SCALES, _WIDTH = (0.1, 0.24), 13.0
#: The space between panels, for the title and for the captions of one, and for the legend, inches.
_GAP, _TITLE, _CAPTION, _LEGEND = 0.3, 0.42, 0.22, 0.45


@dataclass(frozen=True)
class _Slab:
    """A slab upright and in one piece.

    :ivar plane: shape (2, 2), the cell in the plane as rows, the first along x.
    :ivar positions: shape (N, 3), z along the normal, the highest atom at 0, in Å.
    """

    title: str
    is_symmetric: bool
    symbols: list[str]
    radii: Vectors
    plane: Vectors
    positions: Vectors

    @classmethod
    def of(cls, label: str, structure: Structure) -> _Slab:
        fractional, _ = in_one_piece(structure.frac_coords)
        vectors = structure.lattice.matrix
        normal = np.cross(vectors[0], vectors[1])
        x, z = vectors[0] / np.linalg.norm(vectors[0]), normal / np.linalg.norm(normal)
        axes = np.array([x, np.cross(z, x), z])
        positions = fractional @ vectors @ axes.T
        positions[:, 2] -= positions[:, 2].max()
        plane = vectors[:2] @ axes[:2].T
        positions[:, :2] = wrap(np.linalg.solve(plane.T, positions[:, :2].T).T) @ plane
        formula = subscripts(format_formula(structure))
        symbols = [site.specie.symbol for site in structure]
        return cls(
            title=f'{label}   {formula}\n{len(symbols)} atoms, {np.ptp(positions[:, 2]):.1f} Å',
            is_symmetric=_has_equal_faces(structure),
            symbols=symbols,
            radii=np.array([_RADIUS * covalent_radii[atomic_numbers[one]] for one in symbols]),
            plane=plane,
            positions=positions,
        )

    def turned_over(self) -> _Slab:
        """Return the slab as it is seen from below, turned around its first vector."""
        positions = self.positions * [1, -1, -1]
        positions[:, 2] -= positions[:, 2].max()
        return replace(self, plane=self.plane * [1, -1], positions=positions)

    @property
    def corners(self) -> Vectors:
        """The corners of the cell in the plane, shape (4, 2)."""
        a, b = self.plane
        return np.array([np.zeros(2), a, a + b, b])

    @property
    def top(self) -> float:
        """The highest point of an atom, Å."""
        return float(np.max(self.positions[:, 2] + self.radii))

    @property
    def bottom(self) -> float:
        """The lowest point of an atom, Å."""
        return float(np.min(self.positions[:, 2] - self.radii))

    def repeated(self, low: Vectors, high: Vectors) -> tuple[NDArray[np.intp], Vectors]:
        """Return all periodic images within a rectangle of the plane, and somewhat beyond.

        :returns: the indices of the atoms, and their positions.
        """
        corners = np.array(list(product(*zip(low, high, strict=True)))) @ np.linalg.inv(self.plane)
        first = np.floor(corners.min(axis=0)).astype(int) - 2
        last = np.ceil(corners.max(axis=0)).astype(int) + 1
        cells = list(product(range(first[0], last[0] + 1), range(first[1], last[1] + 1)))
        shifts = np.zeros((len(cells), 1, 3))
        shifts[:, 0, :2] = np.array(cells) @ self.plane
        positions = (self.positions + shifts).reshape(-1, 3)
        indices = np.tile(np.arange(len(self.symbols)), len(cells))
        near = np.all((positions[:, :2] > low - 2) & (positions[:, :2] < high + 2), axis=1)
        return indices[near], positions[near]


def plot_faces(slabs: Mapping[str, Structure]) -> Figure:
    """Draw each slab from the side, and its upper face from above, all to one scale.

    The lower face is drawn too, if it differs.

    :param slabs: by label, with the vacuum along the third vector.
    :raises ValueError: if there are none.
    """
    views = [_Slab.of(label, structure) for label, structure in slabs.items()]
    if not views:
        raise ValueError('there are no slabs to draw')
    extent = np.max([np.ptp(view.corners, axis=0) for view in views], axis=0)
    above = np.clip(extent + 2 * _MARGIN, _SMALLEST, _LARGEST)
    across = float(np.clip(max(view.plane[0, 0] for view in views), _SMALLEST, _LARGEST))
    side = np.array([across, max(view.top - view.bottom for view in views) + 2 * _MARGIN])

    columns, scale = _arrange(len(views), float(side[0] + above[0]))
    rows = ceil(len(views) / columns)
    side, above = side * scale, above * scale
    n_faces = 1 if all(view.is_symmetric for view in views) else 2
    panel = np.array([side[0] + _GAP + above[0], _TITLE])
    panel[1] += max(side[1] + _CAPTION, n_faces * (above[1] + _CAPTION))
    width, height = np.array([columns, rows]) * (panel + _GAP) + [_GAP, _LEGEND]
    figure = Figure(figsize=(width, height), dpi=150)

    def add_axes(left: float, upper: float, size: Vectors, caption: str) -> Axes:
        axes = figure.add_axes(
            (left / width, (upper - size[1]) / height, size[0] / width, size[1] / height)
        )
        axes.set_axis_off()
        axes.set_title(caption, y=0, pad=-3, va='top', fontsize='x-small')
        return axes

    for index, view in enumerate(views):
        row, column = divmod(index, columns)
        left, upper = _GAP + column * (panel[0] + _GAP), height - _GAP / 2 - row * (panel[1] + _GAP)
        figure.text(
            (left + panel[0] / 2) / width,
            upper / height,
            view.title,
            ha='center',
            va='top',
            fontsize='small',
        )
        upper -= _TITLE
        _draw_side(add_axes(left, upper, side, 'side'), view, side / scale)
        left += side[0] + _GAP
        _draw_face(
            add_axes(left, upper, above, 'from above (deeper: fainter)'), view, above / scale
        )
        if not view.is_symmetric:
            upper -= above[1] + _CAPTION
            axes = add_axes(left, upper, above, 'from below')
            _draw_face(axes, view.turned_over(), above / scale)
    _legend(figure, sorted({one for view in views for one in view.symbols}), scale)
    return figure


def _has_equal_faces(structure: Structure) -> bool:
    try:
        return is_symmetric(structure)
    except SymmetryUndeterminedError:
        return False


def _arrange(count: int, width: float) -> tuple[int, float]:
    """Return the number of columns, and the length of an ångström in inches.

    :param width: that of a panel, Å.
    """
    columns = min(count, ceil((1.5 * count) ** 0.5))
    columns = ceil(count / ceil(count / columns))  # rows as full as they can be
    scale = (_WIDTH / columns - 2 * _GAP) / width
    smallest, largest = _SCALES
    return columns, min(max(scale, smallest), largest)


def _draw_side(axes: Axes, slab: _Slab, size: Vectors) -> None:
    """Draw one row of cells, seen along the surface; the outline leaves the vacuum out."""
    left = float(slab.plane[0, 0] - size[0]) / 2
    top = slab.top + _MARGIN
    axes.set(xlim=(left, left + size[0]), ylim=(top - size[1], top))
    indices, positions = slab.repeated(
        np.array([left, slab.corners[:, 1].min()]),
        np.array([left + size[0], slab.corners[:, 1].max()]),
    )
    inside = np.linalg.solve(slab.plane.T, positions[:, :2].T)[1]
    row = (inside > -1e-6) & (inside < 1 - 1e-6)
    indices, positions = indices[row], positions[row]
    order = np.argsort(-positions[:, 1], kind='stable')
    _draw_atoms(axes, slab, indices[order], positions[order][:, [0, 2]], np.zeros(len(order)))
    for x in (0.0, slab.plane[0, 0]):
        axes.axvline(x, color='0.5', linewidth=0.7, linestyle=(0, (4, 3)), alpha=0.7)


def _draw_face(axes: Axes, slab: _Slab, size: Vectors) -> None:
    """Draw what can be seen from above; the deeper an atom is, the fainter."""
    low = slab.corners.mean(axis=0) - size / 2
    axes.set(xlim=(low[0], low[0] + size[0]), ylim=(low[1], low[1] + size[1]))
    indices, positions = slab.repeated(low, low + size)
    order = np.argsort(positions[:, 2], kind='stable')
    order = order[positions[order, 2] > -_GONE]
    depths = -positions[order, 2]
    faded = _FADED * np.clip((depths - _FULL) / (_GONE - _FULL), 0.0, 1.0) ** 0.5
    _draw_atoms(axes, slab, indices[order], positions[order][:, :2], faded)
    axes.add_patch(
        Polygon(slab.corners, fill=False, color='black', linewidth=0.8, linestyle=(0, (4, 3)))
    )


def _draw_atoms(
    axes: Axes, slab: _Slab, indices: NDArray[np.intp], places: Vectors, faded: Vectors
) -> None:
    """Draw circles, the last one in front.

    :param places: shape (n, 2), where the atoms are in the drawing, Å.
    :param faded: shape (n,), how white each is, from 0 to 1.
    """
    colours = np.array([jmol_colors[atomic_numbers[one]] for one in slab.symbols])[indices]
    white = faded[:, np.newaxis]
    axes.add_collection(
        PatchCollection(
            [
                Circle((x, y), radius)
                for (x, y), radius in zip(places, slab.radii[indices], strict=True)
            ],
            facecolors=colours * (1 - white) + white,
            edgecolors=np.repeat(white * 0.85, 3, axis=1),
            linewidths=0.6,
        ),
        autolim=False,
    )


def _legend(figure: Figure, elements: list[str], scale: float) -> None:
    """Write which colour is which element, and how long 5 Å are."""
    width, height = figure.get_size_inches()
    middle = _LEGEND / 2 / height
    figure.legend(
        handles=[swatch(element) for element in elements],
        loc='center',
        bbox_to_anchor=(0.5, middle),
        ncols=len(elements),
        frameon=False,
        fontsize='small',
        handletextpad=0.0,
    )
    ends = np.array([_GAP, _GAP + 5 * scale]) / width
    figure.add_artist(Line2D(ends, [middle, middle], color='black', linewidth=1.5))
    figure.text(ends[1], middle, '  5 Å', va='center', fontsize='x-small')
