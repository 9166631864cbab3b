"""Namespaces that calculation functions take are ports like others."""

from __future__ import annotations

from typing import Any

import pytest
from aiida.engine import calcfunction
from aiida.orm import Float, Int, ProcessNode, QueryBuilder, StructureData

from aiida_slabrelax.calculations.fit_thicknesses import fit_thicknesses
from aiida_slabrelax.calculations.generate_slabs import generate_slabs
from aiida_slabrelax.calculations.generate_thicknesses import generate_thicknesses
from aiida_slabrelax.calculations.read_settings import read_settings
from aiida_slabrelax.calculations.surface_energies import calculate_surface_energies
from aiida_slabrelax.engine.ports.function_ports import declare_namespaces
from aiida_slabrelax.slab_options import OPTIONS


@calcfunction
def add(first: Int, **namespaces: Any) -> Int:
    """Add what is in the namespaces."""
    values = [node.value for nodes in namespaces.values() for node in nodes.values()]
    return Int(first.value + sum(values))


declare_namespaces(add, {'more': (Int, 'What is added.'), 'nested': (Int, 'More of it.')})


def refusal(**inputs: Any) -> str:
    before = QueryBuilder().append(ProcessNode).count()
    with pytest.raises(ValueError, match=r'.') as refused:
        add(**inputs)
    assert QueryBuilder().append(ProcessNode).count() == before
    return str(refused.value)


def test_a_namespace_has_a_type_and_a_meaning() -> None:
    port = add.spec().inputs['more']
    assert (port.valid_type, port.help, port.dynamic, port.required) == (
        Int,
        'What is added.',
        True,
        False,
    )


@pytest.mark.usefixtures('aiida_profile')
def test_nodes_are_linked_by_namespace_and_name() -> None:
    total, node = add.run_get_node(first=Int(1), more={'a': Int(2), 'b': Int(3)})
    assert total.value == 6
    labels = {link.link_label for link in node.base.links.get_incoming().all()}
    assert labels == {'first', 'more__a', 'more__b'}


@pytest.mark.usefixtures('aiida_profile')
def test_none_is_required() -> None:
    assert add(first=Int(1)).value == 1


@pytest.mark.usefixtures('aiida_profile')
def test_other_names_and_types_are_refused_before_anything_is_stored() -> None:
    assert 'mor' in refusal(first=Int(1), mor={'a': Int(2)})
    assert "'inputs.more.a'" in refusal(first=Int(1), more={'a': Float(2.0)})


@pytest.mark.parametrize(
    ('function', 'names'),
    [
        (generate_slabs, set(OPTIONS)),
        (generate_thicknesses, set(OPTIONS) - {'min_slab_thickness', 'layers'}),
        (fit_thicknesses, {'slabs', 'energies', 'reference_structures', 'reference_energies'}),
        (read_settings, {'bulk', 'slabs', 'unrelaxed', 'oriented', 'references', 'competing'}),
        (calculate_surface_energies, {'slabs', 'energies', 'competing_energies'}),
    ],
)
def test_the_functions_of_the_package_declare_all(function: Any, names: set[str]) -> None:
    ports = function.spec().inputs
    assert names <= set(ports)
    assert not ports.dynamic
    assert all(ports[name].help for name in names)


def test_the_types_of_the_package() -> None:
    assert calculate_surface_energies.spec().inputs['slabs'].valid_type is StructureData
    assert generate_slabs.spec().inputs['symmetrize'].help.startswith('Whether both faces')
