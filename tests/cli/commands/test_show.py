"""``aiida-slabrelax show``."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from aiida.common import LinkType
from aiida.engine import ProcessState
from aiida.manage.configuration import Profile
from aiida.orm import Int, WorkChainNode
from click.testing import Result

Invoke = Callable[..., Result]


def test_an_active_run(invoke: Invoke, run_with_failure: WorkChainNode) -> None:
    result = invoke('show', run_with_failure.pk)
    assert result.exit_code == 0
    states = [line.split()[:2] for line in result.stdout.splitlines() if line.startswith('slab_')]
    assert states[:3] == [['slab_00', 'failed'], ['slab_01', 'running'], ['slab_02', 'waiting']]


def test_a_failure_names_the_child_and_its_message(
    invoke: Invoke, run_with_failure: WorkChainNode
) -> None:
    child = run_with_failure.base.links.get_outgoing().get_node_by_label('slab_00')
    lines = invoke('show', run_with_failure.pk).stdout.splitlines()
    assert (
        f'slab_00 failed: VaspWorkChain<{child.pk}> failed with exit status 401: '
        'The maximum number of iterations was exceeded'
    ) in lines


@pytest.mark.parametrize('form', ['--json', '--csv'])
def test_forms_for_programs(invoke: Invoke, run_with_failure: WorkChainNode, form: str) -> None:
    text = invoke('show', run_with_failure.uuid, form).stdout
    slabs = (
        json.loads(text)['slabs'] if form == '--json' else list(csv.DictReader(text.splitlines()))
    )
    assert [(slab['label'], slab['state']) for slab in slabs] == [
        ('slab_00', 'failed'),
        ('slab_01', 'running'),
        ('slab_02', 'waiting'),
    ]


def test_one_form_at_a_time(invoke: Invoke, run_with_failure: WorkChainNode) -> None:
    result = invoke('show', run_with_failure.pk, '--json', '--csv')
    assert result.stderr == 'Error: --json and --csv: give one of them\n'


@pytest.mark.parametrize('identifier', ['0', '999999', 'zzzz'])
def test_an_unknown_node(invoke: Invoke, aiida_profile: Profile, identifier: str) -> None:
    result = invoke('show', identifier)
    assert result.exit_code == 2
    assert result.stderr == (
        f'Error: {identifier}: the profile {aiida_profile.name} has no node with this pk or uuid\n'
    )


def test_a_node_of_something_else(invoke: Invoke) -> None:
    node = Int(1).store()
    result = invoke('show', node.pk)
    assert result.exit_code == 2
    assert result.stderr == f'Error: node {node.pk} is a Int, not a SlabRelaxWorkChain\n'


def test_an_unknown_profile(invoke: Invoke) -> None:
    result = invoke('show', '1', '--profile', 'nobody')
    assert result.exit_code == 2
    assert result.stderr == 'Error: cannot load the profile: profile `nobody` does not exist\n'


@pytest.fixture
def energies(run_with_failure: WorkChainNode) -> WorkChainNode:
    """The run of a workflow of surface energies that has called a run of the work chain."""
    node = WorkChainNode(process_type='aiida.workflows:slabrelax.surface_energies')
    node.set_process_label('SurfaceEnergiesWorkChain')
    node.set_process_state(ProcessState.WAITING)
    node.store()
    inner = WorkChainNode(process_type='aiida.workflows:slabrelax.relax')
    inner.set_process_label('SlabRelaxWorkChain')
    inner.set_process_state(ProcessState.WAITING)
    inner.base.links.add_incoming(node, LinkType.CALL_WORK, 'slabs')
    inner.store()
    return node


def test_surface_energies_and_where_their_slabs_are(
    invoke: Invoke, energies: WorkChainNode
) -> None:
    (run,) = energies.called
    lines = invoke('show', energies.pk).stdout.splitlines()
    assert lines == [
        'No surface energies.',
        '',
        f'SurfaceEnergiesWorkChain<{energies.pk}> has not ended',
        '',
        f'Its slabs: SlabRelaxWorkChain<{run.pk}>, `aiida-slabrelax show {run.pk}`',
    ]
    assert json.loads(invoke('show', energies.pk, '--json').stdout)['runs'] == [run.pk]


def test_other_commands_find_the_run_in_it(
    invoke: Invoke, energies: WorkChainNode, tmp_path: Path
) -> None:
    (run,) = energies.called
    name = f'SlabRelaxWorkChain<{run.pk}>'
    assert f'{name} has no slabs (yet)' in invoke('preview', energies.pk).stderr
    assert f'{name} has no slabs (yet)' in invoke('export', energies.pk).stderr
    assert f'{name} has not ended' in invoke('retry', energies.pk).stderr
    assert f'{name} has not ended' in invoke('reread', energies.pk).stderr
    drawn = invoke('plot', 'slabs', energies.pk, '-o', tmp_path / 'slabs.png')
    assert drawn.exit_code != 0
    assert 'not a SlabRelaxWorkChain' not in drawn.stderr


def test_a_part_of_a_run_names_the_run(invoke: Invoke, run_with_failure: WorkChainNode) -> None:
    child = run_with_failure.base.links.get_outgoing().get_node_by_label('slab_00')
    result = invoke('show', child.pk)
    assert result.stderr == (
        f'Error: node {child.pk} is a VaspWorkChain, not a SlabRelaxWorkChain; it belongs to '
        f'SlabRelaxWorkChain<{run_with_failure.pk}>\n'
    )
