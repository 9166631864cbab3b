"""Surface energies of metals through the whole workflow, against ASE alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
from aiida.engine import run_get_node
from aiida.orm import ProcessNode
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.optimize import BFGS
from pymatgen.analysis.wulff import WulffShape
from pymatgen.core.lattice import Lattice
from scipy import constants
from scipy.spatial import ConvexHull, HalfspaceIntersection

from aiida_slabrelax.workflows.surface_energies.workflow import SurfaceEnergiesWorkChain
from emt_metals import SURFACES, Plane, energy_of, lattice_constant
from process_tree import stand


def by_ase(metal: str, plane: Plane, layers: int) -> float:
    """Return γ (J/m²) of a relaxed slab, from ASE's own bulk, slab, area and units."""
    a = lattice_constant(metal)
    slab = SURFACES[plane](metal, (1, 1, layers), a=a, vacuum=6.0, periodic=True)
    slab.calc = EMT()
    BFGS(slab, logfile=None).run(fmax=1e-5)
    area = np.linalg.norm(np.cross(*slab.cell[:2]))
    energy = slab.get_potential_energy() - layers * energy_of(bulk(metal, 'fcc', a=a))
    return float(energy / (2 * area) * constants.e / constants.angstrom**2)


def wulff_fractions(energies: Mapping[Plane, float]) -> dict[Plane, float]:
    """Return the share of each family of planes of a cubic crystal in the surface of its shape."""
    normals, distances, families = [], [], []
    for family, energy in energies.items():
        signed = product(*({index, -index} for index in family))
        for plane in sorted({other for one in signed for other in permutations(one)}):
            normals.append(np.array(plane) / np.linalg.norm(plane))
            distances.append(energy)
            families.append(family)
    halfspaces = np.column_stack([normals, -np.array(distances)])
    corners = HalfspaceIntersection(halfspaces, np.zeros(3)).intersections
    hull = ConvexHull(np.unique(np.round(corners, 9), axis=0))
    areas: dict[Plane, float] = defaultdict(float)
    for simplex, (*normal, _) in zip(hull.simplices, hull.equations, strict=True):
        first, second, third = hull.points[simplex]
        nearest = int(np.argmax(np.array(normals) @ normal))
        areas[families[nearest]] += float(np.linalg.norm(np.cross(second - first, third - first)))
    total = sum(areas.values())
    return {family: areas[family] / total for family in energies}


# That others too relax as in ASE, and what their energies amount to: tests/standin/test_relax.py,
# tests/energetics/test_metals.py.
@pytest.mark.parametrize('metal', ['Al', 'Pt'])
def test_the_whole_chain_gives_what_ase_gives(
    metal: str, metal_inputs: Callable[..., dict[str, Any]]
) -> None:
    inputs = metal_inputs(metal)
    _, node = run_get_node(
        SurfaceEnergiesWorkChain, **inputs, miller_indices=[list(surface) for surface in SURFACES]
    )
    assert (node.exit_status, node.exit_message) == (0, None), stand(node)
    assert node.outputs.refused.get_dict() == {}
    energies = read_energies(node)
    assert energies.keys() == SURFACES.keys()
    for plane, (energy, layers) in energies.items():
        assert energy == pytest.approx(by_ase(metal, plane, layers), abs=1e-5, rel=0)
    found = {plane: energy for plane, (energy, _) in energies.items()}
    assert 0 < found[1, 1, 1] < found[1, 0, 0] < found[1, 1, 0]

    shape = WulffShape(Lattice(node.outputs.relaxed_bulk.cell), list(found), list(found.values()))
    assert shape.area_fraction_dict == pytest.approx(wulff_fractions(found), abs=1e-6)


def read_energies(node: ProcessNode) -> dict[Plane, tuple[float, int]]:
    """Return γ (J/m²) and the number of atoms of the slab, by plane."""
    found = {}
    terminations = node.outputs.terminations.get_dict()
    for label, gamma in node.outputs.surface_energies.get_dict().items():
        h, k, l = terminations[label]['miller_indices']
        assert gamma['meaning'] == 'of either face'
        found[h, k, l] = gamma['constant']['J/m²'], terminations[label]['n_atoms']
    return found
