"""Bad input of pre-relaxations is refused with a message, before anything is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.engine import run_get_node
from aiida.orm import Dict, Node, QueryBuilder

from aiida_slabrelax.workflows import SlabRelaxWorkChain
from sample_structures import copper_slab, copper_slabs


@pytest.fixture
def refused(slab_relax_builder: Callable[..., Any]) -> Callable[..., str]:
    """Return a function that runs with changed inputs and returns the message of the refusal."""

    def run(incar: dict[str, Any] | None = None, other: Any = None, **prerelax: Any) -> str:
        builder = slab_relax_builder(slabs=copper_slabs(3), prerelax={'incar': incar})
        inputs = builder._inputs(prune=True)
        inputs['prerelax'] = {**inputs['prerelax'], **prerelax}
        inputs = {**inputs, **(other or {})}
        before = QueryBuilder().append(Node).count()
        with pytest.raises(ValueError, match=r'prerelax|screen') as info:
            run_get_node(SlabRelaxWorkChain, **inputs)
        assert QueryBuilder().append(Node).count() == before
        return str(info.value)

    return run


@pytest.mark.parametrize('isif', [3, 4, 7])
def test_the_cell_stays_as_it_is(refused: Callable[..., str], isif: int) -> None:
    assert f'ISIF = {isif} changes the cell' in refused({'isif': isif})


@pytest.mark.parametrize(
    ('incar', 'message'),
    [
        ({'nsw': 0}, 'a relaxation needs NSW > 1, got 0'),
        ({'ibrion': -1}, 'a relaxation needs IBRION = 1, 2 or 3, got -1'),
    ],
)
def test_the_ions_do_relax(refused: Callable[..., str], incar: Any, message: str) -> None:
    assert message in refused(incar)


def test_the_fixed_sites_are_not_chosen_here(refused: Callable[..., str]) -> None:
    message = refused(dynamics=Dict({'positions_dof': [[True] * 3] * 3}))
    assert 'those of the relaxation, from `fix` or `vasp.dynamics`' in message


def test_each_slab_has_its_own_structure(refused: Callable[..., str]) -> None:
    assert 'structure' in refused(structure=copper_slab(3))


def test_every_kind_needs_a_potential(refused: Callable[..., str]) -> None:
    message = refused(potential_mapping=Dict({'Ag': 'Ag'}))
    assert "`prerelax.potential_mapping` has no entry for the kind 'Cu'" in message


def test_a_name_that_nothing_reads(refused: Callable[..., str]) -> None:
    message = refused(calc={'stuff': Dict({})})
    assert "`prerelax.calc` has no port 'stuff'" in message
