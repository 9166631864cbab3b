"""γ of Cu (111) and MgO (100) with a machine-learned potential by ASE alone.

Only ASE and the potential are needed: ``python potentials_by_ase.py sevennet MgO 10`` prints γ in
J/m², with which ``potentials.py`` compares the chain.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from ase import Atoms, units
from ase.build import bulk, fcc111
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS

#: The largest force, eV/Å.
FORCE = 1e-4


def crystal_of(name: str) -> Atoms:
    """Return a crystal whose lattice constant is not yet that of the potential."""
    if name == 'Cu':
        return bulk('Cu', 'fcc', a=3.65, cubic=True)
    return bulk('MgO', 'rocksalt', a=4.24, cubic=True)


def calculator_of(model: str) -> Any:
    """Return the calculator of a potential, as its authors document it."""
    if model == 'chgnet':
        from chgnet.model.dynamics import CHGNetCalculator

        return CHGNetCalculator()
    from sevenn.calculator import SevenNetCalculator

    return SevenNetCalculator(model='7net-0')


def main(model: str, name: str, atoms: int) -> float:
    """Return γ (J/m²) of a slab with a number of atoms."""
    calculator = calculator_of(model)
    crystal = crystal_of(name)
    crystal.calc = calculator
    BFGS(FrechetCellFilter(crystal), logfile=None).run(fmax=FORCE, steps=200)
    a = float(crystal.cell.volume ** (1 / 3))
    if name == 'Cu':
        slab = fcc111('Cu', (1, 1, atoms), a=a, vacuum=6.0, periodic=True)
    else:
        slab = rock_salt_100(a, atoms // 2)
    slab.calc = calculator
    BFGS(slab, logfile=None).run(fmax=FORCE, steps=200)
    area = np.linalg.norm(np.cross(*slab.cell[:2]))
    energy = slab.get_potential_energy()
    energy -= len(slab) / len(crystal) * crystal.get_potential_energy()
    return float(energy / (2 * area) / (units.J / units.m**2))


def rock_salt_100(a: float, layers: int) -> Atoms:
    """Return a (100) slab of MgO with two atoms in a layer.

    :param a: the lattice constant, Å.
    """
    side = a / np.sqrt(2)
    slab = Atoms(cell=[side, side, layers * a / 2], pbc=True)
    for layer in range(layers):
        here, there = (0.0, side / 2) if layer % 2 else (side / 2, 0.0)
        height = layer * a / 2
        slab += Atoms('MgO', [[here, here, height], [there, there, height]])
    slab.center(vacuum=6.0, axis=2)
    return slab


if __name__ == '__main__':
    print(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
