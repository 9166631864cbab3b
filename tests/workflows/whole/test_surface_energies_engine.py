"""Surface energies with a calculator of ASE behind the stand-in, against ASE alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aiida.engine import run_get_node
from ase import units
from ase.build import bulk, fcc111
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS

from aiida_slabrelax.results.relaxations.programs import programs_of_run
from aiida_slabrelax.workflows.surface_energies.workflow import SurfaceEnergiesWorkChain
from ase_calculators import lennard_jones
from process_tree import stand

#: The tags without which aiida-vasp's protocol asks for spin and a functional.
WITHOUT_PHYSICS = {'ispin': 1, 'gga': '--'}
VARIABLES = {
    'VASP_STANDIN_MODEL': 'ase',
    'VASP_STANDIN_CALCULATOR': 'ase_calculators:lennard_jones',
    'VASP_STANDIN_ARGUMENTS': '{"epsilon": 0.4}',
}


def by_ase(layers: int) -> float:
    """Return γ (J/m²) of a (111) slab by ASE alone."""
    crystal = bulk('Cu', cubic=True)
    crystal.calc = lennard_jones(0.4)
    BFGS(FrechetCellFilter(crystal), logfile=None).run(fmax=1e-5)
    a = crystal.cell.volume ** (1 / 3)
    slab = fcc111('Cu', (1, 1, layers), a=a, vacuum=8.0, periodic=True)
    slab.calc = lennard_jones(0.4)
    BFGS(slab, logfile=None).run(fmax=1e-5)
    energy = slab.get_potential_energy() - layers * crystal.get_potential_energy() / len(crystal)
    area = np.linalg.norm(np.cross(*slab.cell[:2]))
    return float(energy / (2 * area) / (units.J / units.m**2))


def test_the_chain_gives_what_ase_gives(metal_inputs: Callable[..., dict[str, Any]]) -> None:
    inputs = metal_inputs('Cu', environment=VARIABLES, incar={**WITHOUT_PHYSICS, 'ediffg': -1e-5})
    _, node = run_get_node(SurfaceEnergiesWorkChain, **inputs, miller_indices=[1, 1, 1])
    assert (node.exit_status, node.exit_message) == (0, None), stand(node)
    ((label, gamma),) = node.outputs.surface_energies.get_dict().items()
    layers = node.outputs.terminations.get_dict()[label]['n_atoms']
    assert gamma['constant']['J/m²'] == pytest.approx(by_ase(layers), abs=1e-5, rel=0)
    assert programs_of_run(node) == [
        'ase_calculators:lennard_jones {"epsilon": 0.4} by vasp-standin'
    ]


def test_physics_that_the_calculator_does_not_have_is_named(
    metal_inputs: Callable[..., dict[str, Any]],
) -> None:
    inputs = metal_inputs('Cu', environment=VARIABLES)
    _, node = run_get_node(SurfaceEnergiesWorkChain, **inputs, miller_indices=[1, 1, 1])
    assert node.exit_status != 0
    assert 'NO SUCH PHYSICS' in (node.exit_message or ''), node.exit_message
