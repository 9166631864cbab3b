"""Which sites of a slab may move, for pymatgen as flags and for ASE as constraints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms, FixScaled
from numpy.typing import NDArray

#: The site property of pymatgen that says along which vectors of the cell a site may move.
SELECTIVE_DYNAMICS = 'selective_dynamics'


def to_constraints(free: Sequence[Sequence[bool]]) -> list[FixAtoms | FixScaled]:
    """Return the constraints of sites for ASE.

    :param free: shape (n, 3): whether each site may move along each vector of the cell.
    """
    fixed = ~np.array(free, dtype=bool)
    whole = fixed.all(axis=1)
    partly = np.flatnonzero(fixed.any(axis=1) & ~whole)
    constraints: list[Any] = [FixAtoms(mask=whole)] if whole.any() else []
    return constraints + [FixScaled([index], mask=fixed[index]) for index in partly]


def freedom_in(atoms: Atoms) -> list[list[bool]] | None:
    """Return whether each site may move along each vector of the cell; ``None`` if all may.

    Other constraints than those of :func:`to_constraints` are ignored.
    """
    fixed: NDArray[np.bool_] = np.zeros((len(atoms), 3), dtype=bool)
    for constraint in atoms.constraints:
        if isinstance(constraint, FixAtoms):
            fixed[constraint.index] = True
        elif isinstance(constraint, FixScaled):
            fixed[constraint.index] |= np.array(constraint.mask, dtype=bool)
    free: list[list[bool]] = (~fixed).tolist()
    return free if fixed.any() else None
