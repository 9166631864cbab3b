"""Noise that hides symmetry is told of; noise that changes nothing is not."""

import pytest
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax.surfaces import describe_pseudosymmetry
from bulk_crystals import in_basis, nickel_oxide, quartz, rewritten, silver_phosphate, triclinic

CRYSTALS = {'Ag3PO4': silver_phosphate, 'SiO2': quartz, 'NiO': nickel_oxide, 'none': triclinic}


@pytest.mark.parametrize('case', CRYSTALS)
@pytest.mark.parametrize('noise', [0.0, 1e-3])
def test_a_crystal_with_all_its_symmetry(case, noise):
    for seed in range(5):
        assert describe_pseudosymmetry(rewritten(CRYSTALS[case](), seed, noise)) is None


def test_noise_hides_operations():
    assert describe_pseudosymmetry(rewritten(silver_phosphate(), 0, 0.02)) == (
        'the crystal has 1 symmetry operation within 0.01 Å, but 24 within 0.1 Å. If it was meant '
        'to have them all, symmetrize it first: now slabs can be too many or too few, or thicker '
        'than need be.'
    )


def test_noise_hides_some_operations():
    message = describe_pseudosymmetry(rewritten(silver_phosphate(), 1, 0.003))
    assert message.startswith('the crystal has 2 symmetry operations within 0.01 Å, but 24 within')


def test_noise_hides_translations():
    doubled = in_basis(triclinic(), [[2, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert describe_pseudosymmetry(rewritten(doubled, 0)) is None
    message = describe_pseudosymmetry(rewritten(doubled, 0, 0.02))
    assert message.startswith('the crystal has 1 symmetry operation within 0.01 Å, but 2 within')


def test_a_large_distortion_is_meant():
    """Tetragonal BaTiO3 with titanium 0.2 Å off the centre."""
    distorted = Structure(
        Lattice.tetragonal(3.99, 4.03),
        ['Ba', 'Ti', 'O', 'O', 'O'],
        [[0, 0, 0], [0.5, 0.5, 0.55], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]],
    )
    assert describe_pseudosymmetry(distorted) is None


def test_opposite_spins_are_no_pseudosymmetry():
    assert describe_pseudosymmetry(nickel_oxide()) is None
    assert describe_pseudosymmetry(nickel_oxide(kinds=('Ni', 'Ni'))) is None
