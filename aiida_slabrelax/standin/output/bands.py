"""Real electronic states in vasprun.xml and OUTCAR, as VASP writes them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .states import write_array, write_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..electrons import Electrons
    from ..inputs.reading import Inputs

#: The number of energies of the density of states, and the least width of a state in it (eV).
_POINTS, _LEAST_WIDTH = 301, 0.05


def bands_in_vasprun(electrons: Electrons, inputs: Inputs) -> str:
    """Return the elements ``eigenvalues`` and ``dos`` of an ionic step."""
    states = ''.join(
        write_set(
            f'spin {spin}',
            (
                write_set(f'kpoint {point}', map(_row, zip(energies, filled, strict=True)))
                for point, (energies, filled) in enumerate(zip(*of_spin, strict=True), start=1)
            ),
        )
        for spin, of_spin in enumerate(
            zip(electrons.eigenvalues, electrons.occupations, strict=True), start=1
        )
    )
    total = ''.join(
        write_set(f'spin {spin + 1}', map(_row, _density(electrons, inputs, spin)))
        for spin in range(len(electrons.eigenvalues))
    )
    return (
        f'  <eigenvalues>\n{write_array(["eigene", "occ"], states)}  </eigenvalues>\n'
        f'  <dos>\n   <i name="efermi">{electrons.fermi_level:16.8f} </i>\n   <total>\n'
        f'{write_array(["energy", "total", "integrated"], total)}   </total>\n  </dos>\n'
    )


def _density(
    electrons: Electrons, inputs: Inputs, spin: int
) -> Iterator[tuple[float, float, float]]:
    """Yield energy (eV), density of states (1/eV) and its integral, with Gaussian states."""
    import numpy as np

    width = inputs.incar.tags.get('SIGMA', 0.2)
    width = max(width if isinstance(width, float) else 0.2, _LEAST_WIDTH)
    states = np.array(electrons.eigenvalues)
    weights = np.array(inputs.kpoints.weights)[:, None] * (3 - len(states))
    grid = np.linspace(states.min() - 5 * width, states.max() + 5 * width, _POINTS)
    x = (grid[:, None, None] - states[spin]) / width
    density = (weights * np.exp(-(x**2))).sum((1, 2)) / (width * math.sqrt(math.pi))
    step = np.concatenate([[0.0], (density[1:] + density[:-1]) / 2 * np.diff(grid)])
    yield from zip(grid.tolist(), density.tolist(), np.cumsum(step).tolist(), strict=True)


def _row(numbers: tuple[float, ...]) -> str:
    return f'       <r>{"".join(f" {number:11.4f}" for number in numbers)} </r>\n'


def bands_in_outcar(electrons: Electrons, inputs: Inputs) -> list[str]:
    """Return the lines on Fermi level and bands of an ionic step in OUTCAR."""
    lines = ['', f' E-fermi : {electrons.fermi_level:8.4f}']
    polarised = len(electrons.eigenvalues) == 2
    full = 1.0 if polarised else 2.0
    for spin, (energies, filled) in enumerate(
        zip(electrons.eigenvalues, electrons.occupations, strict=True), start=1
    ):
        lines += ['', f' spin component {spin}'] if polarised else []
        for number, point in enumerate(inputs.kpoints.points):
            lines += [
                '',
                f' k-point {number + 1:5d} :   ' + ''.join(f'{x:10.4f}' for x in point),
                '  band No.  band energies     occupation ',
            ]
            lines += [
                f'{band:7d}  {energy:10.4f}     {full * part:8.5f}'
                for band, (energy, part) in enumerate(
                    zip(energies[number], filled[number], strict=True), start=1
                )
            ]
    return lines


def moments_in_outcar(moments: list[list[float]]) -> list[str]:
    """Return the table of the moments of the ions (μB), by shell."""
    shells = 'spdf'[: len(moments[0])]
    rule = '-' * (10 + 8 * (len(shells) + 1))
    heading = '# of ion  ' + ''.join(f'{shell:>6s}  ' for shell in [*shells, 'tot'])
    lines = ['', '', ' magnetization (x)', '', heading.rstrip(), rule]
    lines += [f'{ion:5d}     {_columns(row)}' for ion, row in enumerate(moments, start=1)]
    if len(moments) > 1:
        total = [sum(column) for column in zip(*moments, strict=True)]
        lines += [rule, f'tot       {_columns(total)}']
    return [*lines, '']


def _columns(by_shell: list[float]) -> str:
    return ''.join(f'{moment:8.3f}' for moment in [*by_shell, sum(by_shell)])
