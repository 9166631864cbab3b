"""LOCPOT: the local potential on a grid, in VASP's form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..inputs.poscar import format_vector
from .oszicar import fortran

if TYPE_CHECKING:
    from pathlib import Path

    from ..inputs.poscar import Structure
    from ..potential import Potential

#: The number of points along the first two lattice vectors, which the model needs.
ACROSS = 2
#: The number of values in a line.
IN_A_LINE = 5


def write_locpot(path: Path, structure: Structure, potential: Potential) -> None:
    """Write a LOCPOT.

    :param path: the file to write.
    :param structure: the final structure.
    :param potential: its potential.
    """
    lines = [structure.comment, '   1.00000000000000     ']
    lines += [format_vector(vector, '{:12.6f}') for vector in structure.lattice]
    lines += [
        ''.join(f'{name:>5s}' for name in structure.names),
        ''.join(f'{count:6d}' for count in structure.counts),
        'Direct',
    ]
    lines += [format_vector(position, '{:10.6f}') for position in structure.positions]
    lines += [' ', f'{ACROSS:5d}{ACROSS:5d}{len(potential.planar):5d}']
    values = [
        value + ripple * (-1) ** (first + second)
        for value, ripple in zip(potential.planar, potential.ripple, strict=True)
        for second in range(ACROSS)
        for first in range(ACROSS)
    ]
    lines += [
        ' ' + ' '.join(fortran(value, 11) for value in values[start : start + IN_A_LINE])
        for start in range(0, len(values), IN_A_LINE)
    ]
    path.write_text('\n'.join(lines) + '\n', encoding='utf-8')
