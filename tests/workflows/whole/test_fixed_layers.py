"""Fixed layers and the dipole correction, in the files of VASP and in its results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aiida.orm import CalcJobNode, StructureData, WorkChainNode

from sample_structures import copper_slab

Relax = Callable[..., WorkChainNode]


def silver_on_copper() -> StructureData:
    """Four layers of Cu (100) and one of Ag: two different faces."""
    atoms = copper_slab(5).get_ase()
    atoms.symbols[int(np.argmax(atoms.positions[:, 2]))] = 'Ag'
    atoms.set_masses('defaults')
    return StructureData(ase=atoms)


@pytest.fixture(scope='module')
def run(daemon_client: Any, slab_relax_builder: Callable[..., Any]) -> WorkChainNode:
    """A symmetric and an asymmetric slab, each with two layers fixed by rule."""
    from aiida.engine import run_get_node

    builder = slab_relax_builder(
        slabs={'symmetric': copper_slab(6), 'asymmetric': silver_on_copper()}, fix={'layers': 2}
    )
    return run_get_node(builder)[1]


def incar(run: WorkChainNode, label: str) -> dict[str, str]:
    """The tags in the INCAR that was sent for a slab."""
    relaxation = run.base.links.get_outgoing(link_label_filter=label).one().node
    calculation = next(child for child in relaxation.called if isinstance(child, CalcJobNode))
    text = calculation.base.repository.get_object_content('INCAR')
    tags = (line.split('=', 1) for line in text.splitlines() if '=' in line)
    return {tag.strip().upper(): value.strip() for tag, value in tags}


@pytest.mark.parametrize(
    ('label', 'fixed'), [('symmetric', [2, 3]), ('asymmetric', [0, 1])], ids=['middle', 'bottom']
)
def test_fixed_atoms_stay_and_free_ones_move(
    run: WorkChainNode, label: str, fixed: list[int]
) -> None:
    assert (run.exit_status, run.exit_message) == (0, None)
    before = run.inputs.slabs[label].get_ase()
    after = run.outputs.relaxed_slabs[label].get_ase()
    moved = np.abs(after.positions - before.positions).max(axis=1)
    layers = np.argsort(np.argsort(before.positions[:, 2]))
    stays = np.isin(layers, fixed)
    assert moved[stays].max() < 1e-6
    assert moved[~stays].min() > 1e-3


def test_the_dipole_of_an_asymmetric_slab_is_corrected(run: WorkChainNode) -> None:
    tags = incar(run, 'asymmetric')
    assert (tags['IDIPOL'], tags['LDIPOL']) == ('3', '.TRUE.')
    slab = run.inputs.slabs.asymmetric.get_ase()
    centre = slab.cell.scaled_positions(slab.get_center_of_mass()[np.newaxis])[0]
    assert float(tags['DIPOL'].split()[2]) == pytest.approx(centre[2], abs=1e-5)


def test_that_of_a_symmetric_one_is_not(run: WorkChainNode) -> None:
    assert {'IDIPOL', 'LDIPOL', 'DIPOL'}.isdisjoint(incar(run, 'symmetric'))
