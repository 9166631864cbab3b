"""The electrostatic potential across slabs, and the work functions of their faces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .layout.fitting import fitted
from .layout.limits import MOST_DIAGRAMS, take
from .layout.sheet import Sheet, grid_of, sheet_of
from .layout.text import name_slab

if TYPE_CHECKING:
    from ..results.slabs import RunResults, SlabResult

#: The width and the height of a panel, its smallest width, and the space around its frame, inches.
_PANEL, _LEAST, _AROUND = (4.2, 3.0), 2.0, 0.8
#: The colours of the potential and of the vacuum levels.
_CURVE, _LEVEL = '#1B5E8C', '#B34700'
#: How far the axis of energies reaches below the Fermi level, eV; the wells of atoms are deeper.
_BELOW = 2.0


def plot_work_functions(results: RunResults, *, width_mm: float | None = None) -> Figure:
    """Draw the potential across each slab, and the work functions of its faces.

    Energies count from the Fermi level, heights from the lowest atom. Without LOCPOT there is no
    curve, only the vacuum levels beside both faces. If there are many slabs, the first ones are
    drawn, and a note says which.

    :param results: a run with at least one slab whose work functions are known.
    :param width_mm: the width for which the figure is laid out, mm; by default 107 for each column
        of panels.
    :raises ValueError: if there is no such slab, or the width is none for a figure.
    """
    slabs = [slab for slab in results.slabs if slab.work_functions is not None]
    if not slabs:
        raise ValueError(describe_absence(results))
    shown, note = take([slab.label for slab in slabs], MOST_DIAGRAMS, 'slabs', {})
    slabs = slabs[:shown]
    with sheet_of(width_mm) as sheet:
        figure, panels = sheet.panels([name_slab(slab) for slab in slabs], _PANEL, _LEAST)
        _, columns = grid_of(panels[0])
        width = figure.get_figwidth() / columns
        top = 1.25 * max(level for slab in slabs for level in _levels(slab))
        for index, (axes, slab) in enumerate(zip(panels, slabs, strict=True)):
            _draw(axes, slab, sheet)
            axes.set_ylim(-_BELOW, max(top, 1.0))
            if index % columns:
                axes.tick_params(axis='y', labelleft=False)
        frame = (_PANEL[1] - _AROUND) * min(1.0, max(width / _PANEL[0], 0.55))
        for axes in panels[::columns]:
            axes.set_ylabel('\n'.join(fitted('V − E_F (eV)', sheet.medium, frame)))
        for axes in panels[-columns:]:
            lines = fitted('height along the normal (Å)', sheet.medium, width - _AROUND + 0.1)
            axes.set_xlabel('\n'.join(lines))
        foot = sheet.foot(figure.get_figwidth(), note, results.programs)
        sheet.lay_out(figure, panels, frame, foot)
    return figure


def describe_absence(results: RunResults) -> str:
    """Return why no work function of a run is known."""
    reasons = [
        f'{slab.label}: {slab.work_functions_refused}'
        for slab in results.slabs
        if slab.work_functions_refused is not None
    ]
    if reasons:
        return f'no work functions are known: {"; ".join(reasons[:3])}'
    return (
        'no work functions are known (yet): VASP prints vacuum levels for slabs with the dipole '
        'correction, and `--work-functions` of `launch` retrieves LOCPOT for all'
    )


def _levels(slab: SlabResult) -> tuple[float, float]:
    assert slab.work_functions is not None
    return slab.work_functions.upper, slab.work_functions.lower


def _draw(axes: Axes, slab: SlabResult, sheet: Sheet) -> None:
    """Draw one slab: the lower face, the upper face, and the vacuum up to the next image."""
    found, potential = slab.work_functions, slab.potential
    assert found is not None
    if potential is not None:
        thickness, period = potential.thickness, potential.period
        axes.plot(potential.heights, potential.values - found.fermi, color=_CURVE, linewidth=1.2)
    else:
        thickness = slab.thickness or 0.0
        period = _period(slab) or thickness
    vacuum = period - thickness
    axes.axhline(0, color='0.4', linewidth=0.8, linestyle='--')
    axes.axvspan(0, thickness, color='0.93', zorder=0)
    sides = (
        (found.upper, thickness, thickness + vacuum / 2, 'left', 'upper'),
        (found.lower, period - vacuum / 2, period, 'right', 'lower'),
    )
    for value, begin, end, side, face in sides:
        axes.plot([begin, end], [value, value], color=_LEVEL, linewidth=1.0)
        axes.annotate(
            f'{face} {value:.2f} eV',
            (begin if side == 'left' else end, value),
            xytext=(0, 2),
            textcoords='offset points',
            ha=side,
            va='bottom',
            fontsize=sheet.tiny,
            color=_LEVEL,
        )
    axes.set_xlim(0, period)


def _period(slab: SlabResult) -> float | None:
    """Return the period of the cell of a slab along the normal, Å."""
    atoms = slab.relaxed if slab.relaxed is not None else slab.initial
    if atoms is None or not slab.area:
        return None
    return float(abs(atoms.cell.volume) / slab.area)
