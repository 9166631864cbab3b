"""POSCAR and CONTCAR: the lattice, the ions and which of their coordinates may move."""

from __future__ import annotations

import math
from typing import NamedTuple

from ..elements import element_of
from ..errors import InputError

Vector = list[float]
Flags = tuple[bool, bool, bool]

#: VASP warns of ions closer to each other than this, Å.
VERY_SMALL_DISTANCE = 0.5
#: Ions closer to each other than this (Å) are refused: no model has a meaningful energy there.
SMALLEST_DISTANCE = 0.1
#: Larger cells (Å³) are refused.
LARGEST_VOLUME = 1e9


class Structure(NamedTuple):
    """A crystal as POSCAR describes it.

    :ivar comment: the first line.
    :ivar lattice: the three lattice vectors in Å.
    :ivar names: the name of each block of ions, e.g. ``['Ni1', 'Ni2', 'O']``; empty for the old
        format of POSCAR without names.
    :ivar counts: the number of ions in each block.
    :ivar positions: fractional coordinates of the ions, in the order of the file.
    :ivar selective: for each ion, whether it may move along each lattice vector; ``None`` without
        selective dynamics.
    """

    comment: str
    lattice: list[Vector]
    names: list[str]
    counts: list[int]
    positions: list[Vector]
    selective: list[Flags] | None

    @property
    def symbols(self) -> list[str]:
        """The element of each ion.

        :raises InputError: if a name does not stand for an element.
        """
        symbols: list[str] = []
        for name, count in zip(self.names, self.counts, strict=True):
            element = element_of(name)
            if element is None:
                raise InputError(f"POSCAR: '{name}' is not the name of an element.")
            symbols += [element] * count
        return symbols


def read_poscar(text: str) -> Structure:
    """Read a POSCAR.

    :param text: the contents of the file.
    :raises InputError: if the file cannot be read.
    """
    try:
        return _read(text.splitlines())
    except (ValueError, IndexError, OverflowError, ZeroDivisionError) as error:
        raise InputError(f'POSCAR cannot be read: {error}.') from error


def _read(lines: list[str]) -> Structure:
    lattice = [_numbers(line, 3) for line in lines[2:5]]
    scale = _scale(lines[1], lattice)
    lattice = [[scale[axis] * vector[axis] for axis in range(3)] for vector in lattice]
    # In this form the condition also refuses a volume that is not a number.
    if len(lattice) != 3 or not 1e-6 <= abs(determinant(lattice)) <= LARGEST_VOLUME:
        raise InputError('POSCAR: the lattice vectors span no volume, or one that is too large.')

    at = 5
    names = [] if lines[at].split()[0].isdigit() else lines[at].split()
    at += bool(names)
    counts = _counts(lines[at])
    at += 1
    if names and len(names) != len(counts):
        raise InputError(f'POSCAR names {len(names)} species but gives {len(counts)} numbers.')

    has_selective = lines[at].lstrip()[:1] in ('S', 's')
    at += has_selective
    cartesian = lines[at].lstrip()[:1] in ('C', 'c', 'K', 'k')
    at += 1

    rows = lines[at : at + sum(counts)]
    if len(rows) < sum(counts) or not rows:
        raise InputError(f'POSCAR: {sum(counts)} ions announced, {len(rows)} found.')
    positions = [_numbers(row, 3) for row in rows]
    if cartesian:
        to_direct = inverse(lattice)
        positions = [
            multiply([scale[axis] * position[axis] for axis in range(3)], to_direct)
            for position in positions
        ]
    selective = [_flags(row) for row in rows] if has_selective else None
    return Structure(lines[0].strip(), lattice, names, counts, positions, selective)


def _scale(line: str, lattice: list[Vector]) -> Vector:
    """Return the factor for x, y and z: one number, a negative volume, or three numbers."""
    words = line.split()
    if len(words) >= 3:
        try:
            factors = _numbers(line, 3)
        except ValueError:
            factors = []  # a comment follows the single number
        if factors:
            if min(factors) <= 0:
                raise InputError('POSCAR: three scaling factors must be positive.')
            return factors
    factor = float(words[0])
    if factor == 0:
        raise InputError('POSCAR: the scaling factor is zero.')
    if factor < 0:
        factor = (-factor / abs(determinant(lattice))) ** (1 / 3)
    return [factor] * 3


def _counts(line: str) -> list[int]:
    counts = []
    for word in line.split():
        if not word.isdigit():
            break
        counts.append(int(word))
    if not counts or min(counts) < 1:
        raise InputError(f"POSCAR: '{line.strip()}' are not numbers of ions.")
    return counts


def _numbers(line: str, count: int) -> Vector:
    numbers = [float(word.upper().replace('D', 'E')) for word in line.split()[:count]]
    if len(numbers) < count or not all(math.isfinite(number) for number in numbers):
        raise ValueError(f"'{line.strip()}' does not begin with {count} numbers")
    return numbers


def _flags(row: str) -> Flags:
    flags = [word.strip('.')[:1].upper() for word in row.split()[3:6]]
    if len(flags) < 3 or not set(flags) <= {'T', 'F'}:
        raise ValueError(f"'{row.strip()}' has no three flags T or F")
    return flags[0] == 'T', flags[1] == 'T', flags[2] == 'T'


def write_poscar(structure: Structure) -> str:
    """Return a structure as POSCAR or CONTCAR, in full precision."""
    lines = [structure.comment, '   1.00000000000000']
    lines += [' ' + format_vector(vector, '{:22.16f}') for vector in structure.lattice]
    lines += [
        ' '.join(f'{name:>5s}' for name in structure.names),
        ' '.join(f'{count:5d}' for count in structure.counts),
    ]
    if structure.selective is not None:
        lines.append('Selective dynamics')
    lines.append('Direct')
    for index, position in enumerate(structure.positions):
        line = format_vector(position, '{:20.16f}')
        if structure.selective is not None:
            line += ''.join(f'   {"T" if free else "F"}' for free in structure.selective[index])
        lines.append(line)
    return '\n'.join(lines) + '\n'


def nearest_ions(structure: Structure) -> float:
    """Return the smallest distance (Å) between two ions, if it is small compared with the cell.

    The nearest image is chosen along each lattice vector separately. This finds every overlap, but
    may overestimate distances comparable with half the cell.
    """
    smallest = math.inf
    for index, position in enumerate(structure.positions):
        for earlier in structure.positions[:index]:
            difference = [a - b for a, b in zip(position, earlier, strict=True)]
            difference = [component - round(component) for component in difference]
            smallest = min(smallest, math.hypot(*multiply(difference, structure.lattice)))
    return smallest


def format_vector(vector: Vector, form: str) -> str:
    """Return the components of a vector as text, separated by blanks."""
    return ' '.join(form.format(component) for component in vector)


def multiply(vector: Vector, matrix: list[Vector]) -> Vector:
    """Multiply a row vector with a 3 × 3 matrix."""
    return [sum(vector[i] * matrix[i][j] for i in range(3)) for j in range(3)]


def cross(a: Vector, b: Vector) -> Vector:
    """Return the cross product of two vectors."""
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


def determinant(matrix: list[Vector]) -> float:
    """Return the determinant of a 3 × 3 matrix: the signed volume that its rows span."""
    return sum(a * b for a, b in zip(matrix[0], cross(matrix[1], matrix[2]), strict=True))


def reciprocal(lattice: list[Vector]) -> list[Vector]:
    """Return the reciprocal lattice vectors as rows, without the factor 2π (as VASP does)."""
    volume = determinant(lattice)
    return [
        [component / volume for component in cross(lattice[(i + 1) % 3], lattice[(i + 2) % 3])]
        for i in range(3)
    ]


def inverse(matrix: list[Vector]) -> list[Vector]:
    """Return the inverse of a 3 × 3 matrix."""
    rows = reciprocal(matrix)
    return [[rows[j][i] for j in range(3)] for i in range(3)]
