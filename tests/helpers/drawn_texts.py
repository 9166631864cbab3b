"""Where the texts of a figure are when it is drawn."""

from __future__ import annotations

from itertools import combinations

from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.transforms import Bbox

#: How far (pt) the boxes of two texts may reach into each other: they have empty edges.
EDGE = 0.5


Texts = list[tuple[str, Bbox]]


def extents(figure: Figure) -> Texts:
    """Draw a figure; return its visible texts with their boxes (pt) from the lower left corner."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    hidden = {id(text) for axis in figure.findobj(Axis) for text in _beyond(axis)}
    return [
        (text.get_text(), Bbox(text.get_window_extent(renderer).get_points() * 72 / figure.dpi))
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and id(text) not in hidden
    ]


def _beyond(axis: Axis) -> list[Text]:
    """Return the numbers of an axis that are not drawn: beyond its ends, or of a hidden axis."""
    low, high = sorted(axis.get_view_interval())
    return [
        text
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        if not (low <= tick.get_loc() <= high and axis.axes.axison)
        for text in (tick.label1, tick.label2)
    ]


def overlaps(texts: Texts) -> list[tuple[str, str]]:
    """Return the pairs of texts that cover each other."""
    return [
        (first, second)
        for (first, one), (second, other) in combinations(texts, 2)
        if min(one.x1, other.x1) - max(one.x0, other.x0) > EDGE
        and min(one.y1, other.y1) - max(one.y0, other.y0) > EDGE
    ]


def outside(texts: Texts, figure: Figure) -> list[str]:
    """Return the texts that leave their figure."""
    width, height = figure.get_size_inches() * 72
    return [
        text
        for text, box in texts
        if box.x0 < -EDGE or box.y0 < -EDGE or box.x1 > width + EDGE or box.y1 > height + EDGE
    ]


def covered_by_legends(figure: Figure) -> list[Legend]:
    """Return the legends that cover a panel."""
    legends = figure.findobj(Legend)
    return [
        legend
        for legend in legends
        if any(
            legend.get_window_extent().overlaps(axes.get_window_extent()) for axes in figure.axes
        )
    ]
