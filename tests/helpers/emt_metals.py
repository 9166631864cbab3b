"""What ASE alone says of metals in effective-medium theory."""

from __future__ import annotations

from ase import Atoms
from ase.build import bulk, fcc100, fcc110, fcc111
from ase.calculators.emt import EMT
from ase.optimize import BFGS
from scipy.optimize import minimize_scalar

Plane = tuple[int, int, int]

SURFACES = {(1, 1, 1): fcc111, (1, 0, 0): fcc100, (1, 1, 0): fcc110}


def energy_of(atoms: Atoms) -> float:
    """Return the energy of a cell in eV."""
    atoms.calc = EMT()
    return float(atoms.get_potential_energy())


def relaxed_energy(atoms: Atoms) -> float:
    """Return the energy of a slab in eV after its relaxation."""
    atoms.calc = EMT()
    BFGS(atoms, logfile=None).run(fmax=1e-4)
    return float(atoms.get_potential_energy())


def lattice_constant(metal: str) -> float:
    """Return the one that EMT has, in Å, so that no slab is strained."""
    start = bulk(metal).cell[0, 1] * 2
    found = minimize_scalar(
        lambda a: energy_of(bulk(metal, 'fcc', a=a)),
        bounds=(0.95 * start, 1.05 * start),
        method='bounded',
        options={'xatol': 1e-7},
    )
    return float(found.x)
