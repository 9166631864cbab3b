"""The electrons of an ionic step, where an engine has real ones: energies, states, moments."""

from __future__ import annotations

from typing import NamedTuple

#: One value for each spin, k-point and band.
States = list[list[list[float]]]


class Energies(NamedTuple):
    """The three energies that VASP writes, in eV.

    :ivar free: with the entropy of the electrons (TOTEN), consistent with the forces.
    :ivar without_entropy: without it.
    :ivar extrapolated: extrapolated to a smearing of zero, E(σ→0).
    """

    free: float
    without_entropy: float
    extrapolated: float

    @classmethod
    def of_model(cls, energy: float) -> Energies:
        """Return the energies of a model without electrons: without entropy they are equal."""
        return cls(energy, energy, energy)


class ElectronicIteration(NamedTuple):
    """One electronic iteration.

    :ivar number: its number within the ionic step, from 1.
    :ivar energy: the free energy in eV.
    :ivar change: the change of the energy since the previous iteration, in eV.
    :ivar energies: the three energies; ``None`` if they are equal.
    :ivar moment: the magnetic moment of the cell in μB; ``None`` without spin.
    """

    number: int
    energy: float
    change: float
    energies: Energies | None = None
    moment: float | None = None


class Electrons(NamedTuple):
    """The electrons of an ionic step.

    :ivar energies: the energies.
    :ivar iterations: the iterations to self-consistency.
    :ivar fermi_level: in eV.
    :ivar eigenvalues: in eV.
    :ivar occupations: from 0 to 1.
    :ivar moment: the magnetic moment of the cell in μB; ``None`` without spin.
    :ivar moments: those of the ions in μB, each by shell: s, p, d, and f if there is any.
    :ivar vacuum_levels: the potential above and below the slab in eV, if it was asked for.
    """

    energies: Energies
    iterations: list[ElectronicIteration]
    fermi_level: float
    eigenvalues: States
    occupations: States
    moment: float | None = None
    moments: list[list[float]] | None = None
    vacuum_levels: tuple[float, float] | None = None


class Sampling(NamedTuple):
    """What an engine has made of the settings, before the first ionic step.

    :ivar points: the k-points that are left by symmetry, in fractions of the reciprocal lattice.
    :ivar weights: one for each point; their sum is 1.
    :ivar bands: the number of bands.
    :ivar electrons: the number of valence electrons.
    """

    points: list[list[float]]
    weights: list[float]
    bands: int
    electrons: float
