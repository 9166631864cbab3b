"""The benchmark compares the same slabs; what it measures is not judged here."""

from functools import partial

import pytest
from pymatgen.core.structure import Structure

from crystals import CRYSTALS, build_crystal, build_noisy_crystal
from limits import NOISE, RUNS, find_excess, run_hard
from same_slabs import Case, cuts_through_layer, find_differences, run_exact, run_plain
from slab_generation import (
    CASES,
    QUICK,
    Timing,
    find_failures,
    format_table,
    measure,
)

SYMMETRIC = Case('SrTiO3', (1, 0, 0), symmetrize=True)
POLAR = Case('ZnO', (1, 0, 0))


def slabs(case: Case) -> tuple[list[Structure], list[Structure]]:
    bulk = build_crystal(case.crystal)
    return run_plain(case, bulk), run_exact(case, bulk)


@pytest.mark.parametrize('case', [SYMMETRIC, POLAR], ids=lambda case: case.name)
def test_both_generators_find_the_same_slabs(case):
    timing = measure(case)
    assert (timing.n_plain, timing.n_exact) == (2, 2)
    assert timing.differences == []
    assert len(timing.exact) >= 5


def test_a_set_of_planes_is_compared_plane_by_plane():
    case = Case('Cu', 1)
    plain, exact = slabs(case)
    assert [len(plain), len(exact)] == [3, 3]
    assert find_differences(case, plain, exact) == []


def test_a_plane_that_is_not_cut_is_a_difference():
    case = Case('Cu', 1)
    plain, exact = slabs(case)
    fewer = [slab for slab in exact if slab.miller_indices != (1, 1, 1)]
    (difference,) = find_differences(case, plain, fewer)
    assert difference == 'Cu max_index 1: the exact builder does not cut (1, 1, 1)'


def test_a_slab_that_the_exact_builder_does_not_make_is_a_difference():
    plain, exact = slabs(SYMMETRIC)
    plain[0].remove_sites([0])
    (difference,) = find_differences(SYMMETRIC, plain, exact)
    assert difference.startswith('SrTiO3 (100) symmetric: the exact builder has no slab')


def test_a_slab_that_pymatgen_does_not_make_is_a_difference():
    plain, exact = slabs(POLAR)
    (difference,) = find_differences(POLAR, plain[:1], exact)
    assert difference.startswith('ZnO (100): pymatgen has no slab')


def test_slabs_that_pymatgen_cuts_through_a_layer_are_distinguished():
    # Half-way between the means of two layers of kyanite (110), 0.12 Å apart, is inside one that
    # is 0.24 Å thick.
    case = Case('kyanite', (1, 1, 0))
    plain, exact = slabs(case)
    bulk = build_crystal('kyanite')
    assert sorted(cuts_through_layer(slab, bulk) for slab in plain) == [*[False] * 5, True]
    assert find_differences(case, plain, exact) == []
    whole = [slab for slab in plain if not cuts_through_layer(slab, bulk)]
    (difference,) = find_differences(case, whole, exact)
    assert difference.startswith('kyanite (110): pymatgen has no slab')


def timing(plain: float, exact: float, differences: tuple[str, ...] = ()) -> Timing:
    return Timing(POLAR, 4, 2, 2, 0, [plain], [exact], list(differences))


@pytest.mark.parametrize(
    ('timings', 'failures'),
    [
        ([timing(0.3, 0.02)], []),
        ([timing(0.1, 0.1), timing(10.0, 0.1)], []),
        ([timing(0.3, 0.2), timing(10.0, 0.1)], ['ZnO (100): 1.5 times less, not 3']),
        ([timing(0.3, 0.03)], ['in total: 10.0 times less, not 15']),
        ([timing(0.3, 0.01, ('no slab Zn1',))], ['no slab Zn1']),
    ],
)
def test_what_misses_the_requirement(timings, failures):
    assert find_failures(timings) == failures


def test_what_takes_too_long_or_too_much():
    assert find_excess({'fast': 10.0}, {'small': 1000.0}) == []
    assert find_excess({'fast': 0.1, 'slow': 11.0}, {'small': 100.0, 'large': 2000.0}) == [
        'slow: 11 s, not 10',
        'large: 2000 MB, not 1000',
    ]


def test_noise_leaves_one_slab_for_one_termination():
    noisy = run_hard(Case('NaCl', (1, 0, 0)), partial(build_noisy_crystal, noise=NOISE))
    assert (noisy.n_slabs, len(noisy.seconds)) == (1, RUNS)


def test_the_table_holds_cases_and_totals():
    lines = format_table([timing(0.3, 0.01), timing(0.5, 0.01)]).splitlines()
    assert lines[2].split()[:5] == ['ZnO', '(100)', '4', '2', '2']
    assert lines[-1].split() == ['total', '0.8', '0.02', '40.0']


def test_the_cases_go_up_to_160_atoms():
    assert len({(case.crystal, case.planes) for case in CASES}) > 40
    assert all(case.crystal in CRYSTALS for case in (*CASES, *QUICK))
    assert max(len(build_crystal(name)) for name in CRYSTALS) == 160
