"""The cell of Miller indices: the given cell of the crystal, or the conventional one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from pymatgen.core.structure import Structure
from pymatgen.symmetry.groups import sg_symbol_from_int_number

from .bulk.crystal import Crystal
from .checks import describe_reduction, reduce_miller_indices
from .reasons import Mention, Reason, SlabGenerationError

Plane = tuple[int, int, int]

EQUAL_LENGTH, EQUAL_ANGLE = 0.01, 0.5
"""A cell is hexagonal if its lengths (Å) and angles (°) are this near to those of one."""

HEXAGONAL_GROUPS = range(143, 195)
"""The space groups whose conventional cell has hexagonal axes."""


def in_given_cell(
    crystal: Crystal, planes: Iterable[Sequence[int]], indices_of: str
) -> list[Sequence[int]]:
    """Return planes with their indices in the given cell.

    :param planes: (hkl) or (hkil).
    :param indices_of: the cell that they refer to: ``given`` (they are returned unchanged) or
        ``conventional``.
    """
    if indices_of == 'given':
        return list(planes)
    return [crystal.from_standard(reduce_miller_indices(plane)) for plane in planes]


def check_hexagonal(
    structure: Structure, miller_indices: Sequence[int], indices_of: str = 'given'
) -> Reason | None:
    """Check that the cell is hexagonal (a = b, α = β = 90°, γ = 120°) for four indices (hkil).

    With γ = 60°, or with the hexagonal axis along a or b, the third index is not -(h + k).

    :param indices_of: the cell that they refer to, ``given`` or ``conventional``.
    :returns: a message, or None.
    """
    if len(miller_indices) != 4:
        return None
    four = f'Four indices {tuple(int(index) for index in miller_indices)} need a hexagonal cell'
    try:
        number = Crystal.of(structure).space_group
    except SlabGenerationError:
        number = 1
    if indices_of == 'conventional':
        if number in HEXAGONAL_GROUPS:
            return None
        symbol = sg_symbol_from_int_number(number, hexagonal=False)
        return Reason(f'{four}; the conventional cell of {symbol} is none. Give three indices.')
    a, b, c, alpha, beta, gamma = structure.lattice.parameters
    angles = np.abs(np.array([alpha, beta, gamma]) - [90, 90, 120])
    if abs(a - b) <= EQUAL_LENGTH and angles.max() <= EQUAL_ANGLE:
        return None
    message = (
        f'{four} with a = b and γ = 120°; this one has a, b, c = {a:.3f}, {b:.3f}, {c:.3f} Å and '
        f'α, β, γ = {alpha:.1f}, {beta:.1f}, {gamma:.1f}°. Give three indices'
    )
    if number not in HEXAGONAL_GROUPS:
        return Reason(f'{message}.')
    other = Mention('set', 'indices_of', 'conventional')
    return Reason(f'{message}; or ', other, ' for four indices of the conventional cell.')


def describe_planes(
    structure: Structure, planes: Iterable[Sequence[int]], indices_of: str = 'given'
) -> Iterator[str]:
    """Yield messages on indices that differ from those of the plane in the given cell.

    :param planes: valid (hkl) or (hkil).
    :param indices_of: the cell that they refer to, ``given`` or ``conventional``.
    """
    if indices_of == 'given':
        yield from filter(None, map(describe_reduction, planes))
        return
    crystal = Crystal.of(structure)
    a, b, c = np.linalg.norm(crystal.standard_vectors, axis=1)
    symbol = sg_symbol_from_int_number(crystal.space_group, hexagonal=False)
    for plane in planes:
        given = crystal.from_standard(reduce_miller_indices(plane))
        yield (
            f'Miller indices {tuple(int(index) for index in plane)} of the conventional cell '
            f'({symbol}; a, b, c = {a:.3f}, {b:.3f}, {c:.3f} Å) are {given} of the cell as given.'
        )
