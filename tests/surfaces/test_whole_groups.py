"""Slabs of whole groups: real crystals, and random ones against brute force.

By default 75 surfaces of 25 random crystals are compared, with ``--every-surface`` 600 of 200.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aiida_slabrelax.surfaces import (
    SlabGenerationError,
    SlabOptions,
    find_terminations,
    is_symmetric,
    survey,
)
from brute_force import Check
from bulk_crystals import in_basis, quartz, rewritten, rutile, silver_phosphate
from grouped_crystals import GROUPED, count_neighbours, molybdenum_sulfide, urea
from random_crystals import BASES, PLANES
from random_groups import GroupSample, has_clear_centres, make_grouped

CRYSTALS = 25
EVERY_CRYSTAL = 200
PLANES_OF_EACH = 3


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if 'number' in metafunc.fixturenames:
        every = metafunc.config.getoption('--every-surface')
        metafunc.parametrize('number', range(EVERY_CRYSTAL if every else CRYSTALS))


# --- Real crystals -------------------------------------------------------------------------------


@pytest.mark.parametrize('case', GROUPED)
def test_no_group_is_broken(case):
    make, plane = GROUPED[case]
    grouped = make()
    assert count_neighbours(grouped.crystal, grouped.bonds) == grouped.coordination
    options = SlabOptions(
        8.0, 12.0, keep_whole=grouped.keep_whole, symmetrize='if_possible', max_atoms=2000
    )
    slabs = find_terminations(grouped.crystal, plane, options)
    for slab in slabs:
        found = count_neighbours(slab.structure, grouped.bonds, periodic_along_c=False)
        assert found == grouped.coordination
        assert slab.thickness >= 8.0
        assert is_symmetric(slab.structure) == slab.is_symmetric
        assert slab.whole
        assert slab.doubts == ()


@pytest.mark.parametrize(
    ('case', 'whole', 'flat'),
    [
        ('KH2PO4 (001)', 2, 0),
        ('calcite (104)', 1, 1),
        ('Ag3PO4 (100)', 2, 2),
        ('Ag3PO4 (110)', 4, 2),
        ('Ag3PO4 (111)', 2, 0),
        ('urea (110)', 1, 0),
        ('CO2 (111)', 1, 1),
        ('Bi2Se3 (001)', 1, 1),
        ('MoS2 (001)', 1, 1),
    ],
)
def test_how_many_terminations_keep_groups_whole(case, whole, flat):
    make, plane = GROUPED[case]
    grouped = make()
    options = {'symmetrize': 'if_possible', 'max_atoms': 2000}
    slabs = find_terminations(
        grouped.crystal, plane, SlabOptions(8.0, 12.0, keep_whole=grouped.keep_whole, **options)
    )
    assert len(slabs) == whole
    kept = [
        slab
        for slab in find_terminations(grouped.crystal, plane, SlabOptions(8.0, 12.0, **options))
        if count_neighbours(slab.structure, grouped.bonds, periodic_along_c=False)
        == grouped.coordination
    ]
    assert len(kept) == flat


def test_flat_slabs_that_keep_groups_whole_are_among_them():
    options = SlabOptions(8.0, 12.0)
    flat = find_terminations(silver_phosphate(), (1, 0, 0), options)
    whole = survey(silver_phosphate(), (1, 0, 0), SlabOptions(8.0, 12.0, keep_whole='P-O'))
    formulas = {slab.formula for slab in flat}
    assert {slab.formula for slab in whole.terminations} < formulas


@pytest.mark.parametrize(
    ('crystal', 'plane', 'keep_whole', 'broken'),
    [
        (quartz(), (1, 0, 0), 'Si-O', 'SiO2 network'),
        (rutile(), (1, 1, 0), 'Ti-O', 'TiO2 network'),
        (molybdenum_sulfide().crystal, (1, 0, 0), 'layers', 'MoS2 layer'),
        (molybdenum_sulfide().crystal, (1, 0, 1), 'auto', 'MoS2 layer'),
    ],
)
def test_a_plane_that_breaks_every_group_is_refused_with_its_name(
    crystal, plane, keep_whole, broken
):
    with pytest.raises(SlabGenerationError, match=f'breaks the {broken}, which') as raised:
        find_terminations(crystal, plane, SlabOptions(8.0, 12.0, keep_whole=keep_whole))
    assert raised.value.option == 'keep_whole'


def test_among_several_planes_such_a_one_is_left_out():
    found = survey(
        molybdenum_sulfide().crystal,
        [[0, 0, 1], [1, 0, 0]],
        SlabOptions(8.0, 12.0, keep_whole='auto'),
    )
    assert [slab.miller_indices for slab in found.terminations] == [(0, 0, 1)]
    assert [one.miller_indices for one in found.excluded] == [(1, 0, 0)]
    assert 'breaks the MoS2 layer' in found.excluded[0].reason


def test_without_groups_auto_cuts_flat():
    flat, auto = (
        find_terminations(rutile(), (1, 1, 0), SlabOptions(8.0, 12.0, keep_whole=what))
        for what in (None, 'auto')
    )
    assert [slab.identity for slab in flat] == [slab.identity for slab in auto]
    assert all(slab.whole == () for slab in auto)


def test_molecules_count_as_layers():
    slabs = [
        find_terminations(
            urea().crystal, (1, 1, 0), SlabOptions(None, 12.0, layers=layers, keep_whole='auto')
        )[0]
        for layers in (2, 4)
    ]
    assert [slab.n_layers for slab in slabs] == [2, 4]


# --- Random crystals -----------------------------------------------------------------------------


def choose_planes(sample: GroupSample, number: int) -> list[tuple[int, int, int]]:
    """Return planes along which no two centres are nearly at one height."""
    random = np.random.default_rng([number, 4])
    low = [plane for plane in PLANES if max(map(abs, plane)) <= 2]
    shuffled = (low[index] for index in random.permutation(len(low)))
    clear = (plane for plane in shuffled if has_clear_centres(sample, plane))
    return [plane for plane, _ in zip(clear, range(PLANES_OF_EACH), strict=False)]


def find_differences(
    sample: GroupSample, plane: tuple[int, int, int], random: np.random.Generator
) -> Iterator[str]:
    check = Check(sample.crystal, plane, groups=sample.groups, keep_whole='molecules')
    for symmetrize in (True, False):
        thickness = float(random.uniform(3, 15))
        for what in check.find_differences(symmetrize, thickness):
            yield f'{plane}, {thickness:.2f} Å, symmetrize={symmetrize}: {what}'
    yield from (f'{plane}: {what}' for what in check.compare_names())


def test_terminations_are_those_of_brute_force(number):
    sample = make_grouped(number)
    planes = choose_planes(sample, number)
    random = np.random.default_rng([number, 5])
    differences = [find_differences(sample, plane, random) for plane in planes]
    assert [what for found in differences for what in found] == []


def test_the_random_crystals_are_of_many_kinds():
    samples = [make_grouped(number) for number in range(CRYSTALS)]
    assert len({sample.space_group for sample in samples}) >= 12
    sizes = [Counter(Counter(sample.groups).values()) for sample in samples]
    assert sum(1 in one for one in sizes) >= 3  # with ions
    assert sum(len(one) > 1 for one in sizes) >= 5
    assert sum(5 in one for one in sizes) >= 4
    planes = [choose_planes(make_grouped(number), number) for number in range(CRYSTALS)]
    assert sum(len(one) == PLANES_OF_EACH for one in planes) >= 20


def identities(crystal, plane, symmetrize) -> Counter[tuple[str, str, bool]]:
    options = SlabOptions(8.0, 12.0, symmetrize=symmetrize, keep_whole='auto', max_atoms=2000)
    slabs = find_terminations(crystal, plane, options)
    return Counter((slab.label, slab.identity, slab.is_symmetric) for slab in slabs)


@settings(max_examples=30, derandomize=True)
@given(
    number=st.integers(0, CRYSTALS - 1),
    basis=st.sampled_from(BASES),
    seed=st.integers(0, 2**31),
    symmetrize=st.sampled_from([False, 'if_possible']),
    which=st.integers(0, PLANES_OF_EACH - 1),
)
def test_identities_do_not_depend_on_how_a_crystal_is_written(
    number, basis, seed, symmetrize, which
):
    sample = make_grouped(number)
    planes = choose_planes(sample, number)
    assume(len(planes) > which)
    plane = planes[which]
    rows = np.array(basis)
    other = rewritten(in_basis(sample.crystal, rows), seed)
    hkl = rows @ plane
    hkl = tuple(int(index) for index in hkl // np.gcd.reduce(hkl))
    assert identities(other, hkl, symmetrize) == identities(sample.crystal, plane, symmetrize)
