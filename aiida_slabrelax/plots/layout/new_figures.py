"""How figures are made: on their own, or by pyplot, so that notebooks and windows show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

_Maker = Callable[..., Figure]


def _on_its_own(**options: Any) -> Figure:
    figure = Figure(**options)
    if figure.canvas.get_default_filetype() == 'png':
        # It keeps its renderer. Without it, each text would be measured by a new one, which has
        # an image of the whole figure and has measured nothing yet.
        FigureCanvasAgg(figure)
    return figure


_maker: ContextVar[_Maker] = ContextVar('figure maker', default=_on_its_own)


def new_figure(width: float, height: float, dpi: float) -> Figure:
    """Return an empty figure of a size in inches, with a resolution in dots per inch."""
    return _maker.get()(figsize=(width, height), dpi=dpi)


@contextmanager
def in_pyplot() -> Iterator[None]:
    """Let pyplot make the figures of the block: it shows them at the end of a notebook's cell."""
    import matplotlib.pyplot as plt

    token = _maker.set(plt.figure)
    try:
        yield
    finally:
        _maker.reset(token)
