"""Agreement of the exact generator with what the symmetry of each crystal demands, case by case.

The figures count terminations as pairs of faces and one face at a time, and give the slabs of whole
periods and the symmetric ones.
"""

import json
from functools import cache
from pathlib import Path

import pytest
from pymatgen.core.lattice import Lattice

from aiida_slabrelax.surfaces import (
    SlabGenerationError,
    SlabOptions,
    Termination,
    find_terminations,
)
from bulk_crystals import from_spacegroup

REFERENCE = json.loads((Path(__file__).parent / 'reference_slabs.json').read_text())
NAMES = [f'{case["name"]}-{"".join(map(str, case["hkl"]))}' for case in REFERENCE['cases']]
CASES = dict(zip(NAMES, REFERENCE['cases'], strict=True))

TURNED_OVER = [name for name, case in CASES.items() if case['exact']['symmetric_slab_possible']]
NOT_TURNED_OVER = [name for name in NAMES if name not in TURNED_OVER]


@cache
def cut(name: str, symmetrize: bool) -> list[Termination]:
    case = CASES[name]
    family, *lengths = case['lattice']
    lattice = getattr(Lattice, family)(*lengths)
    bulk = from_spacegroup(case['space_group'], lattice, case['species'], case['coords'])
    options = SlabOptions(case['min_slab'], REFERENCE['vacuum'], symmetrize=symmetrize)
    return find_terminations(bulk, case['hkl'], options)


def assert_slabs_are(found: list[Termination], case: dict, expected: list) -> None:
    rows = sorted((one.formula, one.n_atoms, one.thickness) for one in found)
    expected = sorted(map(tuple, expected))
    assert [row[:2] for row in rows] == [row[:2] for row in expected]
    thicknesses = [row[2] for row in expected]
    assert [row[2] for row in rows] == pytest.approx(thicknesses, abs=2e-3)
    for one in found:
        assert one.area == pytest.approx(case['exact']['min_area'], abs=2e-3)
        assert one.thickness >= case['min_slab'] - 1e-6
        assert one.vacuum == pytest.approx(15.0, abs=1e-9)


@pytest.mark.parametrize('name', NAMES)
def test_slabs_of_whole_periods(name):
    found, case = cut(name, symmetrize=False), CASES[name]
    assert_slabs_are(found, case, case['exact']['slabs'])
    assert all(one.is_stoichiometric for one in found)


@pytest.mark.parametrize('name', TURNED_OVER)
def test_symmetric_slabs(name):
    found, case = cut(name, symmetrize=True), CASES[name]
    assert_slabs_are(found, case, case['exact']['symmetric_slabs'])
    assert all(one.is_symmetric for one in found)


@pytest.mark.parametrize('name', NOT_TURNED_OVER)
def test_no_symmetric_slab_is_possible(name):
    assert CASES[name]['exact']['symmetric_slabs'] == []
    with pytest.raises(SlabGenerationError, match='No symmetric slab'):
        cut(name, symmetrize=True)
    assert not any(one.is_symmetric for one in cut(name, symmetrize=False))


@pytest.mark.parametrize('name', NAMES)
def test_number_of_terminations(name):
    assert len(cut(name, symmetrize=False)) == CASES[name]['exact']['terminations']


@pytest.mark.parametrize('name', NAMES)
def test_number_of_faces_seen_from_one_side(name):
    found, exact = cut(name, symmetrize=False), CASES[name]['exact']
    faces = {one.top.name for one in found}
    if exact['symmetric_slab_possible']:
        # What is below one slab is on top of another.
        faces |= {one.bottom.name for one in found}
    assert len(faces) == exact['one_sided_terminations']


def test_the_reference_job_has_four_terminations_as_thick_as_asked_for():
    found = cut('Ag3PO4-100', symmetrize=True)
    assert [one.label for one in found] == ['slab_00', 'slab_01', 'slab_02', 'slab_03']
    assert {one.formula: round(one.thickness, 2) for one in found} == {
        'Ag10P3O16': 10.43,
        'Ag11P4O16': 10.99,
        'Ag13P4O16': 12.24,
        'Ag14P5O16': 12.24,
    }
    assert not any(one.remarks for one in found)
