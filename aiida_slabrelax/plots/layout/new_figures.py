"""How figures are made: on their own, or by pyplot, so that notebooks and windows show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from matplotlib.figure import Figure

_Maker = Callable[..., Figure]
_maker: ContextVar[_Maker] = ContextVar('figure maker', default=Figure)


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
