"""How calculations were computed, read from nodes as those of their inputs."""

from __future__ import annotations

from typing import Any

import pytest
from aiida.orm import Dict, Float, KpointsData, StructureData
from aiida_vasp.data.potcar import PotcarData

from aiida_slabrelax.calculations.read_settings import FREE_TAGS, read_settings
from sample_structures import copper_slab


def mesh(*points: int, offset: tuple[float, ...] = (0, 0, 0)) -> KpointsData:
    kpoints = KpointsData()
    kpoints.set_kpoints_mesh(points, offset=offset)
    return kpoints


@pytest.fixture
def inputs(potential_family: str) -> Any:
    """Return a function that makes the inputs of a calculation of copper."""
    potentials = PotcarData.get_potcars_dict(['Cu'], potential_family, {'Cu': 'Cu'})

    def make(structure: StructureData, kpoints: KpointsData, **tags: Any) -> dict[str, Any]:
        parameters = Dict({'encut': 400, 'gga': 'ps', **tags})
        return {
            'parameters': parameters,
            'kpoints': kpoints,
            'structure': structure,
            'potential': {'Cu': potentials['Cu']},
        }

    return make


def read(**calculations: Any) -> dict[str, Any]:
    told: dict[str, Any] = read_settings(Float(0.06), **calculations).get_dict()
    return told


def test_what_does_not_bear_on_energies_is_left_out(inputs: Any, copper: StructureData) -> None:
    tags = dict.fromkeys(FREE_TAGS, 1)
    told = read(bulk=inputs(copper, mesh(5, 5, 5), LREAL=False, **tags))
    assert told['bulk']['incar'] == {'encut': 400, 'gga': 'ps', 'lreal': False}


def test_the_potential_has_its_title_and_its_checksum(inputs: Any, copper: StructureData) -> None:
    nodes = inputs(copper, mesh(5, 5, 5))
    potential = nodes['potential']['Cu']
    told = read(bulk=nodes)
    assert told['bulk']['potentials'] == {'Cu': f'{potential.title} ({potential.sha512[:12]})'}


@pytest.mark.parametrize(
    ('points', 'offset', 'expected'),
    [
        ((5, 5, 5), (0, 0, 0), 0.06),  # 1/(3.6 Å · 0.06) = 4.6
        ((4, 5, 5), (0, 0, 0), 'the mesh 4×5×5'),
        ((5, 5, 5), (0.5, 0.5, 0), 'the mesh 5×5×5 with the offset [0.5, 0.5, 0.0]'),
    ],
)
def test_the_mesh_of_the_bulk(
    inputs: Any, copper: StructureData, points: Any, offset: Any, expected: Any
) -> None:
    kpoints = mesh(*points, offset=offset)
    assert read(bulk=inputs(copper, kpoints))['bulk']['kpoints_spacing'] == expected


def test_a_list_of_points_is_told(inputs: Any, copper: StructureData) -> None:
    kpoints = KpointsData()
    kpoints.set_kpoints([[0, 0, 0], [0.5, 0, 0]])
    assert read(bulk=inputs(copper, kpoints))['bulk']['kpoints_spacing'] == '2 points'


def test_a_slab_has_one_point_along_its_normal(inputs: Any) -> None:
    slab = copper_slab(4)  # 2.55 Å in the plane
    told = read(
        slabs={'good': inputs(slab, mesh(7, 7, 1)), 'bad': inputs(slab, mesh(7, 7, 2))},
    )
    assert told['slabs']['good']['kpoints_spacing'] == 0.06
    assert told['slabs']['bad']['kpoints_spacing'] == 'the mesh 7×7×2'


def test_other_namespaces_are_refused(inputs: Any, copper: StructureData) -> None:
    with pytest.raises(ValueError, match=r'read_settings does not support these kwargs: .*wires'):
        read_settings(Float(0.06), wires={'a': inputs(copper, mesh(5, 5, 5))})
