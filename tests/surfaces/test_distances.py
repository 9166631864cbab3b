"""Atoms that are too close for their elements."""

from __future__ import annotations

import pytest
from pymatgen.core import Lattice, Structure

from aiida_slabrelax.surfaces.distances import check_distances


def pair(one: str, other: str, distance: float) -> Structure:
    coordinates = [[0, 0, 0], [0, 0, distance]]
    return Structure(Lattice.cubic(12), [one, other], coordinates, coords_are_cartesian=True)


#: Short bonds of real crystals (Å).
BONDS = [
    *(('H', 'H', 0.74), ('N', 'N', 1.098), ('C', 'O', 1.128), ('O', 'O', 1.21), ('C', 'N', 1.15)),
    *(('O', 'H', 0.82), ('Li', 'H', 1.6), ('Pd', 'H', 1.7), ('Be', 'H', 1.33), ('Ti', 'H', 1.75)),
    *(
        ('U', 'O', 1.75),
        ('Os', 'O', 1.70),
        ('Xe', 'O', 1.76),
        ('Xe', 'F', 1.95),
        ('Cr', 'Cr', 1.83),
    ),
    *(('Na', 'Na', 1.89), ('B', 'B', 1.6), ('B', 'H', 1.1), ('S', 'O', 1.42), ('P', 'P', 1.9)),
]


@pytest.mark.parametrize(('one', 'other', 'distance'), BONDS)
def test_real_bonds(one: str, other: str, distance: float) -> None:
    assert check_distances(pair(one, other, distance), 'crystal') is None


@pytest.mark.parametrize(
    ('one', 'other', 'distance'),
    [('W', 'W', 0.82), ('H', 'H', 0.4), ('O', 'O', 0.6), ('Ti', 'O', 1.0), ('Cs', 'Cl', 1.5)],
)
def test_what_no_crystal_has(one: str, other: str, distance: float) -> None:
    message = check_distances(pair(one, other, distance), 'crystal')
    assert message is not None
    assert message.startswith(f'Atoms 0 and 1 of the crystal are {distance:.3f} Å apart')
