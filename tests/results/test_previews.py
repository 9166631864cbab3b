"""Slabs of a crystal before anything is computed, in Python."""

from __future__ import annotations

from typing import Any

import pytest
from aiida.orm import Node, QueryBuilder, StructureData
from ase import Atoms
from ase.build import bulk
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax import preview
from aiida_slabrelax.surfaces import SlabGenerationError


def copper() -> Any:
    return bulk('Cu', 'fcc', a=3.61, cubic=True)


@pytest.mark.parametrize(
    'crystal',
    [
        copper(),
        Structure.from_spacegroup('Fm-3m', Lattice.cubic(3.61), ['Cu'], [[0, 0, 0]]),
    ],
    ids=['ase', 'pymatgen'],
)
def test_a_crystal_of_ase_or_pymatgen(crystal: Any) -> None:
    found = preview(crystal, [1, 0, 0], min_slab_thickness=5)
    assert list(found.structures) == list(found.terminations) == ['slab_00']
    assert found.terminations['slab_00']['formula'] == 'Cu4'
    assert found.terminations['slab_00']['vacuum'] == pytest.approx(15.0)
    assert found.excluded == []


@pytest.mark.usefixtures('aiida_profile')
def test_a_node_and_nothing_is_stored() -> None:
    before = QueryBuilder().append(Node).count()
    found = preview(StructureData(ase=copper()), max_index=1, kpoints_spacing=0.1)
    assert [termination['miller_indices'] for termination in found.terminations.values()] == [
        [1, 0, 0],
        [1, 1, 0],
        [1, 1, 1],
    ]
    assert QueryBuilder().append(Node).count() == before


def test_what_is_excluded() -> None:
    found = preview(copper(), [[1, 0, 0], [1, 1, 1]], max_atoms=6)
    assert [one['what'] for one in found.excluded] == ['Cu7']
    with pytest.raises(SlabGenerationError) as refused:
        preview(copper(), [1, 0, 0], max_atoms=3)
    assert refused.value.option == 'max_atoms'


def test_bad_input_is_named() -> None:
    with pytest.raises(TypeError, match=r'`structure` must be .* got str'):
        preview('Cu.cif', [1, 0, 0])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match='thickness'):
        preview(copper(), [1, 0, 0], thickness=5)
    with pytest.raises(SlabGenerationError, match='periodic in 3 directions'):
        preview(Atoms('Cu', cell=[3, 3, 3]), [1, 0, 0])
