"""The Wulff shape, against pymatgen's own and against geometry."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.analysis.wulff import WulffShape
from pymatgen.core import Lattice, Structure

from aiida_slabrelax.energetics import NotComparableError
from aiida_slabrelax.energetics.wulff import wulff_shape
from aiida_slabrelax.surfaces.bulk.crystal import Crystal
from bulk_crystals import from_spacegroup


def cubic() -> Structure:
    return from_spacegroup('Fm-3m', Lattice.cubic(3.6), ['Cu'], [[0, 0, 0]])


def corundum() -> Structure:
    sites = [[0, 0, 0.352], [0.306, 0, 0.25]]
    return from_spacegroup('R-3c', Lattice.hexagonal(4.76, 12.99), ['Al', 'O'], sites)


def pyrite() -> Structure:
    sites = [[0, 0, 0], [0.385, 0.385, 0.385]]
    return from_spacegroup('Pa-3', Lattice.cubic(5.42), ['Fe', 'S'], sites)


def facets(shape: WulffShape) -> int:
    return sum(bool(facet.points) for facet in shape.facets)


@pytest.mark.parametrize(
    'energies',
    [
        {(1, 1, 1): 1.3, (1, 0, 0): 1.45, (1, 1, 0): 1.56},
        {(1, 1, 1): 1.0, (1, 0, 0): 1.6},
        {(1, 0, 0): 0.9},
    ],
)
def test_where_the_crystal_has_the_symmetry_of_its_lattice_it_is_that_of_pymatgen(energies) -> None:
    mine = wulff_shape(Crystal.of(cubic()), energies)
    theirs = WulffShape(cubic().lattice, list(energies), list(energies.values()))
    assert mine.area_fraction_dict == pytest.approx(theirs.area_fraction_dict, abs=1e-10)


def test_the_primitive_cell_has_the_same_shape() -> None:
    primitive = cubic().get_primitive_structure()
    conventional = wulff_shape(Crystal.of(cubic()), {(1, 1, 1): 1.3, (1, 0, 0): 1.45})
    crystal = Crystal.of(primitive)
    to_primitive = np.linalg.inv(cubic().lattice.matrix) @ primitive.lattice.matrix.T
    planes = {}
    for plane, energy in (((1, 1, 1), 1.3), ((1, 0, 0), 1.45)):
        indices = np.array(plane) @ to_primitive
        indices = np.round(indices / np.min(np.abs(indices[np.abs(indices) > 1e-6]))).astype(int)
        planes[tuple(int(index) for index in indices)] = energy
    shape = wulff_shape(crystal, planes)
    assert sorted(shape.area_fraction_dict.values()) == pytest.approx(
        sorted(conventional.area_fraction_dict.values()), abs=1e-8
    )


def test_corundum_has_six_rhombohedral_faces_not_twelve() -> None:
    crystal = Crystal.of(corundum())
    assert facets(wulff_shape(crystal, {(0, 1, 2): 1.7})) == 6
    assert facets(WulffShape(corundum().lattice, [(0, 1, 2)], [1.7])) == 12


def test_a_dodecahedron_of_pyrite() -> None:
    assert facets(wulff_shape(Crystal.of(pyrite()), {(2, 1, 0): 1.5})) == 12
    assert facets(WulffShape(pyrite().lattice, [(2, 1, 0)], [1.5])) == 24


def test_of_equivalent_planes_the_lowest_counts() -> None:
    shape = wulff_shape(Crystal.of(cubic()), {(1, 0, 0): 1.2, (0, 1, 0): 1.0, (0, 0, -1): 1.1})
    assert shape.area_fraction_dict == pytest.approx({(0, 1, 0): 1.0})
    assert shape.volume == pytest.approx(2.0**3)


@pytest.mark.parametrize('energy', [0.0, -0.3, float('nan')])
def test_an_energy_that_is_not_positive(energy: float) -> None:
    with pytest.raises(NotComparableError, match='a shape needs positive ones'):
        wulff_shape(Crystal.of(cubic()), {(1, 0, 0): energy})


@pytest.mark.parametrize('energies', [{}, {(0, 0, 1): 1.0}])
def test_planes_that_enclose_nothing(energies) -> None:
    with pytest.raises(NotComparableError, match='do not enclose a crystal'):
        wulff_shape(Crystal.of(corundum()), energies)
