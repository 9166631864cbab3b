"""The outcome of a calculation: its files, the verdict on convergence, and both as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aiida.orm import CalcJobNode, CifData, FolderData, StructureData

from .convergence import Verdict, judge
from .kinds import restore_kinds, symbols_of
from .potentials.potential import (
    LOCPOT,
    OutcarLevels,
    PlanarAverage,
    read_levels,
    read_locpot,
    vacuum_of,
)
from .potentials.work_function import NotFlatError, find_work_functions
from .reading import CONTCAR, OUTCAR, STDOUT, VASPRUN, Reading, decode, read_run
from .steps import UnreadableError
from .timing import Timing, read_timing

#: The files that are read, by VASP's names.
FILES = (VASPRUN, OUTCAR, CONTCAR, STDOUT)

#: VASP's default of NELM.
_NELM = 60


@dataclass(frozen=True)
class Outcome:
    """The results of a calculation, and whether it has converged.

    :ivar reading: the contents of its files.
    :ivar verdict: whether it has converged, and why.
    :ivar structure: its input structure.
    :ivar levels: the Fermi level and the vacuum levels in OUTCAR.
    :ivar potential: the planar average of the potential in LOCPOT, or why it cannot be read;
        ``None`` if it was not retrieved.
    :ivar timing: the time in OUTCAR.
    """

    reading: Reading
    verdict: Verdict
    structure: StructureData
    levels: OutcarLevels = field(default_factory=OutcarLevels)
    potential: PlanarAverage | UnreadableError | None = None
    timing: Timing = field(default_factory=Timing)

    @property
    def relaxed(self) -> bool:
        """Whether electrons and ions have converged, in a supported version of VASP."""
        converged = self.verdict.electronic and self.verdict.ionic is not False
        return converged and not self.reading.too_old

    @property
    def geometry(self) -> StructureData | None:
        """The geometry of the last complete ionic step, with the kinds of the input structure."""
        if self.reading.geometry is None:
            return None
        return restore_kinds(self.reading.geometry, self.structure)

    def misc(self) -> dict[str, Any]:
        """Return the content of the output ``misc``; values that no file holds are missing."""
        reading = self.reading
        energies = dict(reading.energies)
        if 'energy_extrapolated' in energies:
            # aiida-vasp's name for the energy of the last electronic step, which is the same.
            energies['energy_extrapolated_electronic'] = energies['energy_extrapolated']
        content = {
            'program': reading.program,
            'engine': reading.engine,
            'version': reading.version,
            'total_energies': energies or None,
            'forces': None if reading.forces is None else reading.forces.tolist(),
            'stress': None if reading.stress is None else reading.stress.tolist(),
            # Without `run_status` the VaspWorkChain ends at once.
            'run_status': None if reading.too_old or reading.nothing else self.run_status(),
            'convergence': self.verdict.describe(),
            'work_functions': self.work_functions(),
            'cost': self.cost() or None,
            'sources': dict(reading.sources) or None,
            'file_problems': dict(reading.problems) or None,
        }
        return {name: value for name, value in content.items() if value is not None}

    def work_functions(self) -> dict[str, Any] | None:
        """Return the work functions of the faces, or why they are not known, as plain data.

        :return: the attributes of a :class:`WorkFunctions`, or the reason under ``refused``;
            ``None`` if nothing was computed for them.
        """
        potential = self.potential
        if isinstance(potential, UnreadableError):
            return {'refused': f'{LOCPOT} cannot be read: {potential}'}
        vacuum = None if self.reading.geometry is None else vacuum_of(self.reading.geometry)
        try:
            found = find_work_functions(self.levels, potential, vacuum)
        except NotFlatError as error:
            return {'refused': str(error)}
        return None if found is None else asdict(found)

    def cost(self) -> dict[str, float | int]:
        """Return what the calculation has cost, as far as its files say so.

        :return: ``seconds`` of wall time, the number of ``cores``, and that of
            ``electronic_steps``, with those of an ionic step that is not complete. The number of
            ionic steps is in ``run_status``.
        """
        found = {
            'seconds': self.timing.seconds,
            'cores': self.timing.cores,
            'electronic_steps': sum(self.reading.electronic_steps) or None,
        }
        return {name: value for name, value in found.items() if value is not None}

    def run_status(self) -> dict[str, Any]:
        """Return the ``run_status`` that the VaspWorkChain reads, by aiida-vasp's names."""
        reading, tags = self.reading, self.reading.tags
        nelm, counts = int(tags.get('NELM', _NELM)), reading.electronic_steps
        breaches = [count >= nelm for count in counts]
        # The last step of an interrupted calculation might have converged.
        judged = breaches if reading.finished else breaches[:-1]
        status = {
            'nelm': nelm,
            'nsw': int(tags['NSW']) if 'NSW' in tags else None,
            'nbands': int(tags['NBANDS']) if 'NBANDS' in tags else None,
            'last_iteration_index': [len(counts), counts[-1]] if counts else None,
            'complete_ionic_steps': reading.complete,
            'finished': reading.finished,
            'electronic_converged': self.verdict.electronic,
            'consistent_nelm_breach': bool(judged) and all(judged),
            'contains_nelm_breach': any(breaches),
        }
        known = {name: value for name, value in status.items() if value is not None}
        return {**known, 'ionic_converged': self.verdict.ionic}


def read_outcome(
    retrieved: FolderData,
    structure: StructureData,
    parameters: Mapping[str, Any],
    dynamics: Mapping[str, Any],
    names: Mapping[str, str] | None = None,
    locpot: Path | None = None,
) -> Outcome:
    """Read the retrieved files of a calculation.

    :param structure: its input structure.
    :param parameters: the tags of its INCAR.
    :param dynamics: the content of its input ``dynamics``.
    :param names: the names of its files, by VASP's names, if they differ.
    :param locpot: where its LOCPOT is, if it was not retrieved for ever.
    """
    files = read_files(retrieved, names or {})
    reading = read_run(files, symbols_of(structure))
    tags = {name.upper(): value for name, value in parameters.items()}
    outcar = decode(files.get(OUTCAR, b''))
    return Outcome(
        reading,
        judge(reading, tags, freedom_of(dynamics)),
        structure,
        read_levels(outcar),
        _read_potential(retrieved, locpot),
        read_timing(outcar),
    )


def _read_potential(
    retrieved: FolderData, locpot: Path | None
) -> PlanarAverage | UnreadableError | None:
    """Return the planar average of LOCPOT, or why it cannot be read; None without LOCPOT."""
    try:
        if locpot is not None:
            return read_locpot(locpot)
        if LOCPOT in retrieved.base.repository.list_object_names():
            with retrieved.base.repository.as_path(LOCPOT) as path:
                return read_locpot(path)
    except UnreadableError as error:
        return error
    return None


def read_calculation(
    node: CalcJobNode, names: Mapping[str, str] | None = None, locpot: Path | None = None
) -> Outcome:
    """Read the retrieved files of a calculation.

    :param names: the names of its files, by VASP's names, if they differ.
    :param locpot: where its LOCPOT is, if it was not retrieved for ever.
    """
    inputs: Any = node.inputs
    dynamics = inputs.dynamics.get_dict() if 'dynamics' in inputs else {}
    retrieved: Any = node.outputs.retrieved
    parameters = inputs.parameters.get_dict()
    return read_outcome(retrieved, input_structure(node), parameters, dynamics, names, locpot)


def input_structure(node: CalcJobNode) -> StructureData:
    """Return the input structure of a calculation, as aiida-vasp passes it to VASP."""
    inputs: Any = node.inputs
    structure: StructureData | CifData = inputs.structure
    if isinstance(structure, StructureData):
        return structure
    return StructureData(ase=structure.get_ase())


def read_files(retrieved: FolderData, names: Mapping[str, str]) -> dict[str, bytes]:
    """Return the content of those of :data:`FILES` that were retrieved."""
    present = retrieved.base.repository.list_object_names()
    wanted = {name: names.get(name, name) for name in FILES}
    return {
        name: retrieved.base.repository.get_object_content(stored, mode='rb')
        for name, stored in wanted.items()
        if stored in present
    }


def freedom_of(dynamics: Mapping[str, Any]) -> Sequence[Sequence[bool]] | None:
    """Return for each site whether it may move along each lattice vector; ``None`` if all may.

    :param dynamics: the content of the input ``dynamics``; aiida-vasp accepts ``T``, ``F``, 0, 1.
    """
    if (sites := dynamics.get('positions_dof')) is None:
        return None
    fixed = (0, 'F', 'f')
    return [[flag not in fixed for flag in flags] for flags in sites]
