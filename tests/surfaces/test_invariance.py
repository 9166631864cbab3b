"""What identifies a termination does not depend on how the crystal is written down."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiida_slabrelax.surfaces import (
    SlabOptions,
    Termination,
    describe_pseudosymmetry,
    find_terminations,
)
from bulk_crystals import (
    FACE_CENTRED,
    RHOMBOHEDRAL,
    baddeleyite,
    calcium_titanate,
    copper,
    gallium_arsenide,
    hematite,
    in_basis,
    lanthanum,
    lithium_cobaltate,
    mirrored,
    nickel_oxide,
    pyrite,
    quartz,
    rewritten,
    rutile,
    silicon_carbide_4h,
    silicon_carbide_6h,
    silver_phosphate,
    spinel,
    triclinic,
    zinc_oxide,
)

SAME = ((1, 0, 0), (0, 1, 0), (0, 0, 1))

#: The crystal, planes, whether symmetric slabs are cut, and a primitive cell.
CASES = {
    'Cu': (copper, [(1, 1, 1), (2, 1, 0)], True, FACE_CENTRED),
    'Ag3PO4': (silver_phosphate, [(1, 0, 0), (1, 1, 0)], True, SAME),
    'TiO2': (rutile, [(1, 1, 0), (1, 0, 1)], True, SAME),
    'GaAs': (gallium_arsenide, [(1, 1, 1), (1, 1, 0)], False, FACE_CENTRED),
    'ZnO': (zinc_oxide, [(0, 0, 1), (1, 0, 0)], False, SAME),
    'SiO2': (quartz, [(0, 0, 1), (1, 0, 1)], 'if_possible', SAME),
    'no symmetry': (triclinic, [(0, 0, 1), (1, -1, 2)], False, SAME),
    'NiO': (nickel_oxide, [(0, 0, 1), (1, 1, 1)], True, SAME),
    'Fe2O3': (hematite, [(0, 0, 1), (0, 1, 2)], True, RHOMBOHEDRAL),
    'MgAl2O4': (spinel, [(1, 0, 0)], True, FACE_CENTRED),
    'ZrO2': (baddeleyite, [(0, 0, 1), (1, 1, -1)], True, SAME),
    'CaTiO3': (calcium_titanate, [(0, 1, 0), (1, 0, 1)], True, SAME),
    'FeS2': (pyrite, [(1, 0, 0), (2, 1, 0)], True, SAME),
    'La': (lanthanum, [(0, 0, 1), (1, 0, 0)], True, SAME),
    'LiCoO2': (lithium_cobaltate, [(0, 0, 1), (1, 0, 4)], True, RHOMBOHEDRAL),
    '4H-SiC': (silicon_carbide_4h, [(0, 0, 1), (1, 0, 0)], False, SAME),
    '6H-SiC': (silicon_carbide_6h, [(0, 0, 1)], False, SAME),
}

#: Other cells: skewed, left-handed, larger along one axis, and all three.
CELLS = (
    SAME,
    ((1, 1, 0), (0, 1, 0), (0, -1, 1)),
    ((0, 1, 0), (1, 0, 0), (0, 0, 1)),
    ((1, 0, 0), (0, 2, 0), (0, 0, 1)),
    ((0, 0, 1), (0, 1, 0), (2, 1, 0)),
)


def cut(crystal, hkl, symmetrize, thickness=7.3) -> list[Termination]:
    options = SlabOptions(thickness, 15, symmetrize=symmetrize)
    return find_terminations(crystal, hkl, options)


def described(found: list[Termination]):
    """Return what is told exactly, by label, and the figures that noise may change a little."""
    words = {one.label: (one.identity, one.formula, one.is_symmetric) for one in found}
    return words, [(one.thickness, one.area) for one in found]


def transformed(hkl, rows) -> list[int]:
    """Return the indices of a plane in a cell whose vectors are these rows."""
    indices = np.round(6 * (np.array(rows) @ hkl)).astype(int)
    return (indices // np.gcd.reduce(indices)).tolist()


@pytest.mark.parametrize('case', CASES)
def test_identities_and_labels_stay_the_same(case):
    crystal, planes, symmetrize, primitive = CASES[case]
    expected = {hkl: described(cut(crystal(), hkl, symmetrize)) for hkl in planes}

    @settings(
        max_examples=12,
        derandomize=True,
        database=None,
    )
    @given(
        hkl=st.sampled_from(planes),
        smallest=st.booleans(),
        cell=st.sampled_from(CELLS),
        seed=st.integers(0, 2**31),
        noise=st.sampled_from([0.0, 1e-3]),
    )
    def same(hkl, smallest, cell, seed, noise):
        rows = np.array(cell) @ np.array(primitive if smallest else SAME)
        other = rewritten(in_basis(crystal(), rows), seed, noise)
        words, figures = described(cut(other, transformed(hkl, rows), symmetrize))
        assert words == expected[hkl][0]
        np.testing.assert_allclose(figures, expected[hkl][1], atol=0.02)
        assert describe_pseudosymmetry(other) is None

    same()


@pytest.mark.parametrize('case', CASES)
def test_no_two_terminations_have_one_identity(case):
    crystal, planes, symmetrize, _ = CASES[case]
    for hkl in planes:
        identities = [one.identity for one in cut(crystal(), hkl, symmetrize)]
        assert len(set(identities)) == len(identities)


@pytest.mark.parametrize('case', ['SiO2', 'Ag3PO4', '4H-SiC', 'no symmetry'])
def test_the_mirror_image_of_a_crystal_has_the_same_identities(case):
    crystal, planes, symmetrize, _ = CASES[case]
    for hkl in planes:
        found, images = (cut(one, hkl, symmetrize) for one in (crystal(), mirrored(crystal())))
        assert [one.identity for one in images] == [one.identity for one in found]


@pytest.mark.parametrize('generator', ['exact', 'pymatgen'])
@pytest.mark.parametrize(
    ('crystal', 'stackings'), [(silicon_carbide_4h, 2), (silicon_carbide_6h, 3)]
)
def test_faces_that_differ_sideways_are_numbered(crystal, stackings, generator):
    options = SlabOptions(9, 15, symmetrize=False, generator=generator)
    found = find_terminations(crystal(), (0, 0, 1), options)
    numbers = [
        tuple(int(name.split('#')[1]) for name in (one.top.name, one.bottom.name)) for one in found
    ]
    # One cut is between bilayers, the other one within them.
    for half in (numbers[:stackings], numbers[stackings:]):
        for side in zip(*half, strict=True):
            assert sorted(side) == list(range(1, stackings + 1))


def test_layers_that_tell_faces_apart_are_not_numbered():
    found = cut(silver_phosphate(), (1, 0, 0), True)
    assert [one.identity for one in found] == [
        'Ag-1-O2-2-Ag2P-2-O2-1-Ag-1-O2-2-Ag2P-2-O2',
        'Ag2P-2-O2-1-Ag-1-O2-2-Ag2P-2-O2-1-Ag-1-O2',
        'O2-1-Ag-1-O2-2-Ag2P-2-O2-1-Ag-1-O2-2-Ag2P',
        'O2-2-Ag2P-2-O2-1-Ag-1-O2-2-Ag2P-2-O2-1-Ag',
    ]


@pytest.mark.parametrize(
    ('crystal', 'hkl'), [(calcium_titanate, (0, 1, 0)), (silver_phosphate, (1, 0, 0))]
)
def test_the_identity_does_not_depend_on_the_thickness(crystal, hkl):
    thin, thick = (cut(crystal(), hkl, True, thickness) for thickness in (3, 16))
    period = len(thick[0].top.layers)
    assert any(len(one.top.layers) < period for one in thin)
    assert {one.identity for one in thin} == {one.identity for one in thick}
