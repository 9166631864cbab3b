"""Slabs of random crystals with groups, against brute force.

By default 75 surfaces of 25 random crystals are compared, with ``--every-surface`` 600 of 200.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aiida_slabrelax.surfaces import SlabOptions, find_terminations
from brute_force import Check
from bulk_crystals import in_basis, rewritten
from random_crystals import BASES, PLANES
from random_groups import GroupSample, has_clear_centres, make_grouped

CRYSTALS = 25
EVERY_CRYSTAL = 200
PLANES_OF_EACH = 3


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if 'number' in metafunc.fixturenames:
        every = metafunc.config.getoption('--every-surface')
        metafunc.parametrize('number', range(EVERY_CRYSTAL if every else CRYSTALS))


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
