"""The builder from a protocol: what may be given for crystals and slabs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiida.engine import ProcessBuilder
from aiida.orm import InstalledCode, StructureData
from ase import Atoms
from ase.build import bulk, fcc100
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax.workflows import SlabRelaxWorkChain
from bulk_crystals import from_spacegroup
from sample_structures import copper_slab

OPTIONS = {'resources': {'num_machines': 1}}


def build(code: InstalledCode, *args: Any, **kwargs: Any) -> ProcessBuilder:
    overrides = {'vasp': {'potential_family': 'standin'}}
    builder: ProcessBuilder = SlabRelaxWorkChain.get_builder_from_protocol(
        code, *args, overrides=overrides, options=OPTIONS, **kwargs
    )
    return builder


def problem(builder: ProcessBuilder) -> str | None:
    """Return what is wrong with the inputs, all together, if anything is."""
    ports = SlabRelaxWorkChain.spec().inputs
    error = ports.validate(ports.pre_process(builder._inputs(prune=True)))
    return None if error is None else str(error.message)


def copper_atoms() -> Atoms:
    return bulk('Cu', 'fcc', a=3.61, cubic=True)


def copper_in_pymatgen() -> Structure:
    return from_spacegroup('Fm-3m', Lattice.cubic(3.61), ['Cu'], [[0, 0, 0]])


def slab_atoms() -> Atoms:
    atoms = fcc100('Cu', (1, 1, 3), a=3.61, vacuum=7.5, periodic=True)
    atoms.set_tags(0)
    return atoms


@pytest.mark.usefixtures('potential_family')
@pytest.mark.parametrize('crystal', [copper_atoms, copper_in_pymatgen])
def test_a_crystal_of_ase_or_pymatgen(vasp_code: InstalledCode, crystal: Any) -> None:
    builder = build(vasp_code, crystal(), miller_indices=[1, 0, 0])
    assert problem(builder) is None
    assert isinstance(builder.bulk_structure, StructureData)
    assert builder.bulk_structure.get_formula() == 'Cu4'
    np.testing.assert_allclose(builder.bulk_structure.cell, np.diag([3.61] * 3), atol=1e-12)


@pytest.mark.usefixtures('potential_family')
def test_a_node_is_taken_as_it_is(vasp_code: InstalledCode, copper: StructureData) -> None:
    assert build(vasp_code, copper, max_index=1).bulk_structure is copper


@pytest.mark.usefixtures('potential_family')
def test_slabs_of_ones_own_need_no_crystal(vasp_code: InstalledCode) -> None:
    slabs = {'ase': slab_atoms(), 'node': copper_slab(4)}
    builder = build(vasp_code, slabs=slabs)
    assert problem(builder) is None
    assert {label: len(slab.sites) for label, slab in builder.slabs.items()} == {
        'ase': 3,
        'node': 4,
    }
    assert builder.vasp.potential_mapping.get_dict() == {'Cu': 'Cu'}


@pytest.mark.usefixtures('potential_family')
def test_slabs_have_no_inputs_that_only_cut(vasp_code: InstalledCode) -> None:
    inputs = build(vasp_code, slabs={'one': slab_atoms()})._inputs(prune=True)
    assert {'bulk_structure', 'min_slab_thickness', 'min_vacuum_thickness'}.isdisjoint(inputs)


@pytest.mark.usefixtures('potential_family')
def test_the_kinds_of_all_slabs_have_potentials(vasp_code: InstalledCode) -> None:
    tagged = slab_atoms()
    tagged.set_tags([0, 0, 1])
    builder = build(vasp_code, slabs={'plain': slab_atoms(), 'tagged': tagged})
    assert builder.vasp.potential_mapping.get_dict() == {'Cu': 'Cu', 'Cu1': 'Cu'}


def test_a_kind_that_is_two_elements(vasp_code: InstalledCode) -> None:
    slabs = {}
    for symbol in ('Cu', 'Ag'):
        slabs[symbol] = StructureData(cell=[[3, 0, 0], [0, 3, 0], [0, 0, 20]])
        slabs[symbol].append_atom(position=(0, 0, 0), symbols=symbol, name='M')
    with pytest.raises(ValueError, match="the kind 'M' is Cu in one slab, Ag in another"):
        build(vasp_code, slabs=slabs)


@pytest.mark.usefixtures('potential_family')
def test_for_an_outer_work_chain_every_element_has_a_potential(vasp_code: InstalledCode) -> None:
    builder = build(vasp_code, miller_indices=[1, 0, 0])
    mapping = builder.vasp.potential_mapping.get_dict()
    assert len(mapping) > 80
    assert (mapping['Cu'], mapping['Ni'], mapping['O']) == ('Cu', 'Ni_pv', 'O')
    assert builder.vasp.magmom_mapping['Ni'] == 5
    assert problem(builder) == (
        'give `bulk_structure` or at least one slab in `slabs`: neither is given'
    )


@pytest.mark.parametrize(
    ('given', 'message'),
    [
        ({'structure': 'Cu.cif'}, '`structure` must be a StructureData, ASE atoms or a pymatgen'),
        ({'slabs': {'a': 3}}, "`slabs`: 'a' must be a StructureData, ASE atoms or a pymatgen"),
        ({'bulk_structure': copper_atoms()}, 'give the crystal as `structure`, not as `bulk_'),
    ],
)
def test_what_is_no_structure(vasp_code: InstalledCode, given: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f'^{message}'):
        build(vasp_code, **given)


@pytest.mark.parametrize(
    ('given', 'name'),
    [({'structure': copper_atoms()}, 'structure'), ({'miller_indices': [1, 0, 0]}, 'miller_')],
)
def test_a_crystal_or_slabs(vasp_code: InstalledCode, given: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f'give `{name}.*` or `slabs`: both are given'):
        build(vasp_code, slabs={'one': slab_atoms()}, **given)


def test_an_input_of_a_protocol_that_there_is_not(vasp_code: InstalledCode, tmp_path: Path) -> None:
    path = tmp_path / 'own.yaml'
    path.write_text(
        'default_protocol: a\nprotocols: {a: {description: A, min_slab_thicknes: 9.0}}\n'
    )
    message = "there is no input 'min_slab_thicknes'; the nearest is 'min_slab_thickness'"
    with pytest.raises(ValueError, match=f'^`protocol` a@.*: {message}$'):
        build(vasp_code, copper_atoms(), max_index=1, protocol=f'a@{path}')


@pytest.mark.usefixtures('potential_family')
def test_what_a_protocol_does_not_choose_comes_from_aiida_vasp(
    vasp_code: InstalledCode, tmp_path: Path
) -> None:
    path = tmp_path / 'own.yaml'
    path.write_text('default_protocol: a\nprotocols: {a: {description: A, max_atoms: 9}}\n')
    builder = build(vasp_code, copper_atoms(), max_index=1, protocol=f'@{path}')
    assert builder.max_atoms.value == 9
    assert builder.vasp.parameters['incar']['encut'] == 550
