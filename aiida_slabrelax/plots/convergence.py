"""Surface energies against the thickness of the slabs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from .styles import style_of
from .text import GAMMA_LABEL, plain

if TYPE_CHECKING:
    from ..results.energies.convergence import Convergence


def plot_convergence(terminations: Sequence[Convergence]) -> Figure:
    """Draw γ of each termination against the thickness: plain, and from the linear fit.

    The plain energies use the energy of the bulk. The fit has none; its standard error is a band.

    :raises ValueError: if there is no termination.
    """
    if not terminations:
        raise ValueError('there are no surface energies at several thicknesses (yet)')
    figure = Figure(figsize=(6.4, 4.4), dpi=150, layout='constrained')
    axes = figure.subplots()
    for number, termination in enumerate(terminations):
        style, name = style_of(number), plain(termination.identity)
        axes.plot(
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
        axes.axhline(fitted, color=style.colour, linestyle='--', label=label)
        if error:
            axes.axhspan(fitted - error, fitted + error, color=style.colour, alpha=0.15, lw=0)
    axes.set(xlabel='thickness (Å)', ylabel=GAMMA_LABEL)
    axes.ticklabel_format(useOffset=False)
    axes.legend(fontsize='x-small')
    return figure
