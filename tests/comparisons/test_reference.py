"""Agreement with what plain pymatgen gives, case by case."""

import json
from pathlib import Path

import numpy as np
import pytest
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure
from pymatgen.core.structure_matcher import StructureMatcher
from pymatgen.core.surface import SlabGenerator

from aiida_slabrelax.surfaces import SlabGenerationError, SlabOptions, find_terminations
from bulk_crystals import from_spacegroup, rutile

REFERENCE = json.loads(
    (Path(__file__).parents[1] / 'surfaces' / 'reference_slabs.json').read_text()
)


def variants():
    for case in REFERENCE['cases']:
        for variant in case['variants']:
            chosen = [name for name, value in variant['options'].items() if value]
            name = f'{case["name"]}-{"".join(map(str, case["hkl"]))}-{"-".join(chosen) or "plain"}'
            yield pytest.param(case, variant, id=name)


def crystal(case) -> Structure:
    family, *lengths = case['lattice']
    lattice = getattr(Lattice, family)(*lengths)
    return from_spacegroup(case['space_group'], lattice, case['species'], case['coords'])


@pytest.mark.parametrize(('case', 'variant'), list(variants()))
def test_terminations_agree_with_pymatgen(case, variant):
    options = SlabOptions(
        case['min_slab'], REFERENCE['vacuum'], generator='pymatgen', **variant['options']
    )
    expected = sorted(variant['slabs'])
    if not expected:
        with pytest.raises(SlabGenerationError, match='symmetric'):
            find_terminations(crystal(case), case['hkl'], options)
        return
    found = sorted(
        [
            slab.formula,
            slab.n_atoms,
            round(slab.area, 3),
            round(slab.shift, 4),
            round(slab.thickness, 3),
            round(slab.vacuum, 3),
            slab.is_stoichiometric,
            slab.is_symmetric,
        ]
        for slab in find_terminations(crystal(case), case['hkl'], options)
    )
    assert [row[:2] + row[6:] for row in found] == [row[:2] + row[6:] for row in expected]
    figures = np.array([row[2:6] for row in expected], dtype=float)
    assert np.array([row[2:6] for row in found], dtype=float) == pytest.approx(figures, abs=2e-3)


@pytest.mark.parametrize('symmetrize', [True, False])
def test_the_atoms_are_those_of_pymatgen(symmetrize):
    generator = SlabGenerator(rutile(), (1, 1, 0), 10, 15, lll_reduce=True, center_slab=True)
    slabs = [slab.get_orthogonal_c_slab() for slab in generator.get_slabs(symmetrize=symmetrize)]
    terminations = find_terminations(
        rutile(), (1, 1, 0), SlabOptions(10, 15, symmetrize=symmetrize, generator='pymatgen')
    )
    matcher = StructureMatcher(primitive_cell=False, scale=False, ltol=0.01, stol=0.01)
    matches = [
        [matcher.fit(slab, termination.structure) for termination in terminations] for slab in slabs
    ]
    assert np.sum(matches, axis=0).tolist() == [1] * len(terminations)
    assert np.sum(matches, axis=1).tolist() == [1] * len(slabs)
