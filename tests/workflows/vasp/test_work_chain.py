"""What the VaspWorkChain of the slabs does otherwise than aiida-vasp's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiida.common import InputValidationError, LinkType
from aiida.engine.utils import instantiate_process
from aiida.manage import get_manager
from aiida.orm import Computer, Dict, KpointsData, RemoteData

from aiida_slabrelax.workflows.vasp.work_chain import (
    VaspWorkChain,
    unlisted_tags,
    validate_parameters,
)
from failed_relaxations import MAGNETIZATION, fail_calculation
from sample_structures import copper_slab


@pytest.fixture
def begun(slab_relax_builder: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that makes a VaspWorkChain which has set up its inputs."""

    def make(settings: dict[str, Any] | None = None, **incar: Any) -> Any:
        builder = slab_relax_builder(incar=incar)
        mesh = KpointsData()
        mesh.set_kpoints_mesh([2, 2, 1])
        inputs = builder.vasp._inputs(prune=True)
        inputs.pop('kpoints_spacing')
        inputs |= {'structure': copper_slab(2), 'kpoints': mesh}
        if settings is not None:
            inputs['settings'] = Dict(settings)
        process = instantiate_process(get_manager().get_runner(), VaspWorkChain, **inputs)
        process.setup()
        assert process.init_inputs() is None
        return process

    return make


@pytest.fixture
def last(localhost: Computer, tmp_path: Path) -> Callable[..., Any]:
    """Return a function that makes a calculation to restart from, with such files left."""

    def make(*files: str, **outcome: Any) -> Any:
        for name in files:
            (tmp_path / name).write_text('x')
        node = fail_calculation(None, localhost, copper_slab(2), {}, exit_status=702, **outcome)
        folder = RemoteData(computer=localhost, remote_path=str(tmp_path))
        folder.base.links.add_incoming(node, LinkType.CREATE, 'remote_folder')
        folder.store()
        return node

    return make


def test_a_restart_begins_from_the_last_folder(
    begun: Callable[..., Any], last: Callable[..., Any]
) -> None:
    process, node = begun(), last('WAVECAR')
    assert process._setup_restart(node)
    process.prepare_inputs()
    assert process.ctx.inputs.restart_folder == node.outputs.remote_folder
    assert process.ctx.inputs.settings.get_dict() == {}


def test_a_first_calculation_has_no_folder(begun: Callable[..., Any]) -> None:
    process = begun()
    process.prepare_inputs()
    assert 'restart_folder' not in process.ctx.inputs


def test_files_in_the_folder_are_read(begun: Callable[..., Any], last: Callable[..., Any]) -> None:
    process = begun(istart=0, icharg=2)
    process._setup_restart(last('WAVECAR', 'CHGCAR'))
    process.prepare_inputs()
    parameters = process.ctx.inputs.parameters
    assert (parameters['istart'], parameters['icharg']) == (1, 1)


def test_files_missing_in_the_folder_are_not_read(
    begun: Callable[..., Any], last: Callable[..., Any]
) -> None:
    process = begun(istart=0, icharg=2)
    process._setup_restart(last('WAVECAR'))
    process.prepare_inputs()
    parameters = process.ctx.inputs.parameters
    assert (parameters['istart'], parameters['icharg']) == (1, 2)


def test_a_restart_begins_with_the_last_moments(
    begun: Callable[..., Any], last: Callable[..., Any]
) -> None:
    process = begun(ispin=2, magmom=[5, 5])
    process.update_magmom(last(misc={'site_magnetization': MAGNETIZATION}))
    assert process.ctx.inputs.parameters['magmom'] == [2.1, -1.9]


@pytest.mark.parametrize('incar', [{'ispin': 1}, {'ispin': 2, 'lnoncollinear': True}])
def test_moments_that_are_no_numbers_are_left(
    begun: Callable[..., Any], last: Callable[..., Any], incar: dict[str, Any]
) -> None:
    process = begun(magmom=[5, 5], **incar)
    process.update_magmom(last(misc={'site_magnetization': MAGNETIZATION}))
    assert process.ctx.inputs.parameters['magmom'] == [5, 5]


def test_tags_of_the_settings_are_allowed(begun: Callable[..., Any]) -> None:
    process = begun({'unsupported_parameters': {'lsol': ''}}, lsol=True)
    assert process.ctx.inputs.parameters['lsol'] is True


def test_unlisted_tags_are_distinguished() -> None:
    incar = {'encut': 400, 'LSOL': True, 'ml_lmlff': True, 'ldauu': [1]}
    assert unlisted_tags({'incar': incar}) == ['lsol', 'ml_lmlff']
    assert unlisted_tags({'incar': None}) == []


def test_parameters_with_unlisted_tags_are_checked_otherwise() -> None:
    node = Dict({'incar': {'lsol': True, 'ENCUT': 400}})
    with pytest.warns(UserWarning, match='case|lower'):
        validate_parameters(node)
    assert node.get_dict() == {'incar': {'lsol': True, 'encut': 400}}
    with pytest.raises(InputValidationError, match='incar'):
        validate_parameters(Dict({'relax': {'algo': 'cg'}}))
