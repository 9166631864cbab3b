"""The sheet that a figure is drawn on: its width, its sizes of texts, its panels, its foot.

A figure that is made smaller afterwards has texts that nobody can read. Here it is laid out for its
final width instead: texts keep their size, panels stand in fewer columns, and the height follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil, isfinite, sqrt
from typing import Any

from matplotlib import rc_context, rcParams, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from ...parsers.program import engines_among, is_standin
from .fitting import fitted
from .limits import NOTE, resolution
from .new_figures import new_figure

#: The smallest and the largest width of a figure, mm.
NARROWEST, WIDEST = 60.0, 400.0
#: The size of texts in a figure of a given width, pt, unless a style of matplotlib has another.
_FONT = 8.0
#: The resolution of a figure of a given width, dots per inch, which journals ask for.
_FINE = 300.0
#: The id of the text that says which program computed the energies.
MADE_BY = 'made by'
#: What is written under energies of the stand-in, and its colour.
_STANDIN, _WARNING = 'stand-in for VASP, a model: not DFT', '#B34700'
#: The distance of the foot to the edges of the figure, inches.
_MARGIN = 0.05
#: The height of a line of text, in units of its size.
LINE = 1.3


@dataclass(frozen=True)
class Sheet:
    """The width and the sizes of texts of a figure.

    :ivar width: the width of the figure, inches; None if the figure chooses it.
    :ivar medium: the size of labels of axes, pt.
    :ivar small: the size of titles, numbers and legends, pt.
    :ivar tiny: the size of texts in drawings and in the foot, pt.
    """

    width: float | None
    medium: float
    small: float
    tiny: float

    @property
    def finest(self) -> float:
        """The resolution of a figure that is not too large for it, dots per inch."""
        return 150.0 if self.width is None else _FINE

    def arrange(self, count: int, natural: float, least: float) -> tuple[int, float]:
        """Return the number of columns of panels, and the width of a panel in inches.

        :param natural: the width of a panel in a figure that chooses its width, inches.
        :param least: the smallest width at which a panel can be read, inches.
        """
        columns = ceil(sqrt(count))
        if self.width is None:
            return columns, natural
        columns = min(count, max(1, int(self.width / least)), ceil(self.width / natural) + 1)
        columns = ceil(count / ceil(count / columns))  # rows as full as they can be
        return columns, self.width / columns

    def figure(self, width: float, height: float) -> Figure:
        """Return an empty figure of a size in inches; a given width counts more."""
        size = self.width or width, height
        # Without a resolution of its own, savefig takes this one, whatever it is set to later.
        figure = new_figure(*size, resolution(*size, self.finest))
        figure.set_layout_engine('none')  # whatever a style of matplotlib says
        return figure

    def panels(
        self, titles: Sequence[str], natural: tuple[float, float], least: float
    ) -> tuple[Figure, list[Axes]]:
        """Return a figure with a panel for each title, as many in a row as fit.

        :param natural: the width and the height of a panel in a figure that chooses its width,
            inches.
        :param least: the smallest width at which a panel can be read, inches.
        """
        columns, width = self.arrange(len(titles), natural[0], least)
        rows = ceil(len(titles) / columns)
        height = min(natural[1], natural[1] / natural[0] * width)
        figure = self.figure(columns * width, rows * height)
        figure.set_layout_engine('constrained')
        grid = figure.add_gridspec(rows, columns)
        axes = []
        for index, title in enumerate(titles):
            axes.append(figure.add_subplot(grid[divmod(index, columns)]))
            lines = fitted(title, self.small, width - 0.75)
            axes[-1].set_title('\n'.join(lines), fontsize=self.small, loc='left')
        return figure, axes

    def lay_out(
        self,
        figure: Figure,
        axes: Sequence[Axes],
        height: float,
        foot: Foot,
        legend: Legend | None = None,
    ) -> None:
        """Give panels a height, whatever stands around them, and draw the foot of the figure.

        :param axes: the panels, all of one height.
        :param height: the height of the frame of a panel, inches.
        :param legend: a legend of the figure, which is put above the foot.
        """
        below = foot.height
        if legend is not None:
            legend.set_in_layout(False)
            below += legend.get_window_extent().height / figure.dpi + _MARGIN
        for one in axes:
            # Some ticks are made when the figure is drawn, outside of the sheet.
            one.tick_params(axis='x', labelsize=rcParams['xtick.labelsize'])
            one.tick_params(axis='y', labelsize=rcParams['ytick.labelsize'])
        engine = figure.get_layout_engine()
        assert engine is not None
        rows, _ = grid_of(axes[0])
        # At first too high: without room for the frames, nothing would be laid out.
        legends = [one.get_legend() for one in axes]
        extents = [one.get_window_extent().height / figure.dpi for one in legends if one]
        figure.set_figheight(rows * (height + max(extents, default=0.0) + 1.5) + below)
        for turn in range(3):
            self._refine(figure)
            figure_height = figure.get_figheight()
            share = below / figure_height
            # The engine is the constrained one, whose options the general type does not name.
            engine.set(rect=(0, share, 1, 1 - share))  # type: ignore[call-arg]
            if legend is not None:
                legend.set_bbox_to_anchor((0.5, foot.height / figure_height))
            if turn:
                engine.execute(figure)
            else:
                # Only now some axes get their limits.
                figure.draw_without_rendering()
            lowest = min(one.get_position().height for one in axes) * figure_height
            if abs(missing := height - lowest) < 0.01:
                break
            figure.set_figheight(max(figure_height + rows * missing, below + 1.0))
        self.finish(figure, foot)

    def finish(self, figure: Figure, foot: Foot) -> None:
        """Set the resolution of a figure, and draw its foot."""
        self._refine(figure)
        foot.draw(figure)

    def _refine(self, figure: Figure) -> None:
        width, height = figure.get_size_inches()
        figure.set_dpi(resolution(width, height, self.finest))

    def foot(self, width: float, note: str = '', programs: Sequence[str] = ()) -> Foot:
        """Return the foot of a figure.

        :param width: the width of the figure, inches.
        :param note: what the figure does not show.
        :param programs: the programs that computed the energies.
        """
        lines = fitted(note, self.tiny, width - 2 * _MARGIN) if note else []
        made_by = _STANDIN if is_standin(programs) else ', '.join(programs)
        if not is_standin(programs) and engines_among(programs):
            # One line, because the foot has one line for it.
            made_by = fitted(f'not VASP: {made_by}', self.tiny, width - 2 * _MARGIN)[0]
        return Foot(note, tuple(lines), made_by, is_standin(programs), self.tiny)


@dataclass(frozen=True)
class Foot:
    """The lines below a figure: what it does not show, and which program computed the energies."""

    note: str
    lines: tuple[str, ...]
    made_by: str
    warns: bool
    font: float

    @property
    def height(self) -> float:
        """The height, inches."""
        lines = len(self.lines) + bool(self.made_by)
        return lines * LINE * self.font / 72 + (_MARGIN if lines else 0.0)

    def draw(self, figure: Figure) -> None:
        """Write the lines at the bottom of a figure."""
        width, height = figure.get_size_inches()
        line = LINE * self.font / 72
        if self.lines:
            bottom = (_MARGIN + bool(self.made_by) * line) / height
            figure.text(
                _MARGIN / width,
                bottom,
                '\n'.join(self.lines),
                va='bottom',
                linespacing=LINE / 1.2,
                fontsize=self.font,
                gid=NOTE,
                label=self.note,
            )
        if self.made_by:
            figure.text(
                1 - _MARGIN / width,
                _MARGIN / height,
                self.made_by,
                ha='right',
                va='bottom',
                fontsize=self.font,
                color=_WARNING if self.warns else '0.45',
                gid=MADE_BY,
            )


def grid_of(axes: Axes) -> tuple[int, int]:
    """Return the numbers of rows and columns of the panels among which a panel is."""
    grid = axes.get_gridspec()
    assert grid is not None
    return grid.nrows, grid.ncols


def inches(width_mm: float) -> float:
    """Return the width of a figure in inches.

    :raises ValueError: if it is too narrow or too wide for a figure.
    """
    if not (isfinite(width_mm) and NARROWEST <= width_mm <= WIDEST):
        raise ValueError(
            f'the width of a figure is {NARROWEST:g} to {WIDEST:g} mm, not {width_mm:g}'
        )
    return width_mm / 25.4


@contextmanager
def sheet_of(width_mm: float | None) -> Iterator[Sheet]:
    """Draw the figures of the block on a sheet of a width.

    :param width_mm: the width of the figure, mm; None if the figure chooses it.
    :raises ValueError: if it is too narrow or too wide.
    """
    base = float(rcParams['font.size'])
    if width_mm is None:
        sheet = Sheet(None, base, base / 1.2, base / 1.44)
    else:
        width = inches(width_mm)
        base = _FONT if base == rcParamsDefault['font.size'] else base
        sheet = Sheet(width, base, base - 0.5, base - 1.0)
    sizes: dict[Any, float] = {
        'axes.labelsize': sheet.medium,
        'xtick.labelsize': sheet.small,
        'ytick.labelsize': sheet.small,
        'figure.titlesize': sheet.medium,
    }
    # What a style of matplotlib sets counts.
    own: dict[Any, float] = {
        name: size for name, size in sizes.items() if rcParams[name] == rcParamsDefault[name]
    }
    with rc_context({'font.size': base, **own}):
        yield sheet
