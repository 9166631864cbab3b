"""KPOINTS: the sampling of the Brillouin zone.

The models do not use k-points; they are read, checked and repeated in the output, as VASP does.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

from ..errors import InputError
from .poscar import Vector, multiply, reciprocal

#: The largest number of k-points of a mesh before equivalent ones are merged.
MOST_POINTS = 100_000


class KPoints(NamedTuple):
    """The k-points of a calculation.

    :ivar points: fractional coordinates with respect to the reciprocal lattice.
    :ivar weights: one for each point; their sum is 1.
    :ivar scheme: ``Gamma``, ``Monkhorst-Pack``, or empty for a list of points.
    :ivar divisions: the divisions of the mesh along the reciprocal lattice vectors; empty for a
        list.
    :ivar shift: the shift of the mesh, in units of its step.
    """

    points: list[Vector]
    weights: list[float]
    scheme: str
    divisions: list[int]
    shift: Vector


def read_kpoints(text: str, lattice: list[Vector]) -> KPoints:
    """Read a KPOINTS file: a mesh, a length, a list of points, or lines.

    :param text: the contents of the file.
    :param lattice: the lattice vectors in Å.
    :raises InputError: if the file cannot be read.
    """
    try:
        return _read(text.splitlines(), lattice)
    except (ValueError, IndexError, OverflowError, ZeroDivisionError) as error:
        raise InputError(f'Error reading KPOINTS file: {error}.') from error


def _read(lines: list[str], lattice: list[Vector]) -> KPoints:
    count = int(lines[1].split()[0])
    style = lines[2].lstrip()[:1].upper()
    if count > 0:
        if style == 'L':
            return _read_lines(count, lines[3:], lattice)
        return _read_list(lines[3 : 3 + count], count, style in ('C', 'K'), lattice)
    if count < 0:
        raise ValueError('a negative number of k-points')
    if style == 'A':
        length = float(lines[3].split()[0])
        divisions = [max(1, int(length * math.hypot(*b) + 0.5)) for b in reciprocal(lattice)]
        return mesh('Gamma', divisions, [0.0, 0.0, 0.0])
    if style not in ('G', 'M'):
        raise ValueError(f"'{lines[2].strip()}' is not a supported way to generate k-points")
    divisions = [int(word) for word in lines[3].split()[:3]]
    shift = [float(word) for word in lines[4].split()[:3]] if len(lines) > 4 else []
    scheme = 'Gamma' if style == 'G' else 'Monkhorst-Pack'
    return mesh(scheme, divisions, shift or [0.0, 0.0, 0.0])


def _read_list(lines: list[str], count: int, cartesian: bool, lattice: list[Vector]) -> KPoints:
    rows = [[float(word) for word in line.split()[:4]] for line in lines]
    if len(rows) < count or any(len(row) < 4 for row in rows):
        raise ValueError(f'{count} k-points with a weight each announced')
    points = [_to_direct(row[:3], lattice) if cartesian else row[:3] for row in rows]
    total = sum(row[3] for row in rows)
    return KPoints(points, [row[3] / total for row in rows], '', [], [])


def _read_lines(count: int, lines: list[str], lattice: list[Vector]) -> KPoints:
    cartesian = lines[0].lstrip()[:1].upper() in ('C', 'K')
    ends = [[float(word) for word in line.split()[:3]] for line in lines[1:] if line.strip()]
    if not ends or len(ends) % 2:
        raise ValueError('lines need two k-points each')
    if count * len(ends) > 2 * MOST_POINTS:
        raise ValueError(f'more than {MOST_POINTS} k-points')
    points = []
    for start, end in zip(ends[::2], ends[1::2], strict=True):
        for step in range(count):
            part = step / (count - 1) if count > 1 else 0.0
            point = [a + part * (b - a) for a, b in zip(start, end, strict=True)]
            points.append(_to_direct(point, lattice) if cartesian else point)
    return KPoints(points, [1 / len(points)] * len(points), '', [], [])


def _to_direct(point: Vector, lattice: list[Vector]) -> Vector:
    """Turn Cartesian coordinates (in units of 2π/Å) into fractional ones."""
    columns = [[lattice[j][i] for j in range(3)] for i in range(3)]
    return multiply(point, columns)


def mesh(scheme: str, divisions: list[int], shift: Vector) -> KPoints:
    """Return a regular mesh, reduced by time reversal (k and -k are one point).

    :param scheme: ``Gamma``, centred on Γ, or ``Monkhorst-Pack``, which excludes Γ for even
        divisions.
    :param divisions: the divisions along the three reciprocal lattice vectors.
    :param shift: the shift in units of the step of the mesh.
    :raises InputError: if there are not three positive divisions and three shifts, or if there are
        more than :data:`MOST_POINTS` points.
    """
    if len(divisions) != 3 or len(shift) != 3 or min(divisions) < 1:
        raise InputError(f'Error reading KPOINTS file: a mesh of {divisions} with shift {shift}.')
    if math.prod(divisions) > 2 * MOST_POINTS:
        raise InputError(f'Error reading KPOINTS file: more than {MOST_POINTS} k-points.')
    offsets = [
        shift[axis] + ((1 - divisions[axis]) / 2 if scheme == 'Monkhorst-Pack' else 0.0)
        for axis in range(3)
    ]
    weights: dict[tuple[float, ...], int] = {}
    for steps in itertools.product(*(range(division) for division in divisions)):
        point = tuple(
            _wrap((step + offset) / division)
            for step, offset, division in zip(steps, offsets, divisions, strict=True)
        )
        opposite = tuple(_wrap(-component) for component in point)
        representative = opposite if opposite in weights else point
        weights[representative] = weights.get(representative, 0) + 1
    total = math.prod(divisions)
    points = [list(point) for point in weights]
    return KPoints(points, [w / total for w in weights.values()], scheme, divisions, shift)


def _wrap(component: float) -> float:
    """Wrap a component into (-1/2, 1/2], rounded so that equal points compare equal."""
    return round(component - math.ceil(component - 0.5 - 1e-9), 10) + 0.0


def mesh_of_spacing(spacing: float, gamma: bool, lattice: list[Vector]) -> KPoints:
    """Return the mesh of VASP's KSPACING.

    :param spacing: the largest distance between neighbouring k-points in 1/Å, with the factor 2π.
    :param gamma: whether the mesh is centred on Γ.
    :param lattice: the lattice vectors in Å.
    """
    if spacing <= 0:
        raise InputError(f'KSPACING = {spacing}: must be positive.')
    steps = [2 * math.pi * math.hypot(*vector) / spacing for vector in reciprocal(lattice)]
    if math.prod(max(1.0, step) for step in steps) > MOST_POINTS:
        raise InputError(f'KSPACING = {spacing}: gives more than {MOST_POINTS} k-points.')
    divisions = [max(1, math.ceil(step)) for step in steps]
    return mesh('Gamma' if gamma else 'Monkhorst-Pack', divisions, [0.0, 0.0, 0.0])
