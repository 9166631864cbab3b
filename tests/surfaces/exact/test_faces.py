"""The layers of a face, in the minimal cell of the plane of the crystal."""

import pytest
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax.surfaces import SlabOptions, Termination, find_terminations


def double_layers() -> Structure:
    """Two flat layers of sodium, whose period is smaller than that of the crystal, and chlorine."""
    sodium = [[x, x, z] for x in (0, 0.5) for z in (0.15, -0.15)]
    return Structure(Lattice.tetragonal(4, 6), ['Na'] * 4 + ['Cl'], [*sodium, [0, 0, 0.5]])


def cut(thickness: float) -> Termination:
    found = find_terminations(double_layers(), (0, 0, 1), SlabOptions(thickness, 15))
    return next(one for one in found if one.top.name.startswith('Na2-1-Na2'))


@pytest.mark.parametrize(('thickness', 'area', 'layers'), [(1.0, 8.0, 2), (7.0, 16.0, 3)])
def test_layers_are_counted_in_the_cell_of_the_crystal(thickness, area, layers):
    one = cut(thickness)
    assert one.area == pytest.approx(area)
    expected = [(('Na', 2),), (('Na', 2),), (('Cl', 1),)]
    assert [contents for contents, _ in one.top.layers] == expected[:layers]
    assert one.top.name == 'Na2-1-Na2-2-Cl'
