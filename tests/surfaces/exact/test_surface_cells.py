"""Larger cells in the plane of a surface."""

import numpy as np
import pytest
from pymatgen.analysis.structure_matcher import StructureMatcher

from aiida_slabrelax.surfaces import (
    SlabGenerationError,
    SlabOptions,
    find_terminations,
    oriented_bulk,
    survey,
)
from bulk_crystals import copper, rutile, silver_phosphate, zinc_oxide


def cut(crystal, plane, surface_cell, **options):
    asked = SlabOptions(8.0, 12.0, surface_cell=surface_cell, **options)
    return find_terminations(crystal, plane, asked)


def cell_of(slab) -> tuple[float, float, float]:
    """Return a, b (Å) and the angle between them (°)."""
    lattice = slab.structure.lattice
    return lattice.a, lattice.b, lattice.gamma


SIDE = 3.615 / np.sqrt(2)
"""Of the smallest cell of Cu (111) and (100), in Å."""


@pytest.mark.parametrize(
    ('plane', 'surface_cell', 'a', 'b', 'gamma'),
    [
        ((1, 1, 1), (2, 2), 2, 2, 120),
        ((1, 1, 1), (3, 1), 3, 1, 120),
        ((1, 1, 1), '2x2', 2, 2, 120),
        ((1, 1, 1), '(√3×√3)R30°', np.sqrt(3), np.sqrt(3), 120),
        ((1, 1, 1), 'sqrt3xsqrt3R30', np.sqrt(3), np.sqrt(3), 120),
        ((1, 1, 1), '(√7×√7)R19.1°', np.sqrt(7), np.sqrt(7), 120),
        ((1, 1, 1), [[1, 0], [1, 2]], 1, np.sqrt(3), 90),
        ((1, 0, 0), 'c(2x2)', np.sqrt(2), np.sqrt(2), 90),
        ((1, 0, 0), '(√2×√2)R45°', np.sqrt(2), np.sqrt(2), 90),
        ((1, 0, 0), [[1, 1], [-1, 1]], np.sqrt(2), np.sqrt(2), 90),
        ((1, 0, 0), '2,1', 2, 1, 90),
    ],
)
def test_the_cell_is_the_one_asked_for(plane, surface_cell, a, b, gamma):
    (slab,) = cut(copper(), plane, surface_cell)
    assert cell_of(slab) == pytest.approx((a * SIDE, b * SIDE, gamma))
    (small,) = cut(copper(), plane, None)
    assert slab.n_atoms == pytest.approx(small.n_atoms * slab.area / small.area)


@pytest.mark.parametrize('length', [5.0, 5.2, 7.67, 10, '10'])
def test_both_vectors_are_at_least_so_long(length):
    (slab,) = cut(copper(), (1, 0, 0), length)
    a, b, _ = cell_of(slab)
    assert a == b == pytest.approx(np.ceil(float(length) / SIDE) * SIDE)


@pytest.mark.parametrize(
    ('crystal', 'plane'), [(rutile(), (1, 1, 0)), (silver_phosphate(), (1, 0, 0))]
)
def test_slabs_and_names_are_those_of_the_smallest_cell(crystal, plane):
    small, large = (cut(crystal, plane, one) for one in (None, (2, 1)))
    matcher = StructureMatcher(primitive_cell=True, scale=False)
    for one, other in zip(small, large, strict=True):
        assert (one.label, one.identity) == (other.label, other.identity)
        assert other.n_atoms == 2 * one.n_atoms
        assert other.thickness == pytest.approx(one.thickness)
        assert other.broken_bonds == pytest.approx(one.broken_bonds)
        assert matcher.fit(one.structure, other.structure)


def test_the_limit_of_atoms_is_that_of_the_larger_cell():
    with pytest.raises(SlabGenerationError, match='max_atoms is 19'):
        cut(copper(), (1, 1, 1), (2, 2), max_atoms=19)


def test_a_cell_that_the_lattice_has_not():
    with pytest.raises(SlabGenerationError, match=r'no cell .* a = 2\.556 Å') as raised:
        cut(copper(), (1, 0, 0), '(√3×√3)R30°')
    assert raised.value.option == 'surface_cell'


def test_among_several_planes_one_without_the_cell_is_left_out():
    found = survey(
        copper(),
        [[1, 1, 1], [1, 0, 0]],
        SlabOptions(8.0, 12.0, surface_cell='(√3×√3)R30°'),
    )
    assert [slab.miller_indices for slab in found.terminations] == [(1, 1, 1)]
    assert [one.miller_indices for one in found.excluded] == [(1, 0, 0)]


@pytest.mark.parametrize('surface_cell', [(2, 1), [[1, 1], [-1, 1]], '2x3'])
@pytest.mark.parametrize('crystal', [rutile(), zinc_oxide()], ids=['rutile', 'zincite'])
def test_the_bulk_in_the_larger_cell(crystal, surface_cell):
    slab = cut(crystal, (1, 0, 0), surface_cell, symmetrize=False)[0].structure
    bulk = oriented_bulk(crystal, (1, 0, 0), slab.lattice)
    mine, theirs = bulk.lattice.matrix[:2], slab.lattice.matrix[:2]
    assert mine @ mine.T == pytest.approx(theirs @ theirs.T)
    assert bulk.volume / len(bulk) == pytest.approx(crystal.volume / len(crystal))


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'surface_cell': (2, 2), 'primitive': False}, 'primitive must be True'),
        ({'surface_cell': (2, 2), 'generator': 'pymatgen'}, 'exact has surface_cell'),
        ({'surface_cell': (0, 2)}, 'determinant'),
        ({'surface_cell': 'big'}, "'big' is not read"),
    ],
)
def test_invalid_options(options, message):
    with pytest.raises(SlabGenerationError, match=message) as raised:
        find_terminations(copper(), (1, 0, 0), SlabOptions(8.0, 12.0, **options))
    assert raised.value.option == 'surface_cell'
