"""From plain Python values to the nodes of the ports.

``to_aiida_type``, the default of AiiDA, turns ``10`` into an ``Int`` and does not know tuples.
"""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from aiida.orm import Float, List, Str, to_aiida_type


def to_float(value: Any) -> Any:
    """Return a ``Float`` of any real number, anything else as AiiDA serializes it."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return to_aiida_type(value)
    return Float(float(value))


def to_list(value: Any) -> Any:
    """Return a ``List`` of a list, tuple or array, anything else as AiiDA serializes it."""
    return (
        List(_plain(value))
        if isinstance(value, list | tuple | np.ndarray)
        else to_aiida_type(value)
    )


def _plain(value: Any) -> Any:
    """Return lists and numbers of Python in place of tuples, arrays and numbers of numpy."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def to_switch(value: Any) -> Any:
    """Return a ``Str``; YAML takes ``on`` and ``off`` without quotes for true and false."""
    if isinstance(value, bool):
        return Str('on' if value else 'off')
    return to_aiida_type(value)
