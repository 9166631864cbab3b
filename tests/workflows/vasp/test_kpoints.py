import pytest
from aiida.orm import KpointsData

from aiida_slabrelax.workflows.vasp.kpoints import has_one_along_normal


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
