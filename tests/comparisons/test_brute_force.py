"""The terminations of the exact generator are those that brute force finds, surface by surface.

By default 300 surfaces of 60 crystals are compared, with ``--every-surface`` 1,000 of 200.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from pymatgen.core.structure import Structure

from aiida_slabrelax.surfaces import SlabOptions, Termination, find_terminations
from brute_force import VACUUM, Check
from bulk_crystals import mirrored, quartz, silicon_carbide_4h, silver_phosphate
from half_crystals import LAYER_TOLERANCE, Plane, find_translations, kinds_of
from many_crystals import SYSTEMS, choose_planes, make_crystal
from random_crystals import operations

CRYSTALS = 60
EVERY_CRYSTAL = 200
PLANES = 5

TOLERANCES = (LAYER_TOLERANCE, LAYER_TOLERANCE, 0.2, 0.8)
"""The largest thickness of a layer (Å), one for each crystal in turn."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if 'number' in metafunc.fixturenames:
        every = metafunc.config.getoption('--every-surface')
        metafunc.parametrize('number', range(EVERY_CRYSTAL if every else CRYSTALS))


def find_differences(
    crystal: Structure, hkl: Plane, tolerance: float, random: np.random.Generator
) -> Iterator[str]:
    """Yield what differs of slabs from a part of a period to several periods thick."""
    check = Check(crystal, hkl, tolerance)
    for symmetrize in (True, False):
        periods = random.uniform(0, 3) * check.layers.period
        thickness = float(np.clip(random.choice([periods, random.uniform(3, 15)]), 1, 30))
        for what in check.find_differences(symmetrize, thickness):
            yield f'{hkl}, {thickness:.2f} Å, symmetrize={symmetrize}: {what}'
        n = len(check.layers.layers)
        layers = int(random.integers(n, 3 * n + 1))
        for what in check.find_differences_with(
            SlabOptions(
                min_vacuum_thickness=VACUUM,
                layers=layers,
                symmetrize=symmetrize,
                max_atoms=10**6,
                layer_tolerance=tolerance,
            )
        ):
            yield f'{hkl}, {layers} layers, symmetrize={symmetrize}: {what}'
    yield from (f'{hkl}: {what}' for what in check.compare_names())


def test_terminations_are_those_of_brute_force(number):
    crystal, _ = make_crystal(number)
    tolerance = TOLERANCES[number % len(TOLERANCES)]
    planes = choose_planes(crystal, number, PLANES, tolerance)
    assert len(planes) == PLANES
    random = np.random.default_rng([number, 3])
    differences = [find_differences(crystal, hkl, tolerance, random) for hkl in planes]
    assert [what for found in differences for what in found] == []


def test_faces_that_a_thin_slab_does_not_tell_apart_are_on_one_slab():
    check = Check(silicon_carbide_4h(), (0, 0, 1))
    assert len(check.expect(False)) == 4
    assert list(check.find_differences(False, 0.5)) == []


# --- The crystals are as different as they are to be ---------------------------------------------


def has_fractional_translations(space_group: int) -> bool:
    """Tell whether there are screw axes or glide planes in a space group."""
    for rotation, translation in zip(*operations(space_group), strict=True):
        powers = [np.linalg.matrix_power(rotation, power) for power in range(1, 7)]
        order = next(n for n, one in enumerate(powers, 1) if (one == np.eye(3)).all())
        along = sum(powers[:order]) @ translation / order
        if np.abs(along - np.round(along)).max() > 1e-6:
            return True
    return False


def test_the_crystals_are_of_all_kinds():
    crystals, groups = zip(*map(make_crystal, range(CRYSTALS)), strict=True)
    counts = {name: sum(one in numbers for one in groups) for name, numbers in SYSTEMS.items()}
    assert min(counts.values()) >= 5
    chiral = [(np.linalg.det(operations(one)[0]) > 0).all() for one in groups]
    assert sum(chiral) >= 10
    assert sum(map(has_fractional_translations, groups)) >= 20
    several = [len(set(kinds_of(one))) > len(set(one.species)) for one in crystals]
    assert sum(several) >= 5
    cells = [len(find_translations(one)) for one in crystals]
    assert cells.count(1) >= 20
    assert len(crystals) - cells.count(1) >= 10
    left_handed = [np.linalg.det(one.lattice.matrix) < 0 for one in crystals]
    assert sum(left_handed) >= 5


# --- A wrong slab would be noticed ---------------------------------------------------------------

OPTIONS = SlabOptions(10, VACUUM)


def moved(one: Termination) -> Termination:
    structure = one.structure.copy()
    structure.translate_sites([3], [0.01, 0, 0], frac_coords=False)
    return replace(one, structure=structure)


def thinned(one: Termination) -> Termination:
    structure = one.structure.copy()
    heights = structure.cart_coords[:, 2]
    structure.remove_sites([int(np.abs(heights - heights.mean()).argmin())])
    return replace(one, structure=structure)


def doubled(one: Termination) -> Termination:
    structure = one.structure.make_supercell([2, 1, 1], in_place=False)
    return replace(one, structure=structure, area=2 * one.area)


WRONG: dict[str, tuple[Callable[[Termination], Termination], str]] = {
    'an atom moved': (moved, 'no piece of the crystal'),
    'an atom lost': (thinned, 'no piece of the crystal'),
    'a larger cell': (doubled, 'no piece of the crystal'),
    'mirrored': (
        lambda one: replace(one, structure=mirrored(one.structure)),
        'no piece of the crystal',
    ),
    'area': (lambda one: replace(one, area=one.area + 0.01), 'area'),
    'thickness': (lambda one: replace(one, thickness=one.thickness - 0.01), 'thickness'),
    'vacuum': (lambda one: replace(one, vacuum=one.vacuum + 0.01), 'vacuum'),
    'shift': (lambda one: replace(one, shift=one.shift + 0.02), 'not cut at'),
    'symmetry': (lambda one: replace(one, is_symmetric=not one.is_symmetric), 'symmetric'),
    'composition': (
        lambda one: replace(one, is_stoichiometric=not one.is_stoichiometric),
        'stoichiometric',
    ),
    'excess': (lambda one: replace(one, excess=dict.fromkeys(one.excess, 0.5)), 'excess'),
    'layers': (
        lambda one: replace(one, top=replace(one.top, layers=one.top.layers[1:])),
        'layers',
    ),
    'name': (lambda one: replace(one, top=replace(one.top, name='Ag')), 'is called'),
}


def wrong_slabs(crystal: Structure, hkl: Plane, change: Callable, options: SlabOptions) -> str:
    """Return what the check says if one of the slabs is changed."""
    check = Check(crystal, hkl)
    first, *others = find_terminations(crystal, hkl, options)
    said = [*check.compare([first, *others], options), *check.compare_names()]
    assert said == []
    return ' '.join([*check.compare([change(first), *others], options), *check.compare_names()])


@pytest.mark.parametrize('case', WRONG)
def test_a_wrong_slab_would_be_noticed(case):
    change, message = WRONG[case]
    assert message in wrong_slabs(quartz(), (1, 0, 1), change, replace(OPTIONS, symmetrize=False))


def test_slabs_too_many_or_too_few_would_be_noticed():
    check = Check(silver_phosphate(), (1, 0, 0))
    slabs = find_terminations(silver_phosphate(), (1, 0, 0), OPTIONS)
    assert list(check.compare(slabs, OPTIONS)) == []
    assert len(list(check.compare(slabs[1:], OPTIONS))) == 1
    assert len(list(check.compare([*slabs, slabs[0]], OPTIONS))) == 1


def test_a_slab_that_could_be_thinner_would_be_noticed():
    check = Check(silver_phosphate(), (1, 0, 0))
    slabs = find_terminations(
        silver_phosphate(), (1, 0, 0), replace(OPTIONS, min_slab_thickness=20)
    )
    assert all('the thinnest' in what for what in check.compare(slabs, OPTIONS))
    assert len(list(check.compare(slabs, OPTIONS))) == 2 * len(slabs)


def test_one_name_for_two_faces_would_be_noticed():
    check = Check(silver_phosphate(), (1, 0, 0))
    slabs = find_terminations(silver_phosphate(), (1, 0, 0), OPTIONS)
    same = [replace(one, top=slabs[0].top, bottom=slabs[0].bottom) for one in slabs]
    list(check.compare(same, OPTIONS))
    assert any('stands for the different faces' in what for what in check.compare_names())
