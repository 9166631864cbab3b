"""Whether a relaxation has converged: by what VASP says, or by forces and energies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .reading import Reading
from .steps import Array

#: The values of IBRION that relax ions until EDIFFG is met.
RELAXATIONS = (1, 2, 3)

#: The value of ISIF above which the cell relaxes too.
_FIXED_CELL = 2


@dataclass(frozen=True)
class Verdict:
    """Whether a calculation has converged, and why.

    :ivar electronic: whether the electrons of the last complete ionic step have converged.
    :ivar ionic: whether the ions have relaxed; ``None`` if they were not to.
    :ivar reason: the evidence for it or against it.
    :ivar largest_force: on a site that may move, in eV/Å.
    :ivar energy_change: of the free energy in the last ionic step, in eV.
    """

    electronic: bool
    ionic: bool | None
    reason: str
    largest_force: float | None = None
    energy_change: float | None = None

    def describe(self) -> dict[str, Any]:
        """Return everything as plain data."""
        known = {
            'ionic': self.ionic,
            'electronic': self.electronic,
            'reason': self.reason,
            'largest_force': self.largest_force,
            'energy_change': self.energy_change,
        }
        return {name: value for name, value in known.items() if value is not None}


def judge(
    reading: Reading, tags: Mapping[str, Any], freedom: Sequence[Sequence[bool]] | None
) -> Verdict:
    """Return whether a calculation has converged.

    :param reading: of its files.
    :param tags: of its INCAR in capitals, for what the files do not tell.
    :param freedom: for each site whether it may move along each lattice vector; ``None`` if all
        may.
    """
    asked = {**reading.rounded_tags, **tags, **reading.tags}
    force, change = _largest_force(reading, freedom), _energy_change(reading)
    electronic, trouble = _electrons(reading, int(asked.get('NELM', 60)))
    relaxes = int(asked.get('NSW', 0)) > 0 and int(asked.get('IBRION', -1)) in RELAXATIONS
    if not relaxes:
        ionic, reason = None, trouble or 'no relaxation'
    elif reading.stopped is not None:
        ionic, reason = False, f'stopped by STOPCAR ({reading.stopped} = .TRUE.)'
    elif trouble:
        ionic, reason = False, trouble
    elif reading.accuracy_reached:
        ionic, reason = True, 'VASP: reached required accuracy'
    else:
        ionic, reason = _ions(asked, force, change, reading.complete)
    return Verdict(electronic, ionic, reason, force, change)


def largest_free_force(
    forces: Array, freedom: Sequence[Sequence[bool]] | None, cell: Array
) -> float | None:
    """Return the largest force (eV/Å) on a site that may move; ``None`` if none may.

    :param forces: on each site, in eV/Å.
    :param freedom: for each site whether it may move along each lattice vector; ``None`` if all
        may. Of a site that may move along some only, the force in their direction counts.
    :param cell: the lattice vectors as rows.
    """
    if freedom is None:
        return float(np.linalg.norm(forces, axis=1).max())
    found = [
        _force_along(force, cell[np.array(flags, dtype=bool)])
        for force, flags in zip(forces, freedom, strict=True)
        if any(flags)
    ]
    return max(found, default=None)


def _force_along(force: Array, vectors: Array) -> float:
    """Return the part of a force in the plane, or along the line, that vectors span."""
    if len(vectors) == 3:
        return float(np.linalg.norm(force))
    directions = np.linalg.qr(vectors.T)[0]
    return float(np.linalg.norm(directions.T @ force))


def _largest_force(reading: Reading, freedom: Sequence[Sequence[bool]] | None) -> float | None:
    if reading.forces is None or reading.geometry is None:
        return None
    if freedom is not None and len(freedom) != len(reading.forces):
        return None
    return largest_free_force(reading.forces, freedom, reading.geometry.cell)


def _energy_change(reading: Reading) -> float | None:
    free = reading.energies.get('energy_free')
    if free is None or reading.previous_energy is None:
        return None
    return free - reading.previous_energy


def _electrons(reading: Reading, nelm: int) -> tuple[bool, str]:
    """Return whether the electrons of the last complete step have converged, and why not."""
    if not reading.complete:
        return False, 'no ionic step is complete'
    if 'energy_extrapolated' not in reading.energies:
        return False, 'the last ionic step has no energy'
    if reading.stopped == 'LABORT':
        return False, 'stopped by STOPCAR (LABORT = .TRUE.)'
    taken = reading.electronic_steps[: reading.complete][-1:]
    if taken and taken[0] >= nelm:
        return False, f'the last ionic step took all {nelm} electronic steps (NELM)'
    return True, ''


def _ions(
    asked: Mapping[str, Any], force: float | None, change: float | None, steps: int
) -> tuple[bool, str]:
    """Return whether forces or energies meet EDIFFG, and what is the evidence."""
    nsw = int(asked['NSW'])
    after = f'after {steps} of at most {nsw} ionic steps (NSW)'
    limit = float(asked.get('EDIFFG', 10 * float(asked.get('EDIFF', 1e-4))))
    if limit < 0 and int(asked.get('ISIF', _FIXED_CELL)) > _FIXED_CELL:
        # The stress counts too, in a measure of VASP's own.
        return False, f'VASP has not said that it reached the required accuracy, {after}'
    if limit < 0:
        if force is None:
            return False, f'no forces to compare with EDIFFG = {limit:g} eV/Å, {after}'
        told = f'the largest force on a free atom is {force:.4f} eV/Å'
        return force <= -limit, f'{told}, EDIFFG = {limit:g} eV/Å, {after}'
    if limit > 0:
        if change is None:
            return False, f'no two energies to compare with EDIFFG = {limit:g} eV, {after}'
        told = f'the energy changed by {change:.2e} eV in the last step'
        return abs(change) <= limit, f'{told}, EDIFFG = {limit:g} eV, {after}'
    return False, f'EDIFFG = 0 asks for all ionic steps, whatever the forces, {after}'
