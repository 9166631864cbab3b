"""Simulated electronic states for vasprun.xml: the models have none, but readers expect them.

Only the form is VASP's: the number of columns and their names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..inputs.reading import Inputs

#: The columns for orbitals summed by shell, and for single orbitals.
_SHELLS = ('s', 'p', 'd', 'f')
_ORBITALS = (
    *('s', 'py', 'pz', 'px', 'dxy', 'dyz', 'dz2', 'dxz', 'x2-y2'),
    *('fy3x2', 'fxyz', 'fyz2', 'fz3', 'fxz2', 'fzx2', 'fx3'),
)

#: The energies (eV) of the density of states.
_ENERGIES = [-5.0 + step for step in range(11)]


def write_states(inputs: Inputs, kind: str, columns: int) -> str:
    """Return the bands of a calculation, with densities of states or projections of its sites.

    :param kind: ``dos`` for densities of states, ``projected`` for projections.
    :param columns: the number of columns in the tables of the sites; for ``dos`` the first column
        is the energy.
    """
    orbitals = columns - 1 if kind == 'dos' else columns
    names = _SHELLS[:orbitals] if orbitals <= len(_SHELLS) else _ORBITALS[:orbitals]
    spins = 2 if inputs.incar.tags.get('ISPIN') == 2 else 1
    write = _dos if kind == 'dos' else _projected
    return f'  <eigenvalues>\n{_bands(inputs, spins)}  </eigenvalues>\n' + write(
        inputs, names, spins
    )


def _dos(inputs: Inputs, names: Iterable[str], spins: int) -> str:
    names = list(names)
    total = ''.join(
        write_set(
            f'spin {spin}', (_row([energy, 1.0, step]) for step, energy in enumerate(_ENERGIES))
        )
        for spin in range(1, spins + 1)
    )
    partial = ''.join(
        write_set(
            f'ion {ion}',
            (
                write_set(
                    f'spin {spin}',
                    (
                        _row([energy, *(ion + 0.01 * number for number in range(len(names)))])
                        for energy in _ENERGIES
                    ),
                )
                for spin in range(1, spins + 1)
            ),
        )
        for ion in range(1, sum(inputs.structure.counts) + 1)
    )
    return (
        '  <dos>\n   <i name="efermi">      1.50000000 </i>\n'
        f'   <total>\n{write_array(["energy", "total", "integrated"], total)}   </total>\n'
        f'   <partial>\n{write_array(["energy", *names], partial)}   </partial>\n  </dos>\n'
    )


def _projected(inputs: Inputs, names: Iterable[str], spins: int) -> str:
    names = list(names)
    ions = range(1, sum(inputs.structure.counts) + 1)
    values = ''.join(
        write_set(
            f'spin{spin}',
            (
                write_set(
                    f'kpoint {kpoint}',
                    (
                        write_set(
                            f'band {band}',
                            (_row([0.01 * ion] * len(names)) for ion in ions),
                        )
                        for band in range(1, inputs.bands + 1)
                    ),
                )
                for kpoint in range(1, len(inputs.kpoints.points) + 1)
            ),
        )
        for spin in range(1, spins + 1)
    )
    return (
        f'  <projected>\n   <eigenvalues>\n{_bands(inputs, spins)}   </eigenvalues>\n'
        f'{write_array(names, values)}  </projected>\n'
    )


def _bands(inputs: Inputs, spins: int) -> str:
    occupied = inputs.electrons / 2
    values = ''.join(
        write_set(
            f'spin {spin}',
            (
                write_set(
                    f'kpoint {kpoint}',
                    (
                        _row([-5.0 + 0.5 * band, 1.0 if band < occupied else 0.0])
                        for band in range(inputs.bands)
                    ),
                )
                for kpoint in range(1, len(inputs.kpoints.points) + 1)
            ),
        )
        for spin in range(1, spins + 1)
    )
    return write_array(['eigene', 'occ'], values)


def write_array(fields: Iterable[str], rows: str) -> str:
    """Return an array of vasprun.xml with the names of its columns."""
    names = ''.join(f'     <field>{name:^5s}</field>\n' for name in fields)
    return f'    <array>\n{names}     <set>\n{rows}     </set>\n    </array>\n'


def write_set(comment: str, rows: Iterable[str]) -> str:
    """Return a set of rows, or of sets, of an array."""
    return f'      <set comment="{comment}">\n{"".join(rows)}      </set>\n'


def _row(numbers: Iterable[float]) -> str:
    return f'       <r>{"".join(f"{number:12.4f}" for number in numbers)} </r>\n'
