"""When two readers have found the same crystal."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike

from aiida_slabrelax.crystals.agreement import describe_difference
from aiida_slabrelax.crystals.content import CrystalData

CELL = np.diag([4.0, 5.0, 6.0])


def crystal(symbols: list[str], coordinates: ArrayLike, matrix: ArrayLike = CELL) -> CrystalData:
    return CrystalData(
        matrix=np.array(matrix, dtype=float).tolist(),
        pbc=[True] * 3,
        species=[{symbol: 1.0} for symbol in symbols],
        coordinates=np.array(coordinates, dtype=float).tolist(),
        cartesian=False,
        kinds=None,
        tags=None,
        masses=None,
        moments=None,
    )


MAGNESIA = crystal(['Mg', 'O'], [[0, 0, 0], [0.5, 0.5, 0.5]])


@pytest.mark.parametrize(
    'other',
    [
        crystal(['O', 'Mg'], [[0.5, 0.5, -0.5], [1, 0, -1e-9]]),
        crystal(['Mg', 'O', 'O'], [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]),
        crystal(['Mg', 'O'], [[0, 0, 0], [0.5, 0.5, 0.5]], [[0, 4, 0], [-5, 0, 0], [0, 0, 6]]),
        crystal(['Mg', 'O'], [[0, 0, 0.001], [0.5, 0.5, 0.5]]),
    ],
    ids=['order and images', 'twice', 'turned', 'rounded'],
)
def test_the_same(other: CrystalData) -> None:
    assert describe_difference(MAGNESIA, other) is None


def test_isotopes_are_hydrogen() -> None:
    assert describe_difference(crystal(['D'], [[0, 0, 0]]), crystal(['H'], [[0, 0, 0]])) is None


@pytest.mark.parametrize(
    ('other', 'difference'),
    [
        (
            crystal(['Mg', 'O'], MAGNESIA['coordinates'], [[4.2, 0, 0], [0, 5, 0], [0, 0, 6]]),
            'the lattice parameters are 4, 5, 6, 90, 90, 90 or 4.2, 5, 6, 90, 90, 90',
        ),
        (
            crystal(['Mg', 'S'], MAGNESIA['coordinates']),
            'the atoms are Mg1 O1 or Mg1 S1',
        ),
        (
            crystal(['Mg', 'O'], [[0, 0, 0], [0.5, 0.5, 0.4]]),
            'atoms of O are in different places',
        ),
        (
            crystal(['Mg', 'O', 'O'], [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0, 0]]),
            'atoms of O are in different places',
        ),
    ],
    ids=['lattice', 'elements', 'places', 'one more'],
)
def test_a_difference(other: CrystalData, difference: str) -> None:
    assert describe_difference(MAGNESIA, other) == difference
    assert describe_difference(other, MAGNESIA) is not None
