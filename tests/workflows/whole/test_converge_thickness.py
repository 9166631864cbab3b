"""γ against thickness, through the whole workflow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.engine import run_get_node
from aiida.orm import ProcessNode

from aiida_slabrelax.durable import replay
from aiida_slabrelax.standin.models import BULK_ERROR, FACE
from aiida_slabrelax.workflows.surface_energies.converge_thickness import ConvergeThicknessWorkChain
from process_tree import stand

#: In Å; the last two give the same slab.
THICKNESSES = [5.0, 9.0, 13.0, 13.1]


@pytest.fixture(scope='module')
def run(metal_inputs: Callable[..., dict[str, Any]]) -> ProcessNode:
    """Cu (100) with a bulk whose energy is 1 meV an atom off."""
    inputs = metal_inputs('Cu', environment={'VASP_STANDIN_MODEL': 'linear'})
    _, node = run_get_node(
        ConvergeThicknessWorkChain, **inputs, miller_indices=[1, 0, 0], thicknesses=THICKNESSES
    )
    assert (node.exit_status, node.exit_message) == (0, None), stand(node)
    return node


def test_the_plain_energy_drifts_and_the_fitted_one_does_not(run: ProcessNode) -> None:
    followed = run.outputs.convergence.get_dict()
    ((identity, found),) = followed.items()
    assert identity == 'Cu'
    plain = run.outputs.surface_energies.get_dict()
    assert found['labels'] == ['slab_00_4', 'slab_00_6', 'slab_00_9']
    assert sorted(plain) == found['labels']
    area = run.outputs.terminations['slab_00_4']['area']
    for label, n_atoms in zip(found['labels'], found['n_atoms'], strict=True):
        drift = plain[label]['constant']['eV/Å²'] - FACE
        assert drift == pytest.approx(n_atoms * BULK_ERROR / (2 * area), abs=1e-8)
    fit = found['fit']
    assert fit['surface_energy']['constant']['eV/Å²'] == pytest.approx(FACE, abs=1e-8)
    assert fit['standard_error']['eV/Å²'] == pytest.approx(0, abs=1e-8)
    assert found['bulk_energy_less_fit'] == {
        'eV per formula unit': pytest.approx(-BULK_ERROR, abs=1e-8)
    }


def test_it_agrees_with_its_provenance(run: ProcessNode) -> None:
    replay(run)
