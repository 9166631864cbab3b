"""Bonds of real crystals: what chemists draw, and no contacts."""

from collections import Counter

import numpy as np
import pytest
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax.surfaces import Crystal, SlabGenerationError
from aiida_slabrelax.surfaces.groups.bonds import find_bonds, shortest_distance
from bulk_crystals import (
    copper,
    from_spacegroup,
    pyrite,
    rewritten,
    rock_salt,
    rutile,
    silver_phosphate,
    strontium_titanate,
)
from grouped_crystals import (
    baryte,
    bismuth_selenide,
    build,
    carbon_dioxide,
    monazite,
    potassium_phosphate,
    urea,
)


def coordination(crystal: Structure, bonds: dict[str, float] | None = None) -> dict[str, float]:
    """Return the mean number of neighbours of an atom by the elements of both."""
    cell = Crystal.of(crystal)
    found = find_bonds(cell, bonds)
    symbols = [element.symbol for element in cell.elements]
    pairs = Counter(
        f'{symbols[one]}-{symbols[other]}'
        for one, other in zip(found.first.tolist(), found.second.tolist(), strict=True)
    )
    return {
        pair: number / symbols.count(pair.split('-')[0]) for pair, number in sorted(pairs.items())
    }


def iron() -> Structure:
    return from_spacegroup('Im-3m', Lattice.cubic(2.866), ['Fe'], [[0, 0, 0]])


@pytest.mark.parametrize(
    ('make', 'expected'),
    [
        (copper, {'Cu-Cu': 12}),
        (iron, {'Fe-Fe': 14}),
        (rutile, {'O-Ti': 3, 'Ti-O': 6}),
        (silver_phosphate, {'Ag-O': 4, 'O-Ag': 3, 'O-P': 1, 'P-O': 4}),
        (strontium_titanate, {'O-Sr': 4, 'O-Ti': 2, 'Sr-O': 12, 'Ti-O': 6}),
        (urea, {'C-N': 2, 'C-O': 1, 'H-N': 1, 'N-C': 1, 'N-H': 2, 'O-C': 1}),
        (carbon_dioxide, {'C-O': 2, 'O-C': 1}),
        (bismuth_selenide, {'Bi-Se': 6, 'Se-Bi': 4}),
        (rock_salt, {'Cl-Na': 6, 'Na-Cl': 6}),
    ],
)
def test_neighbours_of_well_known_crystals(make, expected):
    assert coordination(build(make)) == expected


def test_metals_of_a_salt_are_not_bonded_to_each_other():
    # By their radii two Cs atoms 4.12 Å apart are.
    sites = [[0, 0, 0], [0.5, 0.5, 0.5]]
    crystal = from_spacegroup('Pm-3m', Lattice.cubic(4.12), ['Cs', 'Cl'], sites)
    assert coordination(crystal) == {'Cl-Cs': 8, 'Cs-Cl': 8}


def test_sulfur_pairs_of_pyrite():
    assert coordination(pyrite()) == {'Fe-S': 6, 'S-Fe': 3, 'S-S': 1}


def test_a_metal_is_not_bonded_to_the_centre_of_an_oxo_anion():
    # La-P is 3.2 Å, Ba-S 3.5 Å; the sums of radii and 0.4 Å are 3.54 and 3.60 Å.
    assert set(coordination(monazite().crystal)) == {'La-O', 'O-La', 'O-P', 'P-O'}
    assert set(coordination(baryte().crystal)) == {'Ba-O', 'O-Ba', 'O-S', 'S-O'}


def test_a_carbonyl_is_bonded_to_its_metal_by_carbon():
    # Ni(CO)4 in a cubic box: C-O 1.13 Å, Ni-C 1.83 Å along the diagonals.
    a = 7.2
    along = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)
    places = [np.zeros(3), *(1.83 * along), *(2.96 * along)]
    crystal = Structure(
        Lattice.cubic(a), ['Ni', *['C'] * 4, *['O'] * 4], places, coords_are_cartesian=True
    )
    assert coordination(crystal) == {'C-Ni': 1, 'C-O': 1, 'Ni-C': 4, 'O-C': 1}


def test_a_hydrogen_halfway_between_two_atoms_is_bonded_to_none():
    found = coordination(potassium_phosphate().crystal)
    assert not any('H' in pair for pair in found)
    assert (found['P-O'], found['K-O']) == (4, 8)


def test_a_hydrogen_bond_is_none():
    # Water molecules in a row, O-H 0.98 Å and H···O 1.3 Å.
    crystal = Structure(
        Lattice.orthorhombic(2.28, 4.5, 4.5),
        ['O', 'H', 'H'],
        [[0, 0, 0], [0.98, 0, 0], [-0.2, 0.9, 0]],
        coords_are_cartesian=True,
    )
    assert coordination(crystal) == {'H-O': 1, 'O-H': 2}


def test_given_lengths_replace_those_by_radii():
    assert coordination(silver_phosphate(), {'P-O': 1.8}) == {'O-P': 1, 'P-O': 4}
    assert coordination(silver_phosphate(), {'Ag-Ag': 3.1}) == {'Ag-Ag': 2}


def test_lengths_of_an_element_that_is_not_there():
    with pytest.raises(SlabGenerationError, match=r"no S: 'P-S' is no bond") as raised:
        find_bonds(Crystal.of(silver_phosphate()), {'P-S': 2.0})
    assert raised.value.option == 'bonds'


def test_the_shortest_distance_of_two_elements():
    crystal = Crystal.of(silver_phosphate())
    assert shortest_distance(crystal, 'P', 'O', 5.0) == pytest.approx(0.148 * 6.12 * np.sqrt(3))
    assert shortest_distance(crystal, 'P', 'P', 4.0) is None


@pytest.mark.parametrize('seed', range(5))
def test_noise_and_rotation_change_no_bond(seed):
    """Bonds that symmetry relates are all there or all missing, even at the limit of a length."""
    distance = shortest_distance(Crystal.of(silver_phosphate()), 'Ag', 'O', 3.0)
    limit = {'Ag-O': distance}
    assert coordination(silver_phosphate(), limit) == {'Ag-O': 4, 'O-Ag': 3}
    noisy = rewritten(silver_phosphate(), seed, noise=1e-3)
    assert coordination(noisy, limit) in ({'Ag-O': 4, 'O-Ag': 3}, {})
    assert coordination(noisy) == coordination(silver_phosphate())
