"""The contents of a calculation's files: the last complete ionic steps, and the end of the run."""

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
    """A file cannot be used; the message says why."""


@dataclass(frozen=True)
class Geometry:
    """A cell and the sites in it, in VASP's order.

    :ivar cell: the three lattice vectors as rows, in Å.
    :ivar positions: the Cartesian positions, in Å.
    """

    cell: Array
    positions: Array

    @classmethod
    def of(cls, cell: object, positions: object) -> Geometry:
        """Return a geometry from plain numbers."""
        return cls(np.array(cell, dtype=np.float64), np.array(positions, dtype=np.float64))


@dataclass(frozen=True)
class IonicStep:
    """A complete ionic step. Values that could not be read are ``None``, or missing energies.

    :ivar energies: the finite energies in eV, by the names in :data:`ENERGIES`.
    :ivar forces: the force on each site in eV/Å, including fixed sites.
    :ivar stress: the stress, 3 × 3, in kB with VASP's sign.
    :ivar geometry: the geometry.
    """

    energies: Mapping[str, float]
    forces: Array | None = None
    stress: Array | None = None
    geometry: Geometry | None = None


@dataclass(frozen=True)
class FileReading:
    """The contents of one file of a calculation.

    :ivar program: the program that wrote the file, such as ``vasp``.
    :ivar engine: what computed the numbers behind the stand-in for VASP.
    :ivar version: the version of VASP.
    :ivar complete: the number of complete ionic steps.
    :ivar steps: the last complete steps, at most two, in order.
    :ivar electronic_steps: the number of electronic steps of each ionic step, including one that is
        not complete.
    :ivar tags: the tags of the INCAR in capitals, with VASP's defaults.
    :ivar finished: whether VASP ended normally.
    :ivar remarks: what is wrong with the file, although it could be read.
    """

    program: str | None = None
    engine: str | None = None
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
