"""Faces whose layers, gaps and distances of pairs all agree have names of their own."""

import numpy as np
import pytest
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax.surfaces import SlabOptions, Termination, find_terminations
from aiida_slabrelax.surfaces.exact import canonical_form
from aiida_slabrelax.surfaces.exact.canonical_form import find_frames
from bulk_crystals import from_spacegroup, mirrored, rewritten


def screwed() -> Structure:
    """Flat layers without a mirror, each turned by 240° to the one below: up is not down."""
    return from_spacegroup(172, Lattice.hexagonal(5, 6), ['Mg'], [[0.2, 0.45, 0]])


def glided() -> Structure:
    """Along (111) two of its layers lie between equal ones at equal distances."""
    return from_spacegroup(
        'P-4b2',
        Lattice.tetragonal(10.93, 5.62),
        ['Bi', 'Bi', 'O'],
        [[0.1362, 0.1138, 0.25], [0.1362, 0.3862, 0.75], [0.25, 0.25, 0]],
    )


def thick_layer() -> Structure:
    """Along (100) one layer a period, of atoms 0.06 Å apart, and no mirror that turns it over."""
    places = [[0.0, 0.1, 0.2], [0.015, 0.45, 0.9], [0.03, 0.8, 0.45], [0.045, 0.3, 0.6]]
    return Structure(Lattice.orthorhombic(4, 7, 8), ['Cl'] * 4, places)


ONE_CUT = {'screwed': (screwed, (0, 0, 1)), 'thick layer': (thick_layer, (1, 0, 0))}
CASES = {**ONE_CUT, 'glided': (glided, (1, 1, 1)), 'glided twice': (glided, (1, 1, 2))}


def cut(crystal: Structure, hkl) -> list[Termination]:
    options = SlabOptions(7, 15, symmetrize=False, layer_tolerance=0.2)
    return find_terminations(crystal, hkl, options)


@pytest.mark.parametrize('case', ONE_CUT)
def test_up_and_down_have_two_names(case):
    crystal, hkl = CASES[case]
    (one,) = cut(crystal(), hkl)
    assert not one.is_symmetric
    plain = one.top.name.split('#')[0]
    assert {one.top.name, one.bottom.name} == {f'{plain}#1', f'{plain}#2'}


@pytest.mark.parametrize(('hkl', 'count'), [((1, 1, 1), 3), ((1, 1, 2), 2)])
def test_terminations_that_differ_only_as_a_whole_have_two_identities(hkl, count):
    identities = [one.identity for one in cut(glided(), hkl)]
    assert len(set(identities)) == len(identities) == count


@pytest.mark.parametrize('case', CASES)
@pytest.mark.parametrize('noise', [0.0, 1e-3])
def test_the_names_stay_with_the_faces(case, noise):
    crystal, hkl = CASES[case]

    def told(other: Structure):
        return [(one.label, one.formula, one.identity) for one in cut(other, hkl)]

    def heights(other: Structure) -> list[float]:
        return [one.thickness for one in cut(other, hkl)]

    for seed, original in enumerate((crystal(), mirrored(crystal()), crystal())):
        other = rewritten(original, seed, noise)
        assert told(other) == told(crystal())
        assert heights(other) == pytest.approx(heights(crystal()), abs=0.01)


@pytest.mark.parametrize('case', CASES)
def test_names_do_not_depend_on_how_many_frames_are_looked_at_at_once(
    monkeypatch: pytest.MonkeyPatch, case
):
    crystal, hkl = CASES[case]
    together = [one.identity for one in cut(crystal(), hkl)]
    monkeypatch.setattr(canonical_form, 'AT_ONCE', 1)
    assert [one.identity for one in cut(crystal(), hkl)] == together


@pytest.mark.parametrize(
    ('plane', 'count'),
    [
        ([[3, 0], [-1, 4]], 2),
        ([[3, 0], [0, 4]], 4),
        ([[3, 0], [-1.5, 4]], 4),
        ([[3, 0], [0, 3]], 8),
        ([[3, 0], [-1.5, 1.5 * 3**0.5]], 12),
    ],
    ids=['oblique', 'rectangular', 'centred', 'square', 'hexagonal'],
)
def test_a_lattice_offers_as_many_frames_as_it_has_operations(plane, count):
    assert len(find_frames(np.array(plane, dtype=float))) == count
