"""Conversion of plain Python values to the nodes of the ports.

AiiDA's default, ``to_aiida_type``, turns ``10`` into an ``Int`` and does not accept tuples.
"""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from aiida.orm import Float, List, Str, to_aiida_type


def to_float(value: Any) -> Any:
    """Return a ``Float`` for any real number, and AiiDA's node for anything else."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return to_aiida_type(value)
    return Float(float(value))


def to_list(value: Any) -> Any:
    """Return a ``List`` for a list, tuple or array, and AiiDA's node for anything else."""
    return (
        List(_plain(value))
        if isinstance(value, list | tuple | np.ndarray)
        else to_aiida_type(value)
    )


def _plain(value: Any) -> Any:
    """Return tuples, arrays and numbers of numpy as lists and numbers of Python."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def to_switch(value: Any) -> Any:
    """Return a ``Str``; YAML reads ``on`` and ``off`` without quotes as true and false."""
    if isinstance(value, bool):
        return Str('on' if value else 'off')
    return to_aiida_type(value)
