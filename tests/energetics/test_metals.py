"""Surface energies of metals against slabs that ASE builds and computes."""

import numpy as np
import pytest
from ase.build import bulk
from pymatgen.io.ase import AseAtomsAdaptor
from scipy import constants

from aiida_slabrelax.energetics import Phase, Slab, surface_energy
from aiida_slabrelax.surfaces import SlabOptions, find_terminations
from emt_metals import SURFACES, energy_of, lattice_constant

LAYERS = 12


def by_ase(metal: str, a: float, plane: tuple[int, int, int]) -> float:
    """Return γ in J/m², from ASE's own slab, area and units."""
    slab = SURFACES[plane](metal, (1, 1, LAYERS), a=a, vacuum=8.0, periodic=True)
    area = np.linalg.norm(np.cross(*slab.cell[:2]))
    cell = bulk(metal, 'fcc', a=a)
    energy = energy_of(slab) - len(slab) * energy_of(cell)
    return float(energy / (2 * area) * constants.e / constants.angstrom**2)


def by_us(metal: str, a: float, plane: tuple[int, int, int]) -> float:
    """Return γ in J/m², from the exact generator and the conventional cell as the bulk."""
    crystal = bulk(metal, 'fcc', a=a, cubic=True)
    structure = AseAtomsAdaptor.get_structure(crystal)
    spacing = a / np.linalg.norm(plane) / (1 if plane == (1, 1, 1) else 2)
    options = SlabOptions((LAYERS - 1) * spacing, 16.0)
    (termination,) = find_terminations(structure, list(plane), options)
    assert termination.n_atoms == LAYERS
    atoms = AseAtomsAdaptor.get_atoms(termination.structure)
    gamma = surface_energy(
        Slab({metal: len(atoms)}, energy_of(atoms), termination.area, termination.is_symmetric),
        Phase({metal: len(crystal)}, energy_of(crystal)),
    )
    assert gamma.meaning == 'of either face'
    return float(gamma.at().j_per_m2)


@pytest.mark.parametrize('metal', ['Al', 'Ni', 'Cu', 'Pd', 'Ag', 'Pt', 'Au'])
def test_the_denser_the_plane_the_lower_its_energy(metal):
    a = lattice_constant(metal)
    energies = {plane: by_us(metal, a, plane) for plane in SURFACES}
    assert 0 < energies[1, 1, 1] < energies[1, 0, 0] < energies[1, 1, 0]
    for plane, energy in energies.items():
        assert energy == pytest.approx(by_ase(metal, a, plane), abs=1e-5, rel=0)
