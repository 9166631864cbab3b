"""Inputs without a port are named, with the nearest name that has one; none is lost in silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.engine import run_get_node
from aiida.orm import Bool, Dict, InstalledCode, Node, QueryBuilder, StructureData

from aiida_slabrelax.engine.ports.port_names import describe_unknown
from aiida_slabrelax.workflows import SlabRelaxWorkChain
from aiida_slabrelax.workflows.slab_relax.protocols import vasp_protocol_inputs
from aiida_slabrelax.workflows.slab_relax.slab_overrides import merge_inputs
from aiida_slabrelax.workflows.surface_energies.checks import check_calculations
from sample_structures import copper_slabs

Build = Callable[..., Any]

#: What a user may write below `vasp`, and what is said to it.
MISTAKES = [
    ({'parametrs': {'incar': {}}}, "`vasp` has no port 'parametrs'; the nearest is 'parameters'"),
    ({'quite_else': 1}, "`vasp` has no port 'quite_else'"),
    (
        {'calc': {'metdata': {'options': {}}}},
        "`vasp.calc` has no port 'metdata'; the nearest is 'metadata'",
    ),
    (
        {'calc': {'metadata': {'option': {}}}},
        "`vasp.calc.metadata` has no port 'option'; the nearest is 'options'",
    ),
    (
        {'calc': {'metadata': {'options': {'queue': 'long'}}}},
        "`vasp.calc.metadata.options` has no port 'queue'; the nearest is 'queue_name'",
    ),
    (
        {'calc': {'metadata': {'options': {'stash': {'target': '/'}}}}},
        "`vasp.calc.metadata.options.stash` has no port 'target'; the nearest is 'target_base'",
    ),
    ({'potentials': {}}, "`vasp` has no port 'potentials'; the nearest is 'potential'"),
]


def refused(inputs: dict[str, Any]) -> str:
    """Return the message of the refusal; nothing may have been stored."""
    before = QueryBuilder().append(Node).count()
    with pytest.raises((TypeError, ValueError), match='inputs') as refusal:
        run_get_node(SlabRelaxWorkChain, **inputs)
    assert QueryBuilder().append(Node).count() == before
    return str(refusal.value)


@pytest.mark.parametrize(('changes', 'message'), MISTAKES)
def test_overrides_of_a_protocol(
    vasp_code: InstalledCode, copper: StructureData, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=r'^.+$') as refusal:
        SlabRelaxWorkChain.get_builder_from_protocol(
            vasp_code, copper, miller_indices=[1, 0, 0], overrides={'vasp': changes}
        )
    assert str(refusal.value) == message


@pytest.mark.parametrize(('changes', 'message'), MISTAKES)
def test_overrides_of_the_surface_energies(
    vasp_code: InstalledCode, copper: StructureData, changes: dict[str, Any], message: str
) -> None:
    cut = {'miller_indices': [1, 0, 0]}
    given = {'vasp': changes}
    assert check_calculations(vasp_code, copper, cut, 'balanced', given, None, None) == message


@pytest.mark.parametrize(('changes', 'message'), MISTAKES)
def test_overrides_of_slabs(
    slab_relax_builder: Build, changes: dict[str, Any], message: str
) -> None:
    inputs = slab_relax_builder(slabs=copper_slabs(3))._inputs(prune=True)
    with pytest.raises(ValueError, match=r'^.+$') as refusal:
        merge_inputs(inputs['vasp'], changes)
    assert str(refusal.value) == message
    assert message in refused({**inputs, 'slab_overrides': Dict({'cu_3': changes})})


@pytest.mark.parametrize(
    ('place', 'name', 'message'),
    [
        ((), 'clean_workdirs', "`vasp` has no port 'clean_workdirs'; the nearest is"),
        ((), 'structure', "`vasp` has no port 'structure'"),
        (('calc',), 'monitors', "`vasp.calc` has no port 'monitors'"),
    ],
)
def test_nodes_where_aiida_takes_any(
    slab_relax_builder: Build, place: tuple[str, ...], name: str, message: str
) -> None:
    """Its namespaces of calculations are dynamic; what has no port there is read by nobody."""
    inputs = slab_relax_builder(slabs=copper_slabs(3))._inputs(prune=True)
    namespace = inputs['vasp']
    for part in place:
        namespace = namespace[part]
    namespace[name] = Bool(True)
    assert message in refused(inputs)


def test_an_input_of_the_work_chain(vasp_code: InstalledCode, copper: StructureData) -> None:
    with pytest.raises(ValueError, match=r'^.+$') as refusal:
        SlabRelaxWorkChain.get_builder_from_protocol(
            vasp_code, copper, miller_indices=[1, 0, 0], overrides={'max_atom': 10}
        )
    message = "`overrides`: there is no input 'max_atom'; the nearest is 'max_atoms'"
    assert str(refusal.value) == message


def test_names_are_free_where_labels_and_kinds_are() -> None:
    ports = SlabRelaxWorkChain.spec().inputs
    values = {
        'slabs': {'mine': None},
        'vasp': {'potential': {'Cu': None}, 'monitors': {'mine': None}},
        'previous': {'misc': {'mine': None}},
    }
    assert describe_unknown(values, ports, '') is None
    assert describe_unknown({'previous': {'miscs': {}}}, ports, '') == (
        "`previous` has no port 'miscs'; the nearest is 'misc'"
    )


def test_what_the_protocol_of_aiida_vasp_does_not_look_at(
    vasp_code: InstalledCode, copper: StructureData, potential_family: str
) -> None:
    """It was lost in silence."""
    changes = {
        'potential_family': potential_family,
        'keep_last_workdir': True,
        'max_iterations': 7,
        'on_unhandled_failure': 'restart_once',
        'handler_overrides': {'handler_electronic_conv': {'enabled': False}},
        'meta_parameters': {'ediff_per_atom': 1e-5},
        'dynamics': None,
    }
    inputs = vasp_protocol_inputs(vasp_code, [copper], changes, {})
    assert inputs['keep_last_workdir'].value is True
    assert inputs['max_iterations'].value == 7
    assert inputs['on_unhandled_failure'].value == 'restart_once'
    assert inputs['handler_overrides'].get_dict() == changes['handler_overrides']
    assert 'dynamics' not in inputs


@pytest.mark.parametrize('name', ['structure', 'remote_folder', 'metadata', 'potential'])
def test_inputs_that_a_protocol_does_not_accept(
    vasp_code: InstalledCode, copper: StructureData, potential_family: str, name: str
) -> None:
    changes = {'potential_family': potential_family, name: {}}
    with pytest.raises(ValueError, match=f'`{name}` cannot be overridden'):
        vasp_protocol_inputs(vasp_code, [copper], changes, {})
