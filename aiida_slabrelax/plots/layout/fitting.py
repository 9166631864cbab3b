"""Texts that fit: broken into lines by their drawn width, legends below panels, names in panels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cbook import is_math_text
from matplotlib.font_manager import FontProperties
from matplotlib.legend import Legend
from matplotlib.text import Annotation, Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Bbox, ScaledTranslation, blended_transform_factory

#: What must not be torn apart within a word: subscripts, and escaped dollar signs.
_PIECES = re.compile(r'\$_\{\d+\}\$|\\\$|.', re.DOTALL)
#: The largest number of columns of a legend, and the space between them, in units of the font.
_MOST_COLUMNS, _BETWEEN = 4, 1.5
#: The width of a handle of a legend with its gap, in units of the font.
_HANDLE = 3.2
#: Half of the distance that texts keep, pt.
_APART = 1.0


def width_of(text: str, font: float) -> float:
    """Return the width of a line of text in inches.

    :param font: the size of the font, pt.
    """
    math = is_math_text(text)
    drawn = text if math else text.replace(r'\$', '$')
    properties = FontProperties(size=font)
    width, _, _ = text_to_path.get_text_width_height_descent(drawn, properties, bool(math))
    return float(width) / 72


def fitted(text: str, font: float, width: float) -> list[str]:
    """Return a text in lines that are not wider than a width, broken at spaces.

    A word that is wider than a line is cut.

    :param font: the size of the font, pt.
    :param width: the width, inches.
    """
    lines = []
    for paragraph in text.split('\n'):
        whole = paragraph.rstrip(' ')
        if not whole or width_of(whole, font) <= width:
            lines.append(whole)
        else:
            lines += _broken(whole, font, width)
    return lines


def _broken(text: str, font: float, width: float) -> list[str]:
    """Return a text that is too wide in lines, each as long as fits."""
    indent = text[: len(text) - len(text.lstrip(' '))]
    room = width - width_of(indent, font)
    lines, line = [], ''
    for space, word in re.findall(r'( *)([^ ]+)', text):
        if line:
            longer = f'{line}{space}{word}'
            if width_of(longer, font) <= width:
                line = longer
                continue
            lines.append(line)
        line = indent + (word if width_of(word, font) <= room else _cut(word, font, room))
    return [*lines, line]


def _cut(word: str, font: float, width: float) -> str:
    pieces, kept = _PIECES.findall(word), ''
    for piece in pieces:
        if width_of(f'{kept}{piece}…', font) > width:
            break
        kept += piece
    return f'{kept}…'


def columns_of(labels: Iterable[str], font: float, width: float) -> int:
    """Return the number of columns of a legend that is not wider than a width in inches."""
    em = font / 72
    widths = [max(width_of(line, font) for line in label.split('\n')) for label in labels]
    for columns in range(min(_MOST_COLUMNS, len(widths)), 1, -1):
        parts = [part for part in np.array_split(widths, columns) if len(part)]
        needed = sum(
            (float(part.max()) + _HANDLE * em for part in parts), (columns - 1) * _BETWEEN * em
        )
        if needed <= width:
            return columns
    return 1


def legend_below(
    axes: Axes, handles: Sequence[Artist], font: float, width: float, title: str = ''
) -> Legend:
    """Draw a legend below the label of the x axis, in as many columns as fit.

    :param font: the size of the font, pt.
    :param width: the width of the legend, inches.
    """
    em = font / 72
    labels = [
        '\n'.join(fitted(str(handle.get_label()), font, width - _HANDLE * em)) for handle in handles
    ]
    size = float(axes.xaxis.label.get_fontsize())
    # In the middle of the panel, not of its frame, which has labels on one side.
    spec = axes.get_subplotspec()
    assert spec is not None
    middle = (spec.colspan.start + 0.5) / spec.get_gridspec().ncols
    place = blended_transform_factory(axes.figure.transFigure, axes.transAxes)
    below = ScaledTranslation(0, -(3.6 * size + 4) / 72, axes.figure.dpi_scale_trans)
    return axes.legend(
        handles=handles,
        labels=labels,
        loc='upper center',
        bbox_to_anchor=(middle, 0.0),
        bbox_transform=place + below,
        borderaxespad=0.0,
        borderpad=0.3,
        labelspacing=0.35,
        handleheight=1.0,
        columnspacing=_BETWEEN,
        ncols=columns_of(labels, font, width),
        frameon=False,
        fontsize=font,
        title=title or None,
        title_fontsize=font,
        alignment='left',
    )


def drop_covered(texts: Iterable[Text], frame: Axes) -> None:
    """Move texts into a panel, and remove those that would still cover an earlier one.

    The legend has all names. The figure must have been laid out.
    """
    inside, taken = frame.get_window_extent(), list[Bbox]()
    canvas = frame.figure.canvas
    renderer = None
    if isinstance(canvas, FigureCanvasAgg):
        # Else a text is measured as when it was last drawn, maybe in another resolution.
        renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    edge = _APART * frame.figure.dpi / 72
    for text in texts:
        box = text.get_window_extent(renderer).padded(edge)
        if isinstance(text, Annotation) and box.y1 > inside.y1:
            # Below its point instead of above it.
            x, y = text.get_position()
            text.set(position=(x, -y), verticalalignment='top')
            box = text.get_window_extent(renderer).padded(edge)
        right = max(0.0, inside.x0 - box.x0) - max(0.0, box.x1 - inside.x1)
        up = max(0.0, inside.y0 - box.y0) - max(0.0, box.y1 - inside.y1)
        box = box.translated(right, up)
        if any(box.overlaps(other) for other in taken):
            text.remove()
            continue
        if right or up:
            place = text.get_transform().transform(text.get_position()) + np.array([right, up])
            x, y = text.get_transform().inverted().transform(place)
            text.set_position((float(x), float(y)))
        taken.append(box)
