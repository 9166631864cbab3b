"""Atoms that differ in what is around them, and the operations of crystals by them."""

import numpy as np
import pytest
import spglib
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax.surfaces import Crystal, is_symmetric
from aiida_slabrelax.surfaces.bulk import environments
from aiida_slabrelax.surfaces.bulk.environments import tell_environments_apart
from bulk_crystals import (
    copper,
    in_basis,
    nickel_oxide,
    quartz,
    rewritten,
    rock_salt,
    rutile,
    silver_phosphate,
)

BUILDERS = (copper, rock_salt, rutile, quartz, silver_phosphate)
TOLERANCES = (0.01, 0.1)


@st.composite
def supercells(draw: st.DrawFn) -> Structure:
    """Return a supercell of a crystal, some of its atoms missing, in any orientation."""
    crystal = draw(st.sampled_from(BUILDERS))()
    sizes = draw(st.tuples(*[st.integers(1, 3)] * 3).filter(lambda one: 1 < np.prod(one) < 10))
    supercell = in_basis(crystal, np.diag(sizes))
    # With more noise it depends on spglib's choice of the first atom which operations it finds: its
    # own move and that of another add up to 4 √3 noise, which must stay below the tolerance.
    noise = draw(st.sampled_from([0.0, 1e-3]))
    supercell = rewritten(supercell, draw(st.integers(0, 99)), noise)
    missing = draw(st.sets(st.integers(0, len(supercell) - 1), max_size=3))
    supercell.remove_sites(list(missing)[: len(supercell) - 1])
    return supercell


def arrays(structure: Structure) -> tuple[np.ndarray, np.ndarray, list[int]]:
    numbers = [one.Z for one in structure.species]
    return structure.lattice.matrix, structure.frac_coords, numbers


def rotations(structure: Structure, numbers: list[int], tolerance: float) -> list[bytes]:
    cell = structure.lattice.matrix, structure.frac_coords, numbers
    return sorted(one.tobytes() for one in spglib.get_symmetry_dataset(cell, tolerance).rotations)


@settings(max_examples=40)
@given(structure=supercells(), tolerance=st.sampled_from(TOLERANCES))
def test_a_crystal_has_the_same_operations_by_the_environments(structure, tolerance):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(environments, 'FEW', 0)
        told_apart = tell_environments_apart(*arrays(structure), tolerance)
    numbers = [one.Z for one in structure.species]
    assert len({*zip(numbers, told_apart, strict=True)}) == len(set(told_apart))
    assert rotations(structure, told_apart, tolerance) == rotations(structure, numbers, tolerance)


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return how many atoms of the rarest number spglib was given, each time."""
    counts = []

    def note(function):
        def ask(cell, *args, **kwargs):
            counts.append(int(np.unique(cell[2], return_counts=True)[1].min()))
            return function(cell, *args, **kwargs)

        return ask

    for name in ('get_symmetry_dataset', 'get_magnetic_symmetry'):
        monkeypatch.setattr(spglib, name, note(getattr(spglib, name)))
    return counts


@pytest.mark.parametrize('tolerance', TOLERANCES)
def test_around_a_vacancy_spglib_has_a_dozen_atoms_to_try(tried, tolerance):
    supercell = in_basis(copper(), 4 * np.eye(3))
    supercell.remove_sites([100])
    crystal = Crystal.of(supercell, tolerance)
    assert (len(supercell), crystal.space_group, len(crystal.rotations)) == (255, 221, 48)
    assert max(tried) <= 12


def test_around_a_vacancy_of_an_antiferromagnet_too(tried):
    supercell = in_basis(nickel_oxide(), np.diag([4, 4, 4]))
    supercell.remove_sites([3])
    moments = {'Ni1': 2.0, 'Ni2': -2.0}
    names = supercell.site_properties['kind_name']
    supercell.add_site_property('magmom', [moments.get(one, 0.0) for one in names])
    Crystal.of(supercell)
    assert max(tried) <= 12


def test_around_a_vacancy_of_a_slab_too(tried):
    cell = Structure(Lattice.tetragonal(2.6, 30.0), ['Cu'] * 5, [[0, 0, z / 12] for z in range(5)])
    slab = in_basis(cell, np.diag([6, 6, 1]))
    slab.remove_sites([0])
    assert not is_symmetric(slab)
    assert max(tried) <= 12


def test_small_crystals_are_left_as_they_are():
    numbers = [7, 3, 7, 7]
    assert tell_environments_apart(np.eye(3), np.zeros((4, 3)), numbers, 0.01) == numbers


def test_atoms_without_gaps_between_their_distances_are_not_told_apart():
    random = np.random.default_rng(1)
    coordinates = random.uniform(size=(100, 3))
    assert len(set(tell_environments_apart(10 * np.eye(3), coordinates, [1] * 100, 0.1))) == 1
