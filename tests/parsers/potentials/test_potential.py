"""Levels in OUTCAR, and planar averages of LOCPOT."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aiida_slabrelax.parsers.potentials.potential import (
    OutcarLevels,
    read_levels,
    read_locpot,
    vacuum_of,
)
from aiida_slabrelax.parsers.steps import Geometry, UnreadableError

#: As VASP 5.4 and 6 write them, with what they print of an ionic step before.
OUTCAR = """
   LVHAR        =      T    write LOCPOT, Hartree potential only
   LDIPOL =      {corrected}    correct potential (dipole corrections)
   IDIPOL =      {axis}    1-x, 2-y, 3-z, 4-all directions
 E-fermi :  -1.6326     XC(G=0):  -4.0575     alpha+bet : -3.7761
 vacuum level on the upper side and lower side of the slab         2.907         3.388
 BZINTS: Fermi energy:  2.344761;384.000000 electrons
 E-fermi :  -1.6329     XC(G=0):  -4.0574     alpha+bet : -3.7761
 vacuum level on the upper side and lower side of the slab         2.807         3.188
"""


def test_the_last_levels_count() -> None:
    levels = read_levels(OUTCAR.format(corrected='T', axis=3))
    assert levels == OutcarLevels(-1.6329, 2.807, 3.188, corrected=True)


@pytest.mark.parametrize(
    ('corrected', 'axis', 'expected'),
    [
        ('F', 3, OutcarLevels(-1.6329, 2.807, 3.188)),
        ('T', 1, OutcarLevels(-1.6329)),
        ('T', 4, OutcarLevels(-1.6329)),
    ],
)
def test_levels_along_another_axis_are_none(
    corrected: str, axis: int, expected: OutcarLevels
) -> None:
    assert read_levels(OUTCAR.format(corrected=corrected, axis=axis)) == expected


def test_stars_and_nothing() -> None:
    text = (
        OUTCAR.format(corrected='T', axis=3).replace('-1.6329', '********').replace('2.807', '***')
    )
    assert read_levels(text) == OutcarLevels(None, None, 3.188, corrected=True)
    assert read_levels('') == OutcarLevels()


#: A slab across the boundary of its cell, whose third vector is slanted; 2 × 1 × 4 points.
LOCPOT = """a slab
   1.00000000000000
    3.000000    0.000000    0.000000
    0.000000    3.000000    0.000000
    1.000000    0.000000   16.000000
   Al
     2
Direct
  0.000000  0.000000  0.875000
  0.500000  0.500000  0.125000

    2    1    4
 0.10000000000E+01 -.30000000000E+01 0.20000000000E+01 0.40000000000E+01 0.50000000000E+01
 0.50000000000E+01 0.20000000000E+01 0.40000000000E+01
"""


def test_heights_count_from_the_lower_face(tmp_path: Path) -> None:
    path = tmp_path / 'LOCPOT'
    path.write_text(LOCPOT)
    found = read_locpot(path)
    assert (found.thickness, found.period) == pytest.approx((4.0, 16.0))
    np.testing.assert_allclose(found.heights, [2, 6, 10, 14])
    np.testing.assert_allclose(found.values, [-1, 3, 5, 3])


@pytest.mark.parametrize(
    'content',
    ['', 'no potential', LOCPOT[:-30], LOCPOT.replace('0.50000000000E+01', '*****************')],
    ids=['empty', 'other', 'cut off', 'stars'],
)
def test_a_damaged_locpot_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / 'LOCPOT'
    path.write_text(content)
    with pytest.raises(UnreadableError):
        read_locpot(path)


def test_a_missing_locpot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match='VASP has not written it'):
        read_locpot(tmp_path / 'LOCPOT')


def test_the_vacuum_of_a_geometry() -> None:
    geometry = Geometry.of(np.diag([3.0, 3.0, 16.0]), [[0, 0, 14], [0, 0, 2]])
    assert vacuum_of(geometry) == pytest.approx(12.0)
    assert vacuum_of(Geometry.of(np.zeros((3, 3)), [[0, 0, 0]])) is None
