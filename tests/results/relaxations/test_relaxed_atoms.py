"""A relaxed slab has the energy, the forces, the moments and the fixed sites of its last step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from aiida.orm import Dict, WorkChainNode
from ase import Atoms

from aiida_slabrelax.results import collect
from aiida_slabrelax.surfaces.slabs.freedom import freedom_in
from sample_structures import copper_slab

FORCES = [[0.0, 0.0, 0.1], [0.0, 0.0, 0.0], [0.0, 0.0, -0.1]]
FREE = [[False] * 3, [True, True, False], [True] * 3]


#: The forces and the freedom of slabs of three atoms, by their labels.
RESULTS: dict[str, tuple[Any, Sequence[Sequence[bool]] | None]] = {
    'free': (FORCES, None),
    'no_forces': (None, None),
    'forces_of_two': (FORCES[:2], None),
    'fixed': (FORCES, FREE),
    'freedom_of_two': (FORCES, FREE[:2]),
}


@pytest.fixture(scope='module')
def relaxed(
    instantiate_for_all: Callable[..., Any], end_relaxation: Callable[..., WorkChainNode]
) -> dict[str, Atoms]:
    """The slabs of a run that has relaxed them with these results."""
    process = instantiate_for_all(slabs={label: copper_slab(3) for label in RESULTS})
    for label, (forces, freedom) in RESULTS.items():
        misc = Dict({'total_energies': {'energy_extrapolated': -3.5}, 'forces': forces})
        inputs = {} if freedom is None else {'dynamics': Dict({'positions_dof': freedom})}
        end_relaxation(process, label, misc, copper_slab(3), inputs=inputs)
    found = {slab.label: slab.relaxed for slab in collect(process.node).slabs}
    return {label: atoms for label, atoms in found.items() if atoms is not None}


def test_energy_and_forces(relaxed: dict[str, Atoms]) -> None:
    atoms = relaxed['free']
    assert atoms.get_potential_energy() == -3.5
    assert np.array_equal(atoms.get_forces(), FORCES)
    assert atoms.constraints == []


@pytest.mark.parametrize('label', ['no_forces', 'forces_of_two'])
def test_forces_that_are_missing_or_those_of_another_cell(
    relaxed: dict[str, Atoms], label: str
) -> None:
    assert list(relaxed[label].calc.results) == ['energy']


def test_fixed_sites(relaxed: dict[str, Atoms]) -> None:
    atoms = relaxed['fixed']
    assert freedom_in(atoms) == FREE
    assert np.array_equal(atoms.get_forces(apply_constraint=False), FORCES)


def test_the_freedom_of_another_cell(relaxed: dict[str, Atoms]) -> None:
    assert relaxed['freedom_of_two'].constraints == []
