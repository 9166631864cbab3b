"""Calculators of ASE that the stand-in for VASP takes by their import path."""

from __future__ import annotations

from typing import Any, ClassVar

from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.emt import EMT
from ase.calculators.lj import LennardJones


def lennard_jones(epsilon: float, sigma: float = 2.34) -> LennardJones:
    """Return a crystal of spheres; it needs an argument, eV."""
    # Smooth where it is cut off, so that relaxations converge.
    return LennardJones(epsilon=epsilon, sigma=sigma, rc=3 * sigma, ro=2 * sigma, smooth=True)


class WithoutStress(EMT):
    """Effective-medium theory without its stress."""

    implemented_properties: ClassVar[list[str]] = ['energy', 'free_energy', 'forces']


class EnergyOnly(EMT):
    """Effective-medium theory without its forces."""

    implemented_properties: ClassVar[list[str]] = ['energy']


class OnlyHelium(Calculator):
    """Raises what a calculator may raise for an element that it does not know."""

    implemented_properties: ClassVar[list[str]] = ['energy', 'forces', 'stress']

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Any = ('energy',),
        system_changes: Any = all_changes,
    ) -> None:
        assert atoms is not None
        raise KeyError(next(symbol for symbol in atoms.symbols if symbol != 'He'))


class RefusesCopper(EMT):
    """Refuses an element as soon as it is given the crystal, as SevenNet does."""

    def set_atoms(self, atoms: Atoms) -> None:
        if 'Cu' in atoms.symbols:
            raise ValueError('Model do not know atomic number: 29')


def no_calculator() -> str:
    """Return something else."""
    return 'a calculator'
