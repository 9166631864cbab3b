"""All output files of a run together."""

from __future__ import annotations

import resource
import sys
import time
from typing import TYPE_CHECKING

from ..inputs.poscar import write_poscar
from ..potential import model_potential
from .locpot import write_locpot
from .oszicar import OszicarWriter
from .outcar import OutcarWriter
from .vasprun import VERSION, VasprunWriter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..electrons import ElectronicIteration
    from ..inputs.reading import Inputs
    from ..relax import IonicStep

_NOT_VASP = f'vasp.{VERSION} stand-in: this is vasp-standin and NOT VASP, its'
#: The first line of the output. aiida-vasp looks for ``vasp.`` to know that VASP has started.
BANNER = f'{_NOT_VASP} results are a model'


def banner_of(inputs: Inputs) -> str:
    """Return the first line of OUTCAR, which names an engine."""
    return BANNER if inputs.engine is None else f'{_NOT_VASP} model is {inputs.made_by}'


class Output:
    """Writes the files of a run step by step.

    :param folder: the folder of the files.
    :param inputs: the inputs of the run.
    """

    def __init__(self, folder: Path, inputs: Inputs) -> None:
        self._folder = folder
        self._inputs = inputs
        self._start = self._step_start = time.perf_counter()
        self._oszicar_file = (folder / 'OSZICAR').open('w', encoding='utf-8')
        self._oszicar = OszicarWriter([self._oszicar_file, sys.stdout])
        self._outcar = OutcarWriter(folder / 'OUTCAR')
        self._vasprun = VasprunWriter(folder / 'vasprun.xml')
        self._outcar.header(inputs, banner_of(inputs))
        self._vasprun.header(inputs)
        self._write_contcar(inputs)

    def iterations(
        self, number: int, iterations: Sequence[ElectronicIteration], stop: str | None = None
    ) -> None:
        """Open an ionic step and write its electronic iterations.

        :param number: the number of the ionic step, from 1.
        :param iterations: the electronic iterations of the step.
        :param stop: ``soft`` or ``hard`` if STOPCAR ends the run with this step.
        """
        seconds = self._step_seconds() / len(iterations)
        self._oszicar.begin_step()
        self._vasprun.begin_step()
        for iteration in iterations:
            self._oszicar.iteration(iteration)
            self._outcar.iteration(number, iteration, seconds)
            self._vasprun.iteration(iteration, seconds)
        if stop is not None:
            message = f' {stop} stop encountered!  aborting job ...'
            print(message, flush=True)
            self._outcar.message(message)

    def step(self, number: int, step: IonicStep, *, last: bool) -> None:
        """Write the results of an ionic step and close it.

        :param number: the number of the ionic step, from 1.
        :param step: its results.
        :param last: whether the run ends with it: as VASP does, vasprun.xml has the bands of the
            last step only.
        """
        seconds = self._step_seconds()
        self._oszicar.step(number, step)
        moved = self._inputs.structure._replace(lattice=step.lattice, positions=step.positions)
        is_model = self._inputs.engine is None and step.electrons is None
        fermi = model_potential(moved, self._inputs.incar).fermi if is_model else None
        self._outcar.step(step, self._inputs, seconds, fermi)
        bands = step.electrons if last else None
        self._vasprun.end_step(step, bands, self._inputs, seconds)
        self._write_contcar(self._inputs._replace(structure=moved))
        self._step_start = time.perf_counter()

    def end(self, step: IonicStep) -> None:
        """Complete the files at a normal end.

        :param step: the last ionic step.
        """
        if step.converged and self._inputs.incar.relaxes:
            print(' reached required accuracy - stopping structural energy minimisation')
        self._write_potential(step)
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self._outcar.end(time.perf_counter() - self._start, kilobytes)
        self._vasprun.end(step, self._inputs.structure.selective)
        self._oszicar_file.close()

    def _write_potential(self, step: IonicStep) -> None:
        """Write LOCPOT and the vacuum levels of a model, if the INCAR asks for them.

        An engine behind the stand-in has no model of the potential.
        """
        tags = self._inputs.incar.tags
        if self._inputs.engine is not None:
            return
        if tags.get('LVHAR') is not True and tags.get('LVTOT') is not True:
            return
        structure = self._inputs.structure
        moved = structure._replace(lattice=step.lattice, positions=step.positions)
        potential = model_potential(moved, self._inputs.incar)
        write_locpot(self._folder / 'LOCPOT', moved, potential)
        if tags.get('IDIPOL') == 3:
            self._outcar.vacuum_levels(potential.upper, potential.lower)

    def break_off(self) -> None:
        """Close the files as they are."""
        self._outcar.close()
        self._vasprun.close()
        self._oszicar_file.close()

    def _step_seconds(self) -> float:
        return time.perf_counter() - self._step_start

    def _write_contcar(self, inputs: Inputs) -> None:
        (self._folder / 'CONTCAR').write_text(write_poscar(inputs.structure), encoding='utf-8')
