"""Slabs and their relaxations as dataclasses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ase import Atoms
from pymatgen.core.composition import Composition

from ..parsers.potentials.potential import PlanarAverage
from ..parsers.potentials.work_function import WorkFunctions
from .costs.amounts import Cost, StageCost, total_of
from .relaxations.failed_slabs import Failure
from .relaxations.prerelaxations import PreRelaxation
from .relaxations.rescues import Rescue

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped] # it has no types

#: The exit statuses of a run whose messages name each failed slab with the reason.
_NAME_FAILURES = 401, 402


@dataclass(frozen=True)
class SlabResult:
    """One slab and its relaxation.

    Values that are unknown or not known yet are ``None``.

    :ivar label: its label.
    :ivar state: ``waiting``, ``running``, ``relaxed``, ``failed``, or ``excluded`` by ``screen``.
    :ivar formula: the formula of the whole cell, such as ``Ag10P3O16``.
    :ivar n_atoms: the number of atoms in the cell.
    :ivar thickness: the distance of the lowest and the highest atom along the surface normal before
        relaxation, Å.
    :ivar area: the area of one face of the cell, Å².
    :ivar energy: the total energy of the relaxed slab, eV.
    :ivar max_force: the largest force on an atom that may move, eV/Å; for a failed slab, in its
        last calculation.
    :ivar converged: whether the forces (or energies) have converged; for a failed slab, in its last
        calculation.
    :ivar ionic_steps: the number of ionic steps in all calculations of the slab.
    :ivar pk: the pk of the relaxation (a VaspWorkChain), of an earlier run if it was taken over.
    :ivar exit_status: the exit status of the relaxation.
    :ivar exit_message: the exit message of the relaxation.
    :ivar taken_over: whether the slab comes from an earlier run.
    :ivar recovered: whether the VaspWorkChain failed, but its last calculation relaxed the slab.
    :ivar read_again: whether the retrieved files of the last calculation were read again.
    :ivar rescues: the failures after which the slab was run again, and the changes.
    :ivar warnings: for a relaxed slab, the errors and warnings after which VASP continued.
    :ivar moments: for a relaxed slab, the magnetic moment of each site in the end, μB.
    :ivar lost_order: which sites of a relaxed slab have lost their magnetic order, in words.
    :ivar work_functions: the work functions of its faces, if they were computed.
    :ivar work_functions_refused: why they are not known although they were computed, in words.
    :ivar band_gap: the band gap, eV; the Fermi level of an insulator may lie anywhere in it.
    :ivar program: the program that computed the energy, and its version: ``VASP 6.4.2``.
    :ivar plane: the surface, such as ``(100)``; None for slabs of the user.
    :ivar faces: its outermost layers, such as ``O2/Ag``; of both faces if they differ.
    :ivar symmetric: whether its faces are equivalent.
    :ivar stoichiometric: whether it has the composition of the bulk.
    :ivar polar: ``yes``, ``no`` or ``unknown``.
    :ivar tasker: Tasker's type of the surface: ``I``, ``II`` or ``III``.
    :ivar broken_bonds: the number of broken bonds of the face that has more of them, 1/Å².
    :ivar lost_neighbours: the neighbours that atoms of the ``top`` and the ``bottom`` face have
        lost, by the elements of the atom and of the neighbour: ``{'Ag-O': 3}``.
    :ivar costs: what it has cost in this run, by stage; empty before its first calculation, and of
        a slab that was taken over.
    :ivar prerelaxation: its pre-relaxation, if there was one.
    :ivar excess: how far its surface energy lay above the lowest one after the pre-relaxations, at
        all chemical potentials, J/m²; with ``screen`` only.
    :ivar excluded: why it was left out, in words.
    :ivar failure: the failure of a failed slab.
    :ivar initial: the slab before relaxation.
    :ivar relaxed: the relaxed slab; its calculator has the energy (eV), the forces (eV/Å) and the
        moments (μB) of the last step, as far as known, and its constraints the fixed sites.
    :ivar potential: the planar average of the electrostatic potential, if LOCPOT was retrieved.
    """

    label: str
    state: str
    formula: str
    n_atoms: int
    thickness: float | None
    area: float | None
    energy: float | None = None
    max_force: float | None = None
    converged: bool | None = None
    ionic_steps: int | None = None
    pk: int | None = None
    exit_status: int | None = None
    exit_message: str | None = None
    taken_over: bool = False
    recovered: bool = False
    read_again: bool = False
    rescues: tuple[Rescue, ...] = ()
    warnings: tuple[str, ...] = ()
    moments: tuple[float, ...] | None = None
    lost_order: str | None = None
    work_functions: WorkFunctions | None = None
    work_functions_refused: str | None = None
    band_gap: float | None = None
    program: str | None = None
    plane: str | None = None
    faces: str | None = None
    symmetric: bool | None = None
    stoichiometric: bool | None = None
    polar: str | None = None
    tasker: str | None = None
    broken_bonds: float | None = None
    lost_neighbours: Mapping[str, Mapping[str, int]] | None = field(default=None, hash=False)
    costs: tuple[StageCost, ...] = ()
    prerelaxation: PreRelaxation | None = None
    excess: float | None = None
    excluded: str | None = None
    failure: Failure | None = None
    initial: Atoms | None = field(default=None, compare=False, repr=False)
    relaxed: Atoms | None = field(default=None, compare=False, repr=False)
    potential: PlanarAverage | None = field(default=None, compare=False, repr=False)

    @property
    def work_function_upper(self) -> float | None:
        """The work function of its upper face, eV."""
        return None if self.work_functions is None else self.work_functions.upper

    @property
    def work_function_lower(self) -> float | None:
        """The work function of its lower face, eV."""
        return None if self.work_functions is None else self.work_functions.lower

    @property
    def core_hours(self) -> float | None:
        """The core-hours of all its calculations in this run; None if not known of each."""
        total = total_of(self.costs)
        return total.core_hours.value if total.calculations else None

    @property
    def electronic_steps(self) -> int | None:
        """The electronic steps of all its calculations in this run; None if not known of each."""
        total = total_of(self.costs)
        steps = total.electronic_steps.value if total.calculations else None
        return None if steps is None else int(steps)


@dataclass(frozen=True)
class RunResults:
    """A run of the ``SlabRelaxWorkChain`` and its slabs.

    :ivar pk: the pk of the run.
    :ivar uuid: the uuid of the run.
    :ivar state: the state of the process: ``created``, ``running``, ``waiting``, ``finished``,
        ``excepted`` or ``killed``.
    :ivar paused: whether it is paused.
    :ivar exit_status: its exit status.
    :ivar exit_message: its exit message.
    :ivar slabs: its slabs, sorted by label.
    :ivar label: the label that its user gave it; empty if there is none.
    :ivar costs_of_phases: what the phases have cost with which its slabs were compared.
    """

    pk: int
    uuid: str
    state: str
    paused: bool
    exit_status: int | None
    exit_message: str | None
    slabs: tuple[SlabResult, ...]
    label: str = ''
    costs_of_phases: tuple[StageCost, ...] = ()

    @property
    def summary(self) -> str | None:
        """Its exit message without the reasons that the failed slabs have themselves."""
        told = self.exit_message and any(slab.failure is not None for slab in self.slabs)
        if told and self.exit_status in _NAME_FAILURES:
            return str(self.exit_message).partition(': ')[0]
        return self.exit_message

    @property
    def n_done(self) -> int:
        """The number of slabs that have relaxed or failed, or were left out."""
        return sum(slab.state in ('relaxed', 'failed', 'excluded') for slab in self.slabs)

    @property
    def costs(self) -> tuple[StageCost, ...]:
        """What the run has cost so far, by slab or phase and stage."""
        return (*(stage for slab in self.slabs for stage in slab.costs), *self.costs_of_phases)

    @property
    def cost(self) -> Cost:
        """What the run has cost so far; slabs that it took over are not in it."""
        return total_of(self.costs)

    @property
    def programs(self) -> list[str]:
        """The programs that computed the energies, with their versions."""
        return sorted({slab.program for slab in self.slabs if slab.program is not None})

    @property
    def comparable(self) -> bool:
        """Whether total energies may be compared: all slabs have the same composition."""
        return len({slab.formula for slab in self.slabs}) <= 1

    @property
    def difference(self) -> str:
        """In what slabs that are not comparable differ: ``composition``, or only ``size``."""
        formulas = {Composition(slab.formula).reduced_formula for slab in self.slabs}
        return 'composition' if len(formulas) > 1 else 'size'

    def only(self, labels: Sequence[str]) -> RunResults:
        """Return the same run with only some of its slabs.

        :param labels: labels, or patterns such as ``slab_1*``.
        :raises ValueError: if one matches no slab.
        """
        for pattern in labels:
            if not any(fnmatchcase(slab.label, pattern) for slab in self.slabs):
                first = ', '.join(slab.label for slab in self.slabs[:5]) or 'none'
                more = ', …' if len(self.slabs) > 5 else ''
                raise ValueError(f'no slab is called {pattern!r}; there are: {first}{more}')
        chosen = [
            slab
            for slab in self.slabs
            if any(fnmatchcase(slab.label, pattern) for pattern in labels)
        ]
        return replace(self, slabs=tuple(chosen))

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each slab as a frame of pandas; names of columns end in their units."""
        from .frames import run_frame

        return run_frame(self)

    def _repr_html_(self) -> str:
        from .frames import run_html

        return run_html(self)
