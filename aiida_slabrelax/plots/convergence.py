"""Surface energies against the thickness of the slabs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from .layout.fitting import legend_below
from .layout.sheet import sheet_of
from .layout.styles import style_of
from .layout.text import GAMMA_LABEL, plain

if TYPE_CHECKING:
    from ..results.energies.convergence import Convergence

#: The width and the height of the figure, inches, and the height of its frame.
_SIZE, _FRAME = (6.4, 4.4), 3.7


def plot_convergence(
    terminations: Sequence[Convergence], *, width_mm: float | None = None
) -> Figure:
    """Draw γ of each termination against the thickness: plain, and from the linear fit.

    The plain energies use the energy of the bulk. The fit has none; its standard error is a band.

    :param width_mm: the width for which the figure is laid out, mm; by default 163.
    :raises ValueError: if there is no termination, or the width is none for a figure.
    """
    if not terminations:
        raise ValueError('there are no surface energies at several thicknesses (yet)')
    programs = sorted({program for one in terminations for program in one.programs})
    with sheet_of(width_mm) as sheet:
        figure, (axes,) = sheet.panels([''], _SIZE, _SIZE[0])
        handles = []
        for number, termination in enumerate(terminations):
            style, name = style_of(number), plain(termination.identity)
            handles += axes.plot(
                termination.thickness_a,
                termination.plain_j_per_m2,
                marker=style.marker,
                color=style.colour,
                label=f'{name}: plain',
            )
            fitted, error = termination.fitted_j_per_m2, termination.error_j_per_m2
            if fitted is None:
                continue
            spread = '' if error is None else f' ± {error:.4f}'
            label = f'{name}: fitted, {fitted:.4f}{spread} J/m²'
            handles.append(axes.axhline(fitted, color=style.colour, linestyle='--', label=label))
            if error:
                band = fitted - error, fitted + error
                axes.axhspan(*band, color=style.colour, alpha=0.15, lw=0)
        axes.set(xlabel='thickness (Å)', ylabel=GAMMA_LABEL)
        axes.ticklabel_format(useOffset=False)
        width = figure.get_figwidth()
        legend_below(axes, handles, sheet.small, 0.9 * width)
        frame = _FRAME * min(1.0, width / _SIZE[0])
        sheet.lay_out(figure, [axes], frame, sheet.foot(width, programs=programs))
    return figure
