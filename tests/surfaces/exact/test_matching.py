"""Slabs that noise has set apart are found to be the same, also where there are many of them."""

import numpy as np
import pytest
from pymatgen.core.sites import PeriodicSite
from pymatgen.core.structure import Structure
from pymatgen.core.structure_matcher import StructureMatcher

from aiida_slabrelax.surfaces import SlabOptions
from aiida_slabrelax.surfaces.bulk.crystal import Crystal
from aiida_slabrelax.surfaces.exact import matching
from aiida_slabrelax.surfaces.exact.cutting import cut_exactly
from aiida_slabrelax.surfaces.exact.faces import FaceNames
from aiida_slabrelax.surfaces.exact.matching import merge_equal
from aiida_slabrelax.surfaces.exact.stacking import Stacking
from aiida_slabrelax.surfaces.orientation import Cut
from aiida_slabrelax.surfaces.slabs.layers import canonical_layers, compare_layers
from bulk_crystals import copper, garnet, in_basis, rewritten

NOISE = 0.005
"""So many Å hide every symmetry operation of the garnet but the identity."""


def cut(crystal: Structure) -> list[Cut]:
    names = FaceNames(Stacking.of(Crystal.of(crystal), (1, 0, 0)))
    return cut_exactly(names, SlabOptions(10, 15, symmetrize=False))[0]


def layers(one: Cut):
    return canonical_layers(one.layers)


@pytest.fixture(scope='module')
def noisy_cuts() -> list[Cut]:
    return cut(rewritten(garnet(), 0, NOISE))


def test_a_noisy_garnet_has_the_terminations_of_a_perfect_one(noisy_cuts):
    perfect, none = merge_equal(cut(garnet()))
    merged, others = merge_equal(noisy_cuts)
    assert [len(noisy_cuts), len(merged), len(perfect), len(none)] == [32, 4, 4, 0]
    assert len(others) == 28
    assert all(one.equal in merged for one in others)
    assert all(0 < one.distance < 4 * NOISE for one in others)
    found = [[compare_layers(layers(one), layers(other)) for other in perfect] for one in merged]
    assert [row.count(0) for row in found] == [1, 1, 1, 1]
    assert [column.count(0) for column in zip(*found, strict=True)] == [1, 1, 1, 1]


def test_many_slabs_of_one_formula_are_matched_without_looking_for_sites_in_each_other(
    noisy_cuts, monkeypatch
):
    """pymatgen's matcher remembers reduced cells by formula: looking them up takes the longest."""
    compared = []
    compare = PeriodicSite.__eq__

    def count(site: PeriodicSite, other: object) -> bool:
        compared.append(site)
        return compare(site, other)

    monkeypatch.setattr(PeriodicSite, '__eq__', count)
    assert len(merge_equal(noisy_cuts)[0]) == 4
    assert len(compared) == 0


def test_of_large_slabs_the_first_match_gives_the_distance(monkeypatch):
    """In a cell of equal atoms all of thousands of matches would be looked at for the best one."""
    supercell = in_basis(copper(), np.diag([2, 2, 4]))
    options = SlabOptions(8, 15, symmetrize=False, max_atoms=10**6)
    names = FaceNames(Stacking.of(Crystal.of(rewritten(supercell, 0, 0.004)), (0, 0, 1)))
    cuts, _ = cut_exactly(names, options)
    monkeypatch.setattr(matching, 'LARGE', len(cuts[0].slab.structure) - 1)
    tried = []
    compare = StructureMatcher._cmp_fstruct
    monkeypatch.setattr(
        StructureMatcher,
        '_cmp_fstruct',
        classmethod(lambda cls, *arguments: tried.append(1) or compare(*arguments)),
    )
    kept, merged = merge_equal(cuts)
    assert len(kept) == 1
    assert all(0 < one.distance < 0.05 for one in merged)
    n_first = len(tried)
    monkeypatch.setattr(matching, 'LARGE', 10**6)
    assert len(merge_equal(cuts)[1]) == len(merged)
    assert len(tried) - n_first > 2 * n_first
