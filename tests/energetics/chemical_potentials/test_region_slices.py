"""Slices of a region of stability."""

from __future__ import annotations

import numpy as np
import pytest

from aiida_slabrelax.energetics import NotComparableError, slice_region, stability_region
from compounds import COMPOUNDS


def region(name: str):
    compound = COMPOUNDS[name]
    return stability_region(compound.bulk, compound.references)


def test_nothing_is_kept() -> None:
    whole = region('ternary')
    free, corners = slice_region(whole.elements, whole.vertices_ev, {})
    assert free == list(whole.elements)
    np.testing.assert_array_equal(corners, whole.vertices_ev)


@pytest.mark.parametrize(
    ('name', 'fixed', 'n_free'),
    [
        ('ternary', {'P': -2.0}, 1),
        ('quaternary', {'Fe': -0.8}, 2),
        ('quaternary', {'Fe': -0.8, 'P': -3.0}, 1),
    ],
)
def test_the_corners_lie_on_the_border_of_the_whole_region(
    name: str, fixed: dict[str, float], n_free: int
) -> None:
    whole = region(name)
    free, corners = slice_region(whole.elements, whole.vertices_ev, fixed)
    assert len(free) == n_free
    assert corners.shape[1] == n_free
    centre = corners.mean(axis=0)
    for corner in corners:
        inside, outside = (centre + (corner - centre) * factor for factor in (0.999, 1.001))
        assert whole.contains({**fixed, **dict(zip(free, inside, strict=True))})
        assert not whole.contains({**fixed, **dict(zip(free, outside, strict=True))})


@pytest.mark.parametrize(
    ('fixed', 'message'),
    [
        ({'Ag': -0.1}, 'Δμ of Ag is not free; those of P, O are.'),
        ({'P': -1.0, 'O': -1.0}, 'No chemical potential is left free.'),
        ({'O': 0.5}, 'The bulk is not stable at Δμ(O) = 0.500 eV.'),
    ],
)
def test_what_cannot_be_cut(fixed: dict[str, float], message: str) -> None:
    whole = region('ternary')
    with pytest.raises(NotComparableError) as caught:
        slice_region(whole.elements, whole.vertices_ev, fixed)
    assert str(caught.value) == message
