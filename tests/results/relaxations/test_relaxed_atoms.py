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


@pytest.fixture
def relaxed(
    instantiate: Callable[..., Any], end_relaxation: Callable[..., WorkChainNode]
) -> Callable[..., Atoms]:
    """Return a function: a slab of three atoms, relaxed with these results."""

    def make(forces: Any = FORCES, freedom: Sequence[Sequence[bool]] | None = None) -> Atoms:
        process = instantiate(slabs={'cu_3': copper_slab(3)})
        misc = Dict({'total_energies': {'energy_extrapolated': -3.5}, 'forces': forces})
        inputs = {} if freedom is None else {'dynamics': Dict({'positions_dof': freedom})}
        end_relaxation(process, 'cu_3', misc, copper_slab(3), inputs=inputs)
        (slab,) = collect(process.node).slabs
        assert slab.relaxed is not None
        return slab.relaxed

    return make


def test_energy_and_forces(relaxed: Callable[..., Atoms]) -> None:
    atoms = relaxed()
    assert atoms.get_potential_energy() == -3.5
    assert np.array_equal(atoms.get_forces(), FORCES)
    assert atoms.constraints == []


@pytest.mark.parametrize('forces', [None, FORCES[:2]])
def test_forces_that_are_missing_or_those_of_another_cell(
    relaxed: Callable[..., Atoms], forces: Any
) -> None:
    assert list(relaxed(forces).calc.results) == ['energy']


def test_fixed_sites(relaxed: Callable[..., Atoms]) -> None:
    atoms = relaxed(freedom=FREE)
    assert freedom_in(atoms) == FREE
    assert np.array_equal(atoms.get_forces(apply_constraint=False), FORCES)


def test_the_freedom_of_another_cell(relaxed: Callable[..., Atoms]) -> None:
    assert relaxed(freedom=FREE[:2]).constraints == []
