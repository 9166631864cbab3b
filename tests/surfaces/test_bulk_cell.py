"""The crystal in the cell of a slab."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.analysis.structure_matcher import StructureMatcher
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax.surfaces import (
    SlabGenerationError,
    SlabOptions,
    find_terminations,
    kpoints_mesh,
    oriented_bulk,
    oriented_mesh,
)
from bulk_crystals import from_spacegroup

COPPER = from_spacegroup('Fm-3m', Lattice.cubic(3.6), ['Cu'], [[0, 0, 0]])
RUTILE = from_spacegroup(
    'P4_2/mnm', Lattice.tetragonal(4.6, 2.96), ['Ti', 'O'], [[0, 0, 0], [0.305, 0.305, 0]]
)


@pytest.mark.parametrize('primitive', [True, False])
@pytest.mark.parametrize('plane', [(1, 1, 1), (1, 0, 0), (1, 1, 0), (2, 1, 0)])
@pytest.mark.parametrize('crystal', [COPPER, RUTILE], ids=['copper', 'rutile'])
def test_it_is_the_crystal_with_the_plane_of_the_slab(
    crystal: Structure, plane: tuple[int, int, int], primitive: bool
) -> None:
    slab = find_terminations(crystal, plane, SlabOptions(8.0, 12.0, primitive=primitive))[0]
    lattice = slab.structure.lattice
    cell = oriented_bulk(crystal, plane, lattice)
    mine, theirs = cell.lattice.matrix[:2], lattice.matrix[:2]
    assert mine @ mine.T == pytest.approx(theirs @ theirs.T)
    assert cell.volume / len(cell) == pytest.approx(crystal.volume / len(crystal))
    matcher = StructureMatcher(primitive_cell=True, scale=False, ltol=1e-4, stol=1e-4)
    assert matcher.fit(cell, crystal)
    first, second, third = oriented_mesh(cell.lattice, 0.05)
    assert [first, second, 1] == kpoints_mesh(lattice, 0.05)
    height = cell.volume / np.linalg.norm(np.cross(*mine))
    assert third == np.ceil(1 / (0.05 * height))


def test_another_cell_is_refused() -> None:
    with pytest.raises(SlabGenerationError, match=r'another cell than the plane \(100\) of the'):
        oriented_bulk(COPPER, (1, 0, 0), Lattice.tetragonal(2.6, 20))
