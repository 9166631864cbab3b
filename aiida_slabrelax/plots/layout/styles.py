"""Colours, hatches and markers of terminations and planes, distinguishable by everybody."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.colors import to_rgb

#: The palette of Okabe and Ito, https://jfly.uni-koeln.de/color, without black, and grey.
_COLOURS = (
    '#0072B2',
    '#E69F00',
    '#009E73',
    '#CC79A7',
    '#56B4E9',
    '#D55E00',
    '#F0E442',
    '#8C8C8C',
)
#: None is of dots or circles: dots mark negative surface energies.
_HATCHES = ('', '//', '--', '\\\\', '||', 'xx', '++', '-/', '-\\')
_MARKERS = 'os^DvP<X>'


@dataclass(frozen=True)
class Style:
    """How a termination or plane is drawn.

    :ivar colour: its colour.
    :ivar hatch: the hatch of its area; neighbours in the order differ.
    :ivar marker: the marker on its line.
    """

    colour: str
    hatch: str
    marker: str


def style_of(index: int) -> Style:
    """Return the style of the n-th termination or plane, the same in all figures.

    Hatches and markers have another period than colours, so that 72 styles differ.
    """
    return Style(
        colour=_COLOURS[index % len(_COLOURS)],
        hatch=_HATCHES[index % len(_HATCHES)],
        marker=_MARKERS[index % len(_MARKERS)],
    )


def darker(colour: str) -> tuple[float, float, float]:
    """Return a colour in which text can be read on white."""
    red, green, blue = to_rgb(colour)
    return 0.65 * red, 0.65 * green, 0.65 * blue
