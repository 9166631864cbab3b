"""The figures of a page, embedded in it as pictures."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from ..plots import (
    plot_convergence,
    plot_relaxation,
    plot_slabs,
    plot_stability_map,
    plot_surface_energies,
    plot_work_functions,
    plot_wulff,
)
from ..plots.layout.limits import note_of
from ..results.energies.convergence import Convergence
from ..results.energies.surface_energies import SurfaceResults
from ..results.slabs import RunResults

#: The width (mm) of figures on the screen of a telephone.
_NARROW = 85.0


@dataclass(frozen=True)
class Picture:
    """A figure, or the reason why it is missing.

    :ivar title: what it shows.
    :ivar source: a data URI of the whole picture; empty if it is missing.
    :ivar narrow: the same, laid out for the width of a telephone.
    :ivar missing: why it is missing.
    :ivar note: what the figure does not show, and where to find that.
    """

    title: str
    source: str = ''
    narrow: str = ''
    missing: str = ''
    note: str = ''


def pictures_of_run(results: RunResults) -> Iterator[Picture]:
    """Yield the figures of a run of the work chain."""
    # As pixels, because each atom would be an element of a vector graphic.
    where = f'Others: `aiida-slabrelax plot %s {results.pk} --slab LABEL`'
    yield _draw(
        'Slabs before and after',
        lambda width: plot_slabs(results, above=True, width_mm=width),
        'png',
        where % 'slabs' + ', and under Structures.',
    )
    yield _draw(
        'Interlayer relaxation',
        lambda width: plot_relaxation(results, width_mm=width),
        others=where % 'relaxation' + '.',
    )
    if any(slab.work_functions is not None for slab in results.slabs):
        yield _draw(
            'Work functions',
            lambda width: plot_work_functions(results, width_mm=width),
            others=where % 'work-functions' + '.',
        )


def pictures_of_energies(
    results: SurfaceResults, convergence: Sequence[Convergence] = ()
) -> Iterator[Picture]:
    """Yield the figures of surface energies.

    :param convergence: the slabs by termination, if they differ in their thickness only; then
        there is no shape of a crystal.
    """
    if convergence:
        yield _draw(
            'Convergence with the thickness',
            lambda width: plot_convergence(convergence, width_mm=width),
        )
        return
    if results.elements:
        yield _draw(
            'Surface energies', lambda width: plot_surface_energies(results, width_mm=width)
        )
    if results.limits is not None and len(results.limits.elements) > 1 and results.elements:
        yield _draw(
            'Stable terminations', lambda width: plot_stability_map(results, width_mm=width)
        )
    yield _draw('Wulff shape', lambda width: plot_wulff(results, width_mm=width))


def _draw(
    title: str, plot: Callable[[float | None], Figure], form: str = 'svg', others: str = ''
) -> Picture:
    """Return a figure as a picture.

    :param plot: returns the figure for a width in mm, or in its own width.
    :param others: where to find what the figure does not show; added to its note.
    """
    try:
        (source, note), (narrow, _) = (_embed(plot, width, form) for width in (None, _NARROW))
    except ValueError as error:  # there is nothing to draw (yet)
        return Picture(title, missing=str(error))
    return Picture(title, source, narrow, note=f'{note} {others}' if note else '')


def _embed(
    plot: Callable[[float | None], Figure], width: float | None, form: str
) -> tuple[str, str]:
    """Return a figure for a width as a data URI, and its note."""
    content, note = _save(plot(width), form)
    kind = 'svg+xml' if form == 'svg' else form
    return f'data:image/{kind};base64,{b64encode(content).decode()}', note


def _save(figure: Figure, form: str) -> tuple[bytes, str]:
    """Return a figure as the content of a file, and its note."""
    content = io.BytesIO()
    metadata = {'Date': None} if form == 'svg' else None
    figure.savefig(content, format=form, dpi=figure.dpi, metadata=metadata)
    return content.getvalue(), note_of(figure)
