"""The calculations of a run before it is submitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.orm import Node, QueryBuilder

from aiida_slabrelax.workflows import SlabRelaxWorkChain
from aiida_slabrelax.workflows.slab_relax.dry_run import (
    CannotPlanError,
    PlannedCalculation,
    plan_calculations,
)
from sample_structures import copper_slabs

Plan = Callable[..., dict[str, PlannedCalculation]]


@pytest.fixture
def plan(slab_relax_builder: Callable[..., Any]) -> Plan:
    """Return a function: the calculations of own slabs by label."""

    def make(vasp: dict[str, Any] | None = None, **inputs: Any) -> dict[str, PlannedCalculation]:
        builder = slab_relax_builder(**inputs)
        for name, value in (vasp or {}).items():
            builder.vasp[name] = value
        nodes = SlabRelaxWorkChain.spec().inputs.pre_process(builder._inputs(prune=True))
        planned = plan_calculations(nodes, nodes['slabs'], {})
        return {calculation.label: calculation for calculation in planned}

    return make


def test_nothing_is_stored(plan: Plan) -> None:
    plan(slabs=copper_slabs(3))
    before = QueryBuilder().append(Node).count()
    plan(slabs=copper_slabs(3, 4))
    assert QueryBuilder().append(Node).count() == before


def test_the_files_are_those_of_vasp(plan: Plan) -> None:
    three = plan(slabs=copper_slabs(3))['cu_3']
    assert [line.split() for line in three.files['POSCAR'].splitlines()[5:7]] == [['Cu'], ['3']]
    assert three.incar['NSW'] == '60'
    assert three.files['INCAR'].splitlines() == [
        f'{tag} = {value}' for tag, value in three.incar.items()
    ]
    assert three.files['KPOINTS'].splitlines()[2].startswith('Gamma')
    assert 'vasp_output' in three.script


def test_electrons_potentials_and_mesh(plan: Plan) -> None:
    planned = plan({'kpoints_spacing': 0.05}, slabs=copper_slabs(3, 4))
    assert [planned[label].electrons for label in ('cu_3', 'cu_4')] == [33.0, 44.0]
    assert planned['cu_3'].mesh == planned['cu_4'].mesh
    assert planned['cu_3'].mesh is not None
    assert planned['cu_3'].mesh[2] == 1
    assert planned['cu_3'].symbols == ['Cu']
    assert planned['cu_3'].potentials['Cu'].startswith('PAW_PBE Cu')


def test_fixed_layers_and_overrides_of_a_slab(plan: Plan) -> None:
    planned = plan(
        slabs=copper_slabs(3, 4),
        fix={'layers': 1, 'side': 'bottom'},
        slab_overrides={'cu_4': {'parameters': {'incar': {'algo': 'all'}}}},
    )
    assert [planned[label].n_fixed for label in ('cu_3', 'cu_4')] == [1, 1]
    assert planned['cu_4'].incar['ALGO'] == 'all'
    assert 'ALGO' not in planned['cu_3'].incar


def test_the_dipole_correction(plan: Plan) -> None:
    planned = plan(slabs=copper_slabs(3), dipole_correction='on')
    assert planned['cu_3'].incar['LDIPOL'] == '.TRUE.'
    assert planned['cu_3'].incar['IDIPOL'] == '3'


def test_moments_and_hubbard_u(plan: Plan) -> None:
    mappings = {
        'magmom_mapping': {'Cu': 1.5},
        'ldau_mapping': {'mapping': {'Cu': ['d', 4.0]}},
    }
    incar = plan(mappings, slabs=copper_slabs(3))['cu_3'].incar
    assert incar['MAGMOM'] == '1.5 1.5 1.5'
    assert incar['ISPIN'] == '2'
    assert (incar['LDAUL'], incar['LDAUU']) == ('2', '4.0')


def test_what_aiida_vasp_refuses_is_named(plan: Plan) -> None:
    with pytest.raises(CannotPlanError, match=r'^cu_3: '):
        plan({'potential_mapping': {'Cu': 'Cu_x'}}, slabs=copper_slabs(3))
