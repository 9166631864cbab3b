"""Surface energies against a setting, such as the k-point spacing or the vacuum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from .layout.fitting import legend_below
from .layout.sheet import sheet_of
from .layout.styles import style_of
from .layout.text import GAMMA_LABEL, plain, write_number

if TYPE_CHECKING:
    from ..results.energies.convergence_tests import ConvergenceTest

#: The width and the height of the figure, inches, and the height of its frame.
_SIZE, _FRAME = (6.4, 4.4), 3.7


def plot_convergence_test(test: ConvergenceTest, *, width_mm: float | None = None) -> Figure:
    """Draw γ of each termination against a setting; what is better lies on the right.

    The legend has the last γ of each, and its change in the last step.

    :param width_mm: the width for which the figure is laid out, mm; by default 163.
    :raises ValueError: if the width is none for a figure.
    """
    with sheet_of(width_mm) as sheet:
        figure, (axes,) = sheet.panels([''], _SIZE, _SIZE[0])
        handles = []
        for number, (name, points) in enumerate(test.terminations.items()):
            style = style_of(number)
            values, gammas = zip(*points, strict=True)
            change = f', Δ = {write_number(gammas[-1] - gammas[-2], 4)}' if len(gammas) > 1 else ''
            handles += axes.plot(
                values,
                gammas,
                marker=style.marker,
                color=style.colour,
                label=f'{plain(name)}: {write_number(gammas[-1], 4)}{change} J/m²',
            )
        axes.set(xlabel=test.quantity, ylabel=GAMMA_LABEL)
        axes.ticklabel_format(useOffset=False)
        if test.towards_smaller:
            axes.xaxis.set_inverted(True)
        width = figure.get_figwidth()
        legend_below(axes, handles, sheet.small, 0.9 * width)
        frame = _FRAME * min(1.0, width / _SIZE[0])
        sheet.lay_out(figure, [axes], frame, sheet.foot(width, programs=test.programs))
    return figure
