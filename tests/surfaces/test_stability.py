"""Equivalent inputs give the same labels for the same terminations."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiida_slabrelax.surfaces import SlabOptions, find_terminations
from aiida_slabrelax.surfaces.slabs.layers import atomic_layers, canonical_layers
from bulk_crystals import nickel_oxide, rewritten, rutile, silver_phosphate, strontium_titanate

CASES = {
    'SrTiO3(100)': (strontium_titanate, (1, 0, 0)),
    'TiO2(110)': (rutile, (1, 1, 0)),
    'NiO(001)': (nickel_oxide, (0, 0, 1)),
    'Ag3PO4(100)': (silver_phosphate, (1, 0, 0)),
}


def described(crystal, hkl):
    """Return, by label, what does not depend on the way the crystal is written down."""
    result = {}
    for one in find_terminations(crystal, hkl, SlabOptions(10, 15)):
        kinds = one.structure.site_properties['kind_name']
        layers = canonical_layers(atomic_layers(one.structure.cart_coords[:, 2], kinds))
        contents = [layer for layer, _ in layers]
        result[one.label] = (one.formula, contents, round(one.thickness, 1), round(one.area, 1))
    return result


@pytest.mark.parametrize('case', CASES)
def test_labels_do_not_depend_on_how_the_crystal_is_written(case):
    crystal, hkl = CASES[case]
    expected = described(crystal(), hkl)
    assert len(expected) > 1

    @settings(
        max_examples=8,
        derandomize=True,
        database=None,
    )
    @given(seed=st.integers(0, 2**31), noise=st.sampled_from([0.0, 1e-4]))
    def same_labels(seed, noise):
        assert described(rewritten(crystal(), seed, noise), hkl) == expected

    same_labels()
