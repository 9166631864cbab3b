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


class Tearing(EMT):
    """Effective-medium theory that tears the last atom off a crystal of so many atoms."""

    def __init__(self, atoms: int, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._torn, self._target = atoms, 0.0

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Any = ('energy',),
        system_changes: Any = all_changes,
    ) -> None:
        super().calculate(atoms, properties, system_changes)
        assert atoms is not None
        if len(atoms) != self._torn:
            return
        height = atoms.positions[-1, 2] - atoms.positions[:-1, 2].mean()
        self._target = self._target or height + 3.0
        stretched = height - self._target
        self.results['energy'] += 10.0 * stretched**2
        self.results['forces'][-1, 2] -= 20.0 * stretched
        self.results['forces'][:-1, 2] += 20.0 * stretched / (len(atoms) - 1)


def no_calculator() -> str:
    """Return something else."""
    return 'a calculator'
