"""Slabs of random crystals are pieces of the crystal: rotated, not mirrored, and complete.

Nothing here uses the generator's own view of the crystal.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from numpy.typing import NDArray
from pymatgen.core.structure import Structure
from pymatgen.core.structure_matcher import StructureMatcher

from aiida_slabrelax.surfaces import SlabOptions, Termination, find_terminations
from bulk_crystals import mirrored, quartz, triclinic
from random_crystals import Sample, lattice_translations, period, pure_translations, samples

Vectors = NDArray[np.float64]

EQUAL = StructureMatcher(ltol=0.01, stol=0.01, angle_tol=0.5, primitive_cell=False, scale=False)

TOLERANCE = 1e-3
"""How far (Å) an atom of a slab may be from where the crystal has one."""


def cut(sample: Sample, symmetrize: bool | str, vacuum: float = 12.0) -> list[Termination]:
    """Cut slabs at least a period thick, which hold every layer of the crystal."""
    height = max(4.0, period(sample.crystal, sample.plane))
    options = SlabOptions(height, vacuum, symmetrize=symmetrize)
    return find_terminations(sample.crystal, sample.plane, options)


def normal_of(sample: Sample) -> Vectors:
    vector = np.array(sample.plane) @ np.linalg.inv(sample.crystal.lattice.matrix).T
    return vector / np.linalg.norm(vector)


def find_bottom(slab: Structure, sample: Sample) -> float | None:
    """Return how high (Å) in the crystal a slab begins, or None if it is no piece of it.

    It is one if the crystal has all its atoms once it is rotated so that the normal is along z, and
    shifted. a and b of the slab must be translations of the crystal.
    """
    normal = normal_of(sample)
    a, b, _ = slab.lattice.matrix
    points = lattice_translations(sample.crystal, max(np.linalg.norm([a, b], axis=1)) + 0.1)
    points = points[np.abs(points @ normal) < TOLERANCE]
    for u, v in itertools.permutations(points, 2):
        products = [u @ u - a @ a, v @ v - b @ b, u @ v - a @ b]
        # Right-handed with c along the normal; those of a mirror image would not be.
        if np.cross(u, v) @ normal > 0 and np.abs(products).max() < TOLERANCE:
            x = u / np.linalg.norm(u)
            axes = np.array([x, np.cross(normal, x), normal])
            place = _find_place(slab, sample.crystal, axes)
            if place is not None:
                return float((place @ normal).min())
    return None


def _find_place(slab: Structure, crystal: Structure, axes: Vectors) -> Vectors | None:
    """Return where the atoms of a slab are, its axes turned to those of a crystal, if it is there.

    :returns: shape (N, 3), in Å.
    """
    turned = slab.cart_coords @ axes
    species = np.array(crystal.atomic_numbers)
    for first in np.flatnonzero(species == slab.atomic_numbers[0]):
        place = turned - turned[0] + crystal.cart_coords[first]
        coordinates = crystal.lattice.get_fractional_coords(place)
        apart = crystal.lattice.get_all_distances(coordinates, crystal.frac_coords)
        nearest = apart.argmin(axis=1)
        if (apart.min(axis=1) < TOLERANCE).all() and np.array_equal(
            species[nearest], slab.atomic_numbers
        ):
            return place
    return None


def expected_atoms(sample: Sample, bottom: float, thickness: float, area: float) -> float:
    """Return how many atoms the crystal has in a slice of this area (Å²)."""
    spacing = sample.crystal.lattice.d_hkl(sample.plane)
    heights = sample.crystal.cart_coords @ normal_of(sample)
    below, above = bottom - TOLERANCE, bottom + thickness + TOLERANCE
    counts = np.floor((above - heights) / spacing) - np.floor((below - heights) / spacing)
    return float(counts.sum() * area * spacing / sample.crystal.volume)


def assert_cell_is_right(one: Termination, sample: Sample) -> None:
    a, b, c = one.structure.lattice.matrix
    assert (a[1:] == 0).all()
    assert b[2] == 0
    assert (c[:2] == 0).all()
    assert min(a[0], b[1], c[2]) > 0  # right-handed
    assert np.ptp(one.structure.cart_coords[:, 2]) == pytest.approx(one.thickness)
    assert one.thickness >= one.requested_thickness - 1e-6
    assert c[2] - one.thickness == pytest.approx(12.0)
    assert one.vacuum == pytest.approx(12.0)
    minimal = sample.crystal.volume / len(pure_translations(sample.crystal))
    minimal /= period(sample.crystal, sample.plane)
    assert np.linalg.norm(np.cross(a, b)) == pytest.approx(minimal, rel=1e-6)
    assert np.linalg.norm(a) < np.linalg.norm(b) + 1e-6
    assert abs(a @ b) < a @ a / 2 + 1e-6


def assert_pieces(slabs: list[Termination], sample: Sample) -> None:
    for one in slabs:
        assert_cell_is_right(one, sample)
        bottom = find_bottom(one.structure, sample)
        assert bottom is not None
        atoms = expected_atoms(sample, bottom, one.thickness, one.area)
        assert one.n_atoms == pytest.approx(atoms, abs=1e-6)
        if not one.is_symmetric:
            assert one.is_stoichiometric
    reduced = [(one.formula, one.structure.get_reduced_structure('niggli')) for one in slabs]
    for (formula, one), (another, other) in itertools.combinations(reduced, 2):
        assert formula != another or not EQUAL.fit(one, other, skip_structure_reduction=True)


@settings(
    max_examples=30,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(samples())
def test_slabs_are_pieces_of_the_crystal(sample):
    for symmetrize in (False, 'if_possible'):
        assert_pieces(cut(sample, symmetrize), sample)


@pytest.mark.parametrize('crystal', [quartz(), triclinic()], ids=['quartz', 'triclinic'])
@pytest.mark.parametrize('plane', [(1, 0, 0), (0, 0, 1), (1, 1, 1), (2, -1, 1)])
def test_a_mirrored_slab_would_be_noticed(crystal, plane):
    sample = Sample(0, crystal, plane)
    slab = cut(sample, False)[0].structure
    assert find_bottom(slab, sample) is not None
    assert find_bottom(slab, Sample(0, mirrored(crystal), plane)) is None
