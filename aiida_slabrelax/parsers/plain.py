"""Plain data that can be stored: numbers that are none are left out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

_GAP = object()


def without_gaps(value: Any) -> Any:
    """Return data without the numbers that are not finite, which AiiDA does not store.

    An entry of a mapping is left out; a list with one of them becomes ``None``.
    """
    cleaned = _clean(value)
    return None if cleaned is _GAP else cleaned


def _clean(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else _GAP
    if isinstance(value, Mapping):
        cleaned = {key: _clean(one) for key, one in value.items()}
        return {key: one for key, one in cleaned.items() if one is not _GAP}
    if isinstance(value, list | tuple):
        items = [_clean(one) for one in value]
        return _GAP if any(one is _GAP for one in items) else items
    return value
