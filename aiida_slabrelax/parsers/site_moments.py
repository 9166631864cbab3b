"""The magnetic moments of sites, as they stand in the output ``misc``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def read_moments(misc: Mapping[str, Any]) -> list[float] | None:
    """Return the moment (μB) of each site; ``None`` if there are none, or vectors.

    VASP writes them if the spin is polarised and LORBIT is 10 or more.

    :param misc: the content of the output ``misc``.
    """
    try:
        x, *others = ((misc['site_magnetization']['sphere'].get(axis) or {}) for axis in 'xyz')
        if any(other.get('site_moment') for other in others):
            return None
        sites = x['site_moment']
        return [float(sites[number]['tot']) for number in sorted(sites, key=int)] or None
    except (ValueError, KeyError, AttributeError, TypeError):  # it was computed without spin
        return None
