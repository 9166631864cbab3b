"""Whether a relaxation has converged, by VASP's own message or by forces and energies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .reading import Reading
from .steps import Array

#: The values of IBRION that relax ions until EDIFFG is met.
RELAXATIONS = (1, 2, 3)

#: For larger values of ISIF the cell relaxes too.
_FIXED_CELL = 2


@dataclass(frozen=True)
class Verdict:
    """Whether a calculation has converged, and why.

    :ivar electronic: whether the electrons of the last complete ionic step have converged.
    :ivar ionic: whether the ions have relaxed; ``None`` if they were not supposed to move.
    :ivar reason: the evidence for or against convergence.
    :ivar largest_force: the largest force on a site that may move, in eV/Å.
    :ivar energy_change: the change of the free energy in the last ionic step, in eV.
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

    :param reading: its files, as read.
    :param tags: the tags of its INCAR in capitals, used where the files do not contain them.
    :param freedom: for each site, whether it may move along each lattice vector; ``None`` if all
        sites may move.
    """
    incar = {**reading.rounded_tags, **tags, **reading.tags}
    force, change = _largest_force(reading, freedom), _energy_change(reading)
    electronic, trouble = _electrons(reading, int(incar.get('NELM', 60)))
    relaxes = int(incar.get('NSW', 0)) > 0 and int(incar.get('IBRION', -1)) in RELAXATIONS
    if not relaxes:
        ionic, reason = None, trouble or 'no relaxation'
    elif reading.stopped is not None:
        ionic, reason = False, f'stopped by STOPCAR ({reading.stopped} = .TRUE.)'
    elif trouble:
        ionic, reason = False, trouble
    elif reading.accuracy_reached:
        ionic, reason = True, 'VASP: reached required accuracy'
    else:
        ionic, reason = _ions(incar, force, change, reading.complete)
    return Verdict(electronic, ionic, reason, force, change)


def largest_free_force(
    forces: Array, freedom: Sequence[Sequence[bool]] | None, cell: Array
) -> float | None:
    """Return the largest force (eV/Å) on a site that may move; ``None`` if no site may move.

    :param forces: the force on each site, in eV/Å.
    :param freedom: for each site, whether it may move along each lattice vector; ``None`` if all
        sites may move. If a site may move along some vectors only, the force along these counts.
    :param cell: the lattice vectors as rows.
    """
    if freedom is None:
        return float(np.linalg.norm(forces, axis=1).max())
    free_forces = [
        _force_along(force, cell[np.array(flags, dtype=bool)])
        for force, flags in zip(forces, freedom, strict=True)
        if any(flags)
    ]
    return max(free_forces, default=None)


def _force_along(force: Array, vectors: Array) -> float:
    """Return the component of a force in the plane or along the line that vectors span."""
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
    """Return whether the electrons of the last complete step have converged, and if not, why."""
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
    incar: Mapping[str, Any], force: float | None, change: float | None, steps: int
) -> tuple[bool, str]:
    """Return whether forces or energies meet EDIFFG, and the evidence."""
    nsw = int(incar['NSW'])
    after = f'after {steps} of at most {nsw} ionic steps (NSW)'
    limit = float(incar.get('EDIFFG', 10 * float(incar.get('EDIFF', 1e-4))))
    if limit < 0 and int(incar.get('ISIF', _FIXED_CELL)) > _FIXED_CELL:
        # VASP also takes the stress into account, in a way that is not documented.
        return False, f'VASP has not said that it reached the required accuracy, {after}'
    if limit < 0:
        if force is None:
            return False, f'no forces to compare with EDIFFG = {limit:g} eV/Å, {after}'
        evidence = f'the largest force on a free atom is {force:.4f} eV/Å'
        return force <= -limit, f'{evidence}, EDIFFG = {limit:g} eV/Å, {after}'
    if limit > 0:
        if change is None:
            return False, f'no two energies to compare with EDIFFG = {limit:g} eV, {after}'
        evidence = f'the energy changed by {change:.2e} eV in the last step'
        return abs(change) <= limit, f'{evidence}, EDIFFG = {limit:g} eV, {after}'
    return False, f'EDIFFG = 0 asks for all ionic steps, whatever the forces, {after}'
