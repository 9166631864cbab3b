"""The figures of a page, as pictures inside of it."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from matplotlib.figure import Figure

from ..plots import (
    plot_relaxation,
    plot_slabs,
    plot_stability_map,
    plot_surface_energies,
    plot_wulff,
)
from ..results import RunResults
from ..surface_results import SurfaceResults


@dataclass(frozen=True)
class Picture:
    """A figure, or why there is none.

    :ivar title: what it shows.
    :ivar source: a URI that holds the whole picture; empty if there is none.
    :ivar missing: why there is none.
    """

    title: str
    source: str = ''
    missing: str = ''


def pictures_of_run(results: RunResults) -> Iterator[Picture]:
    """Yield the figures of a run of the work chain."""
    # As pixels: each atom is an element of a vector graphic.
    yield _draw('Slabs before and after', lambda: plot_slabs(results, above=True), 'png')
    yield _draw('Distances of the layers', lambda: plot_relaxation(results))


def pictures_of_energies(results: SurfaceResults) -> Iterator[Picture]:
    """Yield the figures of surface energies."""
    if results.elements:
        yield _draw('Surface energies', lambda: plot_surface_energies(results))
    if results.limits is not None and len(results.limits.elements) > 1 and results.elements:
        yield _draw('Stable terminations', lambda: plot_stability_map(results))
    yield _draw('Shape of the crystal', lambda: plot_wulff(results))


def _draw(title: str, plot: Callable[[], Figure], form: str = 'svg') -> Picture:
    try:
        figure = plot()
    except ValueError as error:  # there is nothing to draw (yet)
        return Picture(title, missing=str(error))
    content = io.BytesIO()
    figure.savefig(content, format=form, metadata={'Date': None} if form == 'svg' else None)
    kind = 'svg+xml' if form == 'svg' else form
    return Picture(title, f'data:image/{kind};base64,{b64encode(content.getvalue()).decode()}')
