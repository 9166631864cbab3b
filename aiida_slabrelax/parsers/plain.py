"""Plain data that can be stored, without numbers that are not finite."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

_GAP = object()


def without_gaps(value: Any) -> Any:
    """Return data without the numbers that are not finite, which AiiDA does not store.

    Such an entry of a mapping is left out; a list that contains one is left out as a whole.

    :returns: the data; ``None`` if nothing is left.
    """
    cleaned = _clean(value)
    return None if cleaned is _GAP else cleaned


def _clean(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else _GAP
    if isinstance(value, Mapping):
        cleaned = {key: _clean(inner) for key, inner in value.items()}
        return {key: inner for key, inner in cleaned.items() if inner is not _GAP}
    if isinstance(value, list | tuple):
        items = [_clean(item) for item in value]
        return _GAP if any(item is _GAP for item in items) else items
    return value
