"""The cell in the plane of a surface, as it is asked for."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, TypeAlias

LARGEST = 20
"""No vector of a surface cell is longer than this many vectors of the smallest cell."""

LONGEST = 200.0
"""The largest least length (Å) of the vectors of a surface cell."""

_LENGTH = r'(?:sqrt|√)\s*\(?(\d+)\)?|(\d+)(?:\s*(?:sqrt|√)\s*\(?(\d+)\)?)?'
_WOOD = re.compile(
    rf'(?P<centre>[pc])?\s*\(?\s*(?P<first>{_LENGTH})\s*[x×]\s*(?P<second>{_LENGTH})\s*\)?'
    r'\s*(?:-?\s*R\s*(?P<angle>\d+(?:\.\d+)?)\s*°?)?'
)


@dataclass(frozen=True)
class Matrix:
    """The two vectors of a cell in those of the smallest one.

    :ivar rows: two rows of two integers, with a determinant above 0.
    """

    rows: tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Wood:
    """A cell in Wood's notation, such as (√3×√3)R30°.

    :ivar first: the length of the first vector, in first vectors of the smallest cell.
    :ivar second: the length of the second vector, in second vectors of the smallest cell.
    :ivar angle: by which both are rotated, in °.
    :ivar centred: whether the middle of the cell is a point of the lattice.
    :ivar text: as it was given.
    """

    first: float
    second: float
    angle: float
    centred: bool
    text: str


@dataclass(frozen=True)
class LeastLength:
    """The smallest multiples of both vectors that are at least so long.

    :ivar length: in Å.
    """

    length: float


SurfaceCell: TypeAlias = Matrix | Wood | LeastLength


def read_surface_cell(value: Any) -> SurfaceCell:
    """Return the cell that a user asks for.

    :param value: two multiples ``(2, 2)``; a matrix ``[[1, 1], [-1, 1]]``; Wood's notation, such as
        ``(√3×√3)R30°``, ``sqrt3xsqrt3R30``, ``2x2`` or ``c(2x2)``; or a least length in Å.
    :raises ValueError: if it is none of these.
    """
    if isinstance(value, str):
        return _read_text(value)
    if isinstance(value, Real | int) and value is not True and value is not False:
        length = float(value)
        if math.isfinite(length) and 0 < length <= LONGEST:
            return LeastLength(length)
        raise ValueError(
            'A surface_cell of one number is a least length in Å, above 0 and at most '
            f'{LONGEST:g}, not {value}.'
        )
    rows = _read_rows(value)
    if rows is None:
        raise ValueError(
            'surface_cell must be two multiples such as (2, 2), a matrix of integers such as '
            f'[[1, 1], [-1, 1]], (√3×√3)R30° or a length in Å, not {value!r}.'
        )
    (a, b), (c, d) = rows
    if a * d - b * c <= 0:
        raise ValueError(
            f'The determinant of surface_cell must be above 0; that of {value!r} is '
            f'{a * d - b * c}.'
        )
    if max(abs(one) for row in rows for one in row) > LARGEST:
        raise ValueError(f'surface_cell must have numbers up to {LARGEST}, not {value!r}.')
    return Matrix(rows)


def _read_rows(value: Any) -> tuple[tuple[int, int], tuple[int, int]] | None:
    if not isinstance(value, Sequence) or len(value) != 2:
        return None
    if all(_is_integer(one) for one in value):
        return (int(value[0]), 0), (0, int(value[1]))
    if all(isinstance(row, Sequence) and len(row) == 2 for row in value):
        if all(_is_integer(one) for row in value for one in row):
            (a, b), (c, d) = value
            return (int(a), int(b)), (int(c), int(d))
    return None


def _is_integer(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _read_text(text: str) -> SurfaceCell:
    stripped = text.strip()
    try:
        return read_surface_cell(float(stripped))
    except ValueError as error:
        if 'least length' in str(error):
            raise
    if re.fullmatch(r'\[?-?\d+(?:[,;\s]+-?\d+){3}\]?', stripped):
        a, b, c, d = (int(one) for one in re.findall(r'-?\d+', stripped))
        return read_surface_cell([[a, b], [c, d]])
    if re.fullmatch(r'\(?\d+\s*,\s*\d+\)?', stripped):
        return read_surface_cell([int(one) for one in re.findall(r'\d+', stripped)])
    match = _WOOD.fullmatch(stripped)
    if match is None:
        raise ValueError(
            f'surface_cell {text!r} is not read; examples are 2x2, c(2x2), (√3×√3)R30°, '
            'sqrt3xsqrt3R30, 1,1,-1,1 (a matrix) and 10 (a least length in Å).'
        )
    first, second = (_read_length(match[name]) for name in ('first', 'second'))
    if not min(first, second) >= 1 or max(first, second) > LARGEST:
        raise ValueError(f'surface_cell must have lengths from 1 to {LARGEST}, not {text!r}.')
    angle = float(match['angle'] or 0)
    return Wood(first, second, angle, match['centre'] == 'c', text)


def _read_length(text: str) -> float:
    match = re.fullmatch(_LENGTH, text)
    assert match is not None
    root, factor, rest = match.groups()
    return math.sqrt(int(root)) if root else int(factor) * math.sqrt(int(rest or 1))
