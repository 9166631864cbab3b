"""Styles of terminations and planes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from matplotlib.colors import to_rgb

from aiida_slabrelax.plots.layout.styles import style_of

#: Machado, Oliveira and Fernandes, IEEE Trans. Vis. Comput. Graph. 15, 1291 (2009): linear RGB as
#: seen by a deuteranope.
DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)


def seen(colour: str) -> np.ndarray:
    """Return a colour, linear RGB, as a deuteranope sees it."""
    linear = np.array([channel**2.2 for channel in to_rgb(colour)])
    return np.clip(DEUTERANOPIA @ linear, 0.0, 1.0) ** (1 / 2.2)


def test_seventy_two_styles_differ() -> None:
    assert len({style_of(index) for index in range(72)}) == 72
    assert style_of(0) == style_of(72)


def test_neighbours_differ_in_colour_and_in_hatch() -> None:
    for index in range(72):
        first, second = style_of(index), style_of(index + 1)
        assert first.colour != second.colour
        assert first.hatch != second.hatch
        assert first.marker != second.marker


def test_the_first_colours_differ_for_a_deuteranope() -> None:
    colours = [seen(style_of(index).colour) for index in range(6)]
    for first, second in combinations(colours, 2):
        assert np.linalg.norm(first - second) > 0.1
