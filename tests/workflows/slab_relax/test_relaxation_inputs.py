"""The inputs of one relaxation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aiida.common import AttributeDict
from aiida.orm import Dict, KpointsData, StructureData
from ase.build import bulk

from aiida_slabrelax.calculations.generate_slabs import generate_slabs
from aiida_slabrelax.workflows.slab_relax.own_inputs import read_own_inputs
from aiida_slabrelax.workflows.slab_relax.relaxation_inputs import relaxation_inputs
from aiida_slabrelax.workflows.vasp.work_chain import VaspWorkChain
from sample_structures import copper_slab, copper_slabs, gallium_arsenide
from transactions import one_transaction


def inputs_in(process: Any, label: str, slab: StructureData) -> AttributeDict:
    """Return the inputs with which a process that has prepared its relaxations submits one."""
    shared = process.exposed_inputs(VaspWorkChain, namespace='vasp')
    own = read_own_inputs(process.ctx.own_inputs, label)
    return relaxation_inputs(process.inputs, shared, own, label, slab)


InputsOf = Callable[..., AttributeDict]


@pytest.fixture
def inputs_of(
    start_process: Callable[..., Any], slab_relax_builder: Callable[..., Any]
) -> InputsOf:
    """Return a function: the inputs of the relaxations of own slabs, in the order of labels."""

    def make(vasp: dict[str, Any] | None = None, **inputs: Any) -> list[AttributeDict]:
        builder = slab_relax_builder(**inputs)
        for name, value in (vasp or {}).items():
            builder.vasp[name] = value
        with one_transaction():
            process = start_process(builder)
            process.setup()
            assert process.prepare_relaxations() is None
            slabs = sorted(process.inputs.slabs.items())
            return [inputs_in(process, label, slab) for label, slab in slabs]

    return make


def polar_slab() -> StructureData:
    """GaAs (001), from gallium to arsenic: its faces differ."""
    atoms = gallium_arsenide().get_ase().repeat((1, 1, 2))
    atoms.cell[2, 2] += 12.0
    return StructureData(ase=atoms)


def incar(inputs: AttributeDict) -> dict[str, Any]:
    tags: dict[str, Any] = inputs.parameters.get_dict()['incar']
    return tags


def test_slabs_share_their_inputs(inputs_of: InputsOf) -> None:
    slabs = copper_slabs(3, 4)
    first, second = inputs_of(slabs=slabs)
    for name in ('code', 'parameters', 'kpoints', 'potential_mapping', 'clean_workdir'):
        assert first[name].uuid == second[name].uuid
    assert first.structure.uuid == slabs['cu_3'].uuid
    assert first.kpoints.get_kpoints_mesh()[0] == [8, 8, 1]
    assert 'kpoints_spacing' not in first
    assert (first.metadata.label, first.metadata.call_link_label) == ('cu_3', 'cu_3')
    assert first.calc.metadata.options.parser_name == 'slabrelax.vasp'


def test_slabs_of_different_cells_have_different_meshes(inputs_of: InputsOf) -> None:
    wide = copper_slab(3).get_ase().repeat((2, 1, 1))
    inputs = inputs_of(slabs={'narrow': copper_slab(3), 'wide': StructureData(ase=wide)})
    meshes = [slab.kpoints.get_kpoints_mesh()[0] for slab in inputs]
    assert meshes == [[8, 8, 1], [4, 8, 1]]


def test_inputs_made_of_the_slabs_have_one_creator(inputs_of: InputsOf) -> None:
    """K-points, fixed sites, the INCAR with DIPOL or overrides: one node for each distinct one."""
    wide = StructureData(ase=copper_slab(3).get_ase().repeat((2, 1, 1)))
    slabs = {'a': copper_slab(3), 'b': copper_slab(3), 'c': wide, 'd': polar_slab()}
    inputs = inputs_of(
        slabs=slabs,
        slab_overrides={'b': {'parameters': {'incar': {'algo': 'all'}}, 'max_iterations': 3}},
        fix={'layers': 1, 'side': 'bottom'},
    )
    (creator,) = {one[name].creator for one in inputs for name in ('kpoints', 'dynamics')}
    assert creator.process_label == 'make_own_inputs'
    assert {label: node.uuid for label, node in creator.inputs.slabs.items()} == {
        label: node.uuid for label, node in slabs.items()
    }
    a, b, _, d = inputs
    assert b.parameters.creator == b.max_iterations.creator == d.parameters.creator == creator
    assert (a.kpoints.uuid, a.dynamics.uuid) == (b.kpoints.uuid, b.dynamics.uuid)
    counts = {name: len(creator.outputs[name]) for name in ('kpoints', 'dynamics', 'parameters')}
    assert counts == {'kpoints': 3, 'dynamics': 3, 'parameters': 2}
    assert creator.outputs.assigned.get_dict()['b'] == {
        'dynamics': 'a',
        'kpoints': 'a',
        'kpoints_spacing': None,
        'max_iterations': 'b',
        'parameters': 'b',
    }


def test_overrides_of_the_options_go_to_the_calculation(inputs_of: InputsOf) -> None:
    options = {'calc': {'metadata': {'options': {'max_wallclock_seconds': 60}}}}
    first, second = inputs_of(slabs=copper_slabs(3, 4), slab_overrides={'cu_4': options})
    assert first.calc.metadata.options.max_wallclock_seconds == 600
    assert second.calc['metadata']['options']['max_wallclock_seconds'] == 60
    assert first.parameters.uuid == second.parameters.uuid


def test_explicit_kpoints_are_handed_on(inputs_of: InputsOf) -> None:
    kpoints = KpointsData()
    kpoints.set_kpoints_mesh([3, 3, 1])
    (inputs,) = inputs_of({'kpoints': kpoints}, slabs=copper_slabs(3))
    assert inputs.kpoints.uuid == kpoints.uuid


def test_a_port_left_at_none_is_not_handed_on(inputs_of: InputsOf) -> None:
    (inputs,) = inputs_of({'settings': None}, slabs=copper_slabs(3))
    assert 'settings' not in inputs


def test_overrides_concern_the_slabs_that_they_name(inputs_of: InputsOf) -> None:
    overrides = {'cu_4': {'parameters': {'incar': {'ALGO': 'all'}}, 'kpoints': [2, 2, 1]}}
    first, second = inputs_of(slabs=copper_slabs(3, 4), slab_overrides=overrides)
    assert 'algo' not in incar(first)
    assert incar(second) == {**incar(first), 'algo': 'all'}
    assert second.kpoints.get_kpoints_mesh()[0] == [2, 2, 1]


def test_slabs_with_the_same_overrides_share_them(inputs_of: InputsOf) -> None:
    overrides = {'cu_*': {'parameters': {'incar': {'algo': 'all'}}}}
    first, second = inputs_of(slabs=copper_slabs(3, 4), slab_overrides=overrides)
    assert first.parameters.uuid == second.parameters.uuid


def test_fixed_layers_are_handed_over_as_bools_in_site_order(inputs_of: InputsOf) -> None:
    (inputs,) = inputs_of(slabs=copper_slabs(4), fix={'layers': 2, 'side': 'bottom'})
    heights = np.array([site.position[2] for site in copper_slab(4).sites])
    assert inputs.dynamics.get_dict()['positions_dof'] == [
        [bool(height > sorted(heights)[1] + 0.1)] * 3 for height in heights
    ]


@pytest.mark.parametrize(
    ('choice', 'slab', 'corrected'),
    [
        ('auto', polar_slab, True),
        ('auto', lambda: copper_slab(3), False),
        ('on', lambda: copper_slab(3), True),
        ('off', polar_slab, False),
    ],
)
def test_dipole_correction(
    inputs_of: InputsOf, choice: str, slab: Callable[[], StructureData], corrected: bool
) -> None:
    (inputs,) = inputs_of(slabs={'mine': slab()}, dipole_correction=choice)
    assert [tag in incar(inputs) for tag in ('idipol', 'ldipol', 'dipol')] == [corrected] * 3


@pytest.fixture(scope='module')
def almost_symmetric(aiida_profile: Any) -> dict[str, Any]:
    """What ``generate_slabs`` returns for NiO (001), its nickel 0.03 Å off the oxygen planes."""
    atoms = bulk('NiO', 'rocksalt', a=4.17, cubic=True)
    atoms.positions[atoms.symbols == 'Ni', 2] += 0.03
    cut: dict[str, Any] = generate_slabs(
        bulk_structure=StructureData(ase=atoms),
        miller_indices=[0, 0, 1],
        min_slab_thickness=8.0,
        min_vacuum_thickness=12.0,
        symmetrize=False,
    )
    return cut


@pytest.mark.parametrize('label', ['slab_00', 'mine'])
def test_what_the_generator_says_of_the_faces_counts(
    inputs_of: InputsOf, almost_symmetric: dict[str, Any], label: str
) -> None:
    """Within 0.1 Å the faces of the slab are equivalent; within 0.01 Å, as it was cut, not."""
    cut = almost_symmetric
    termination = cut['terminations'].get_dict()['slab_00']
    assert (termination['symmetric'], termination['polar']) == (False, 'yes')
    (inputs,) = inputs_of(slabs={label: cut['slabs']['slab_00']}, fix={'layers': 1})
    assert incar(inputs)['ldipol']
    heights = [site.position[2] for site in inputs.structure.sites]
    freedom = inputs.dynamics.get_dict()['positions_dof']
    assert min(zip(heights, freedom, strict=True))[1] == [False] * 3


def test_the_geometry_is_asked_for_slabs_of_a_user(
    inputs_of: InputsOf, almost_symmetric: dict[str, Any]
) -> None:
    own = almost_symmetric['slabs']['slab_00'].clone()
    (inputs,) = inputs_of(slabs={'mine': own})
    assert 'ldipol' not in incar(inputs)


def test_the_dipole_is_corrected_along_the_normal_about_the_centre(inputs_of: InputsOf) -> None:
    slab = polar_slab()
    (inputs,) = inputs_of(slabs={'mine': slab})
    tags = incar(inputs)
    assert (tags['idipol'], tags['ldipol']) == (3, True)
    expected = slab.get_ase().get_center_of_mass(scaled=True)
    assert tags['dipol'][2] == pytest.approx(expected[2], abs=1e-3)


def test_dipole_tags_of_the_user_are_kept(inputs_of: InputsOf) -> None:
    centre = [0.5, 0.5, 0.25]
    (inputs,) = inputs_of(slabs={'mine': polar_slab()}, incar={'dipol': centre, 'ldipol': False})
    tags = incar(inputs)
    assert (tags['dipol'], tags['ldipol'], tags['idipol']) == (centre, False, 3)


def test_a_slab_continues_from_its_last_geometry(inputs_of: InputsOf) -> None:
    last = copper_slab(3).store()
    first, second = inputs_of(slabs=copper_slabs(3, 4), previous={'geometries': {'cu_3': last}})
    assert first.structure.uuid == last.uuid
    assert second.structure.uuid != last.uuid
    assert 'restart_folder' not in first


def test_layers_are_those_of_the_slab_as_it_was_given(inputs_of: InputsOf) -> None:
    """After a relaxation layers can have merged or split."""
    last = copper_slab(4).get_ase()
    last.positions[:2, 2] = last.positions[:2, 2].mean()
    (inputs,) = inputs_of(
        slabs=copper_slabs(4),
        fix={'layers': 1, 'side': 'bottom'},
        previous={'geometries': {'cu_4': StructureData(ase=last).store()}},
    )
    fixed = [freedom == [False] * 3 for freedom in inputs.dynamics.get_dict()['positions_dof']]
    assert sum(fixed) == 1


def test_a_slab_restarts_from_its_last_folder(
    inputs_of: InputsOf, localhost: Any, tmp_path: Any
) -> None:
    from aiida.orm import RemoteData

    folder = RemoteData(computer=localhost, remote_path=str(tmp_path)).store()
    (inputs,) = inputs_of(slabs=copper_slabs(3), previous={'remote_folders': {'cu_3': folder}})
    assert inputs.restart_folder.uuid == folder.uuid
    assert isinstance(inputs.settings, Dict)
