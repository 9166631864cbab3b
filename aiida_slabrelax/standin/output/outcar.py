"""OUTCAR, written step by step as by VASP: a run that is killed leaves it without the timing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..electrons import Energies
from ..inputs.poscar import Vector, determinant, format_vector, multiply, reciprocal
from .bands import bands_in_outcar, moments_in_outcar

if TYPE_CHECKING:
    from pathlib import Path

    from ..electrons import ElectronicIteration, Electrons
    from ..inputs.incar import Incar
    from ..inputs.reading import Inputs
    from ..relax import IonicStep

_RULE = '-' * 107


class OutcarWriter:
    """Writes OUTCAR, flushing after each call.

    :param path: the file to write.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open('w', encoding='utf-8')

    def header(self, inputs: Inputs, banner: str) -> None:
        """Write the part before the first ionic step."""
        self._electrons = inputs.electrons
        incar, structure, kpoints = inputs.incar, inputs.structure, inputs.kpoints
        points, ions = f'{len(kpoints.points):6d}', len(structure.positions)
        bands = f'   number of bands    NBANDS= {inputs.bands:6d}'
        lines = [f' {banner}', _processes(), '']
        # VASP lists the potentials twice, and readers rely on that.
        lines += [f' POTCAR:    {potential.title}' for potential in inputs.potentials * 2]
        lines += ['', f' WARNING: {" ".join(inputs.warnings)}'] if inputs.warnings else []
        lines += [
            '',
            ' Dimension of arrays:',
            f'   k-points           NKPTS = {points}   k-points in BZ     NKDIM = {points}{bands}',
            f'   number of dos      NEDOS =      0   number of ions     NIONS = {ions:6d}',
            '   total plane-waves  NPLWV =      0',
            f'   ions per type =            {" ".join(f"{c:3d}" for c in structure.counts)}',
            '',
            f' SYSTEM =  {incar.system}',
            f' POSCAR =  {structure.comment}',
            '',
            ' Electronic Relaxation 1',
            f'   NELM   = {incar.nelm:6d};   # of ELM steps',
            f'   EDIFF  = {incar.ediff:.1E}   stopping-criterion for ELM',
            ' Ionic relaxation',
            f'   EDIFFG = {incar.ediffg:.1E}   stopping-criterion for IOM',
            f'   NSW    = {incar.nsw:6d}    number of steps for IOM',
            f'   IBRION = {incar.ibrion:6d}    ionic relax: 1-quasi-New 2-CG 3-damped',
            f'   ISIF   = {incar.isif:6d}    stress and relaxation',
            f'   ISPIN  = {incar.tags.get("ISPIN", 1)!s:>6s}    spin polarized calculation?',
            f'   NELECT = {inputs.electrons:12.4f}    total number of electrons',
            '',
            ' Write flags',
            f'   LVTOT        = {_flag(incar, "LVTOT")}    write LOCPOT, total local potential',
            f'   LVHAR        = {_flag(incar, "LVHAR")}    write LOCPOT, Hartree potential only',
            ' Dipole corrections',
            f'   LDIPOL = {_flag(incar, "LDIPOL")}    correct potential (dipole corrections)',
            f'   IDIPOL = {incar.tags.get("IDIPOL", 0)!s:>6s}    1-x, 2-y, 3-z, 4-all directions ',
            '',
            ' k-points in reciprocal lattice and weights: ' + (kpoints.scheme or 'explicit'),
        ]
        lines += [
            f'{format_vector(point, "{:12.8f}")}  {weight:10.6f}'
            for point, weight in zip(kpoints.points, kpoints.weights, strict=True)
        ]
        self._write([*lines, ''])

    def iteration(self, number: int, iteration: ElectronicIteration, seconds: float) -> None:
        """Write an electronic iteration of an ionic step."""
        lines = [
            '',
            f'{f" Iteration {number:6d}({iteration.number:4d})  ":-^106s}',
            '',
            f'      LOOP:  cpu time {seconds:10.4f}: real time {seconds:10.4f}',
            '',
        ]
        if iteration.moment is not None:
            count, moment = f'{self._electrons:15.7f}', f'{iteration.moment:15.7f}'
            lines += [f' number of electron {count} magnetization {moment}', '']
        lines += [
            ' Free energy of the ion-electron system (eV)',
            f'  free energy    TOTEN  = {iteration.energy:20.10f} eV',
            '',
        ]
        self._write(lines)

    def message(self, line: str) -> None:
        """Write a message between the electronic iterations and the results of an ionic step."""
        self._write(['', line])

    def step(self, step: IonicStep, inputs: Inputs, seconds: float, fermi: float | None) -> None:
        """Write the results of an ionic step.

        :param step: the results.
        :param inputs: those of the run.
        :param seconds: the time that it took.
        :param fermi: the Fermi level (eV) of a model that has one but no electrons.
        """
        electrons = step.electrons
        energies = Energies.of_model(step.energy) if electrons is None else electrons.energies
        lines = [
            *([] if fermi is None else _fermi_level(fermi)),
            *([] if electrons is None else _electronic(electrons, inputs)),
            *([] if step.stress is None else _stress(step.stress)),
            '',
            ' VOLUME and BASIS-vectors are now :',
            f'  volume of cell : {abs(determinant(step.lattice)):12.4f}',
            '      direct lattice vectors                 reciprocal lattice vectors',
        ]
        lines += [
            f'{format_vector(direct, "{:14.9f}")} {format_vector(dual, "{:14.9f}")}'
            for direct, dual in zip(step.lattice, reciprocal(step.lattice), strict=True)
        ]
        lines += [
            '',
            f' POSITION{" " * 39}TOTAL-FORCE (eV/Angst)',
            ' ' + '-' * 83,
        ]
        lines += [
            f'{format_vector(multiply(position, step.lattice), "{:13.7f}")}   '
            f'{format_vector(force, "{:15.8f}")}'
            for position, force in zip(step.positions, step.forces, strict=True)
        ]
        drift = [sum(force[axis] for force in step.forces) for axis in range(3)]
        lines += [
            ' ' + '-' * 83,
            f'    total drift:{" " * 24}{format_vector(drift, "{:15.8f}")}',
            '',
            '',
            '  FREE ENERGIE OF THE ION-ELECTRON SYSTEM (eV)',
            '  ---------------------------------------------------',
            f'  free  energy   TOTEN  = {energies.free:20.10f} eV',
            '',
            f'  energy  without entropy={energies.without_entropy:20.10f}'
            f'  energy(sigma->0) ={energies.extrapolated:20.10f}',
            '',
            f'     LOOP+:  cpu time {seconds:10.4f}: real time {seconds:10.4f}',
        ]
        if step.converged:
            lines += ['', ' reached required accuracy - stopping structural energy minimisation']
        self._write([*lines, _RULE])

    def vacuum_levels(self, upper: float, lower: float) -> None:
        """Write the vacuum levels (eV) of both sides of a slab."""
        line = ' vacuum level on the upper side and lower side of the slab  '
        self._write(['', f'{line}{upper:14.3f}{lower:14.3f}'])

    def end(self, seconds: float, kilobytes: int) -> None:
        """Write the final timing, which marks a normal end, and close the file."""
        self._write(
            [
                '',
                f' total amount of memory used by VASP MPI-rank0 {kilobytes:9d}. kBytes',
                '=' * 71,
                '',
                f'   base      : {kilobytes:10d}. kBytes',
                '',
                ' General timing and accounting informations for this job:',
                ' ' + '=' * 56,
                '',
                f'                  Total CPU time used (sec): {seconds:12.3f}',
                f'                            User time (sec): {seconds:12.3f}',
                '                          System time (sec):        0.000',
                f'                         Elapsed time (sec): {seconds:12.3f}',
                '',
                f'                   Maximum memory used (kb): {kilobytes:10d}.',
                '                   Average memory used (kb):          N/A',
                '',
            ]
        )
        self.close()

    def close(self) -> None:
        """Close the file as it is."""
        self._file.close()

    def _write(self, lines: list[str]) -> None:
        self._file.write('\n'.join(lines) + '\n')
        self._file.flush()


def _processes() -> str:
    """Return VASP's line on its processes: one, with the threads that it is told to have."""
    threads = os.environ.get('OMP_NUM_THREADS', '')
    if threads.isdigit() and int(threads) > 1:
        return f' running    1 mpi-ranks, with {int(threads):4d} threads/rank, on    1 nodes'
    return ' executed on the serial version'


def _fermi_level(fermi: float) -> list[str]:
    return ['', f' E-fermi :{fermi:9.4f}     XC(G=0):{0:9.4f}     alpha+bet :{0:9.4f}']


def _electronic(electrons: Electrons, inputs: Inputs) -> list[str]:
    lines = bands_in_outcar(electrons, inputs)
    lorbit = inputs.incar.tags.get('LORBIT', 0)
    if electrons.moments is not None and isinstance(lorbit, int) and lorbit >= 10:
        lines += moments_in_outcar(electrons.moments)
    if electrons.vacuum_levels is not None:
        levels = ''.join(f' {level:14.3f}' for level in electrons.vacuum_levels)
        lines += ['', f' vacuum level on the upper side and lower side of the slab{levels}']
    return lines


def _stress(s: list[Vector]) -> list[str]:
    # In the order XX YY ZZ XY YZ ZX.
    voigt = [s[0][0], s[1][1], s[2][2], s[0][1], s[1][2], s[2][0]]
    pressure = (voigt[0] + voigt[1] + voigt[2]) / 3
    return [
        '',
        '  FORCE on cell =-STRESS in cart. coord.  units (eV):',
        '  Direction    XX          YY          ZZ          XY          YZ          ZX',
        '  in kB     ' + format_vector(voigt, '{:12.5f}'),
        f'  external pressure = {pressure:12.2f} kB  Pullay stress =         0.00 kB',
    ]


def _flag(incar: Incar, tag: str) -> str:
    """Return the value of a switch, ``T`` or ``F``, in the width of a column."""
    return f'{"T" if incar.tags.get(tag) is True else "F":>6s}'
