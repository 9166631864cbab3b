"""Invented surface energies of copper at three thicknesses."""

from __future__ import annotations

from aiida_slabrelax.results import Convergence

COPPER = Convergence(
    identity='Cu',
    labels=('slab_00_8', 'slab_00_11', 'slab_00_14'),
    n_atoms=(8, 11, 14),
    thickness_a=(12.5, 17.8, 23.1),
    plain_j_per_m2=(1.13, 1.131, 1.132),
    fitted_j_per_m2=1.129,
    error_j_per_m2=0.001,
    residuals_mev=(0.1, -0.2, 0.1),
)
