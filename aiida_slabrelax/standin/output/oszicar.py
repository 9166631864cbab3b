"""OSZICAR, and the same lines on standard output: one for each iteration and each ionic step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from ..electrons import ElectronicIteration
    from ..relax import IonicStep

_HEADING = (
    '       N       E                     dE             d eps       ncg     rms          rms(c)'
)


class OszicarWriter:
    """Writes the progress of a run, flushing after each line.

    :param files: the files to write: OSZICAR and standard output.
    """

    def __init__(self, files: Iterable[TextIO]) -> None:
        self._files = list(files)
        self._first: float | None = None

    def begin_step(self) -> None:
        """Write the heading of an ionic step."""
        self._write(_HEADING)

    def iteration(self, iteration: ElectronicIteration) -> None:
        """Write an electronic iteration."""
        change = iteration.change
        self._write(
            f'DAV: {iteration.number:3d}   {fortran(iteration.energy)}   {fortran(change, 5)}'
            f'  {fortran(change, 5)} {0:5d} {abs(change):10.3E}'
        )

    def step(self, number: int, step: IonicStep) -> None:
        """Write the energies of an ionic step; ``d E`` is relative to the first step."""
        electrons = step.electrons
        free = step.energy if electrons is None else electrons.energies.free
        self._first = free if self._first is None else self._first
        line = (
            f'{number:4d} F= {fortran(free, 8)} E0= {fortran(step.energy, 8)}'
            f'  d E ={fortran(free - self._first, 6)}'
        )
        if electrons is not None and electrons.moment is not None:
            line += f'  mag= {electrons.moment:10.4f}'
        self._write(line)

    def _write(self, line: str) -> None:
        for file in self._files:
            file.write(line + '\n')
            file.flush()


def fortran(number: float, digits: int = 12) -> str:
    """Write a number in Fortran's E format: ``-.12345678E+02``."""
    mantissa, exponent = f'{number:.{digits - 1}E}'.split('E')
    sign = '-' if mantissa.startswith('-') else '0'
    figures = mantissa.lstrip('-').replace('.', '')
    return f'{sign}.{figures}E{int(exponent) + (number != 0):+03d}'
