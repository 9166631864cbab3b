"""Slabs of a crystal before anything is computed, in Python."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiida.orm import Node, QueryBuilder, StructureData
from ase import Atoms
from ase.build import bulk
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax import preview
from aiida_slabrelax.surfaces import SlabGenerationError
from bulk_crystals import from_spacegroup


def copper() -> Any:
    return bulk('Cu', 'fcc', a=3.61, cubic=True)


def of_pymatgen() -> Structure:
    return from_spacegroup('Fm-3m', Lattice.cubic(3.61), ['Cu'], [[0, 0, 0]])


@pytest.mark.parametrize('make', [copper, of_pymatgen])
def test_a_crystal_of_ase_or_pymatgen(make: Callable[[], Any]) -> None:
    found = preview(make(), [1, 0, 0], min_slab_thickness=5)
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
    found = preview(copper(), [[1, 0, 0], [1, 1, 1]], max_atoms=7)
    assert [one['what'] for one in found.excluded] == ['Cu8']
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
    with pytest.raises(SlabGenerationError, match='lattice vector of 0 Å'):
        preview(Atoms('Cu'), [1, 0, 0])


def test_a_crystal_without_a_node_needs_no_profile(tmp_path: Path) -> None:
    program = (
        'from ase.build import bulk; from aiida_slabrelax import preview;'
        "print(*preview(bulk('Cu', cubic=True), [1, 0, 0]).structures)"
    )
    printed = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', program],
        env={**os.environ, 'AIIDA_PATH': str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout == 'slab_00\n'


def test_tags_make_kinds() -> None:
    crystal = copper()
    crystal.set_tags([0, 1, 1, 1])
    kinds = preview(crystal, [1, 0, 0]).structures['slab_00'].site_properties['kind_name']
    assert set(kinds) == {'Cu', 'Cu1'}
