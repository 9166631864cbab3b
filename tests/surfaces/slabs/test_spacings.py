"""Distances of layers."""

from __future__ import annotations

import numpy as np

from aiida_slabrelax.surfaces.slabs.spacings import compare_spacings


def test_each_side_is_counted_from_its_surface() -> None:
    found = compare_spacings([0, 2, 4, 6, 8, 10], [0.1, 2, 4, 6, 8, 9.8])
    np.testing.assert_allclose(found.before, [2, 2, 2, 2, 2])
    np.testing.assert_allclose(found.changes_percent, [-10, 0, 0, 0, -5], atol=1e-12)
    np.testing.assert_allclose(found.from_top, [-10, 0, 0], atol=1e-12)
    np.testing.assert_allclose(found.from_bottom, [-5, 0, 0], atol=1e-12)


def test_a_layer_is_the_mean_of_its_atoms_as_they_were_before() -> None:
    found = compare_spacings([0.0, 0.2, 3.0], [-0.4, 0.6, 3.2])
    np.testing.assert_allclose(found.before, [2.9])
    np.testing.assert_allclose(found.after, [3.1])


def test_one_layer_has_no_distance() -> None:
    assert compare_spacings([1.0, 1.1], [1.0, 1.1]).from_top.size == 0
