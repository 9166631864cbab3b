"""What the files of a calculation tell: its last complete ionic steps, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: The energies of an ionic step in eV, by aiida-vasp's names: E(σ→0), the free energy, and the
#: energy without the entropy of the electrons.
ENERGIES = ('energy_extrapolated', 'energy_free', 'energy_no_entropy')


class UnreadableError(ValueError):
    """A file holds nothing that can be used; the message says why."""


@dataclass(frozen=True)
class Geometry:
    """A cell and the sites in it, in VASP's order.

    :ivar cell: the three lattice vectors as rows, in Å.
    :ivar positions: Cartesian, in Å.
    """

    cell: Array
    positions: Array

    @classmethod
    def of(cls, cell: object, positions: object) -> Geometry:
        """Return a geometry from plain numbers."""
        return cls(np.array(cell, dtype=np.float64), np.array(positions, dtype=np.float64))


@dataclass(frozen=True)
class IonicStep:
    """A complete ionic step; what could not be read is ``None``, or missing among the energies.

    :ivar energies: in eV, by the names in :data:`ENERGIES`; finite.
    :ivar forces: on each site in eV/Å, those on fixed sites included.
    :ivar stress: 3 × 3 in kB, with VASP's sign.
    """

    energies: Mapping[str, float]
    forces: Array | None = None
    stress: Array | None = None
    geometry: Geometry | None = None


@dataclass(frozen=True)
class FileReading:
    """What one file tells of a calculation.

    :ivar version: of VASP.
    :ivar complete: how many ionic steps are complete.
    :ivar steps: the last of them, at most two, the last one last.
    :ivar electronic_steps: how many electronic steps each ionic step took that was begun.
    :ivar tags: of the INCAR, in capitals, with VASP's defaults.
    :ivar finished: whether VASP came to its end.
    :ivar remarks: what was wrong with the file, although it could be read.
    """

    version: str | None = None
    complete: int = 0
    steps: tuple[IonicStep, ...] = ()
    electronic_steps: tuple[int, ...] = ()
    tags: Mapping[str, Any] = field(default_factory=dict)
    finished: bool = False
    remarks: tuple[str, ...] = ()


def finite(numbers: object, shape: tuple[int, ...]) -> Array | None:
    """Return numbers as an array, or ``None`` if they have another shape or are not all finite."""
    try:
        array = np.array(numbers, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return array if array.shape == shape and np.isfinite(array).all() else None


def finite_energies(energies: Mapping[str, float]) -> dict[str, float]:
    """Return the energies (eV) that are finite numbers."""
    return {name: float(value) for name, value in energies.items() if np.isfinite(value)}
