"""The moments of a crystal in the inputs of its slabs: one source of MAGMOM, and what is told."""

from __future__ import annotations

from typing import Any

import pytest
from aiida.orm import Dict, InstalledCode, StructureData

from aiida_slabrelax.calculations.structures import as_structure_data
from aiida_slabrelax.parsers.kinds import moments_of
from aiida_slabrelax.workflows import SlabRelaxWorkChain
from aiida_slabrelax.workflows.vasp.moments import (
    describe_start,
    mapping_for,
    needs_vectors,
    warn_about_moments,
)
from magnetic_crystals import antiferromagnetic_nickel_oxide
from sample_structures import nickel_oxide

pytestmark = pytest.mark.usefixtures('aiida_profile')


@pytest.fixture
def crystal() -> StructureData:
    return as_structure_data(antiferromagnetic_nickel_oxide(), 'structure')


def test_a_node_keeps_its_moments(crystal: StructureData) -> None:
    moments = {'Ni1': 2.0, 'Ni2': -2.0, 'O': 0.0}
    assert moments_of(crystal) == moments
    assert moments_of(crystal.clone()) == moments
    assert moments_of(crystal.store()) == moments


def test_atoms_of_ase_make_the_same_node(crystal: StructureData) -> None:
    atoms = antiferromagnetic_nickel_oxide().to_ase_atoms()
    node = as_structure_data(atoms, 'structure')
    assert moments_of(node) == moments_of(crystal)
    assert node.get_site_kindnames() == crystal.get_site_kindnames()


@pytest.mark.usefixtures('potential_family')
@pytest.mark.parametrize(
    ('given', 'expected'),
    [
        ({}, {'Ni1': 2.0, 'Ni2': -2.0}),
        ({'Ni': 3.0}, {'Ni1': 2.0, 'Ni2': -2.0}),
        ({'Ni1': 1.5}, {'Ni1': 1.5, 'Ni2': -2.0}),
    ],
)
def test_the_protocol_begins_with_the_moments_of_the_crystal(
    vasp_code: InstalledCode,
    crystal: StructureData,
    given: dict[str, float],
    expected: dict[str, float],
) -> None:
    builder = SlabRelaxWorkChain.get_builder_from_protocol(
        vasp_code,
        crystal,
        miller_indices=[1, 0, 0],
        overrides={'vasp': {'potential_family': 'standin', 'magmom_mapping': given}},
        options={'resources': {'num_machines': 1}},
    )
    mapping = builder.vasp.magmom_mapping.get_dict()
    assert {name: mapping[name] for name in expected} == expected


@pytest.mark.parametrize(
    ('incar', 'mapping', 'expected'),
    [
        ({}, None, {'Ni1': 2.0, 'Ni2': -2.0, 'O': 0.0}),
        ({}, {'Ni1': 3.0}, {'Ni1': 3.0, 'Ni2': -2.0, 'O': 0.0}),
        ({'magmom': [1.0]}, {'Ni1': 3.0}, None),
        ({'ispin': 1}, None, None),
        ({'lsorbit': True}, None, None),
    ],
)
def test_one_source_of_magmom(
    crystal: StructureData, incar: dict[str, Any], mapping: Any, expected: Any
) -> None:
    assert mapping_for(crystal, incar, mapping) == expected


def test_vectors_are_needed(crystal: StructureData) -> None:
    assert needs_vectors(crystal, {'lsorbit': True}, None)
    assert not needs_vectors(crystal, {'lsorbit': True, 'magmom': [0.0] * 24}, None)
    assert not needs_vectors(crystal, {}, None)
    assert needs_vectors(nickel_oxide(), {'lnoncollinear': True}, {'Ni1': 1.0})


def test_what_is_told_of_moments(crystal: StructureData) -> None:
    vasp = {'parameters': Dict({'incar': {}})}
    assert describe_start(crystal, vasp) == 'initial magnetic moments (μB): Ni1 2, Ni2 -2, O 0'
    assert list(warn_about_moments(crystal, vasp)) == []
    (lost,) = warn_about_moments(crystal, {'parameters': Dict({'incar': {'ISPIN': 1}})})
    assert 'ISPIN = 1' in lost
    (same,) = warn_about_moments(
        nickel_oxide(), {**vasp, 'magmom_mapping': Dict({'Ni1': 5, 'Ni2': 5})}
    )
    assert same == ('magmom_mapping: the kinds Ni1, Ni2 begin with the same magnetic moment, 5 μB')
