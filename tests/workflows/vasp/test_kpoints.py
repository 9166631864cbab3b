import numpy as np
import pytest
from aiida.orm import KpointsData, StructureData

from aiida_slabrelax.workflows.vasp.kpoints import has_one_along_normal, slab_mesh


def slab(a: float, b: float, c: float) -> StructureData:
    structure = StructureData(cell=np.diag([a, b, c]).tolist())
    structure.append_atom(position=(0, 0, c / 2), symbols='Cu')
    return structure


def test_spacing_gives_the_density_in_the_plane_and_one_point_along_the_normal():
    # 1 / (6.12 × 0.03) = 5.4, 1 / (30.6 × 0.03) = 1.09
    assert slab_mesh(slab(6.12, 6.12, 30.6), 0.03) == (6, 6, 1)


@pytest.mark.parametrize('height', [5.0, 40.0])
def test_one_point_along_the_normal_whatever_the_height(height):
    assert slab_mesh(slab(3.6, 7.2, height), 0.03) == (10, 5, 1)


def test_a_coarse_spacing_gives_the_gamma_point():
    assert slab_mesh(slab(3.0, 3.0, 20.0), 0.5) == (1, 1, 1)


@pytest.mark.parametrize(
    ('mesh', 'expected'), [((4, 4, 1), True), ((4, 4, 2), False), ((1, 1, 4), False)]
)
def test_meshes(mesh, expected):
    kpoints = KpointsData()
    kpoints.set_kpoints_mesh(mesh)
    assert has_one_along_normal(kpoints) is expected


@pytest.mark.parametrize(
    ('points', 'expected'), [([[0, 0, 0], [0.5, 0.5, 0]], True), ([[0, 0, 0], [0, 0, 0.5]], False)]
)
def test_lists_of_points(points, expected):
    kpoints = KpointsData()
    kpoints.set_kpoints(points)
    assert has_one_along_normal(kpoints) is expected
