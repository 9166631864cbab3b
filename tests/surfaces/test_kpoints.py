"""Meshes of k-points."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core.lattice import Lattice

from aiida_slabrelax.surfaces import kpoints_mesh, oriented_mesh


def test_spacing_gives_the_density_in_the_plane_and_one_point_along_the_normal() -> None:
    # 1 / (6.12 × 0.03) = 5.4, 1 / (30.6 × 0.03) = 1.09
    assert kpoints_mesh(Lattice.orthorhombic(6.12, 6.12, 30.6), 0.03) == [6, 6, 1]


@pytest.mark.parametrize('height', [5.0, 40.0])
def test_one_point_along_the_normal_whatever_the_height(height: float) -> None:
    assert kpoints_mesh(Lattice.orthorhombic(3.6, 7.2, height), 0.03) == [10, 5, 1]


def test_a_coarse_spacing_gives_the_gamma_point() -> None:
    assert kpoints_mesh(Lattice.orthorhombic(3.0, 3.0, 20.0), 0.5) == [1, 1, 1]


@pytest.mark.parametrize('slant', [(0.0, 0.0), (12.0, 3.0), (-30.0, 30.0)])
@pytest.mark.parametrize('hand', [1, -1])
def test_a_slanted_third_vector_changes_nothing_in_the_plane(
    slant: tuple[float, float], hand: int
) -> None:
    lattice = Lattice([[3.6, 0, 0], [1.8, 6.0, 0], [*slant, hand * 20.0]])
    assert kpoints_mesh(lattice, 0.03) == [10, 6, 1]
    assert oriented_mesh(lattice, 0.03) == [10, 6, 2]


def test_a_spacing_that_fits_is_not_made_denser_by_the_last_digit() -> None:
    lengths = 1 / (0.03 * np.array([7, 11, 1]))
    assert kpoints_mesh(Lattice.orthorhombic(*lengths), 0.03) == [7, 11, 1]
