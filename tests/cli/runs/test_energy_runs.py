"""Files of protocols that a daemon reads have absolute paths; pks are those of the right run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from aiida.engine import ProcessState
from aiida.orm import WorkChainNode
from click.testing import Result

from aiida_slabrelax.cli.runs.energy_runs import absolute_protocol


def test_a_path_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute_protocol('test@./group.yaml') == f'test@{tmp_path}/group.yaml'
    assert absolute_protocol(f'@{tmp_path}/a.yml') == f'@{tmp_path}/a.yml'


@pytest.mark.parametrize('protocol', ['fast', 'production@group', '@group'])
def test_a_name_stays(protocol: str) -> None:
    assert absolute_protocol(protocol) == protocol


def node_of(process_type: str, label: str) -> WorkChainNode:
    node = WorkChainNode(process_type=process_type)
    node.set_process_label(label)
    node.set_process_state(ProcessState.FINISHED)
    node.set_exit_status(0)
    return node.store()


@pytest.mark.parametrize('command', ['energies', 'converge'])
def test_the_pk_of_another_run_names_the_command_that_shows_it(
    invoke: Callable[..., Result], command: str
) -> None:
    run = node_of('aiida.workflows:slabrelax.relax', 'SlabRelaxWorkChain')
    assert invoke(command, run.pk).stderr == (
        f'Error: {run.pk} is a SlabRelaxWorkChain, not a structure or a run of this command; '
        f'`aiida-slabrelax show {run.pk}` shows it\n'
    )
    assert invoke('show', run.pk).exit_code == 0


def test_the_pk_of_a_process_that_no_command_shows(invoke: Callable[..., Result]) -> None:
    other = node_of('aiida.workflows:vasp.v2.vasp', 'VaspWorkChain')
    assert invoke('energies', other.pk).stderr == (
        f'Error: {other.pk} is a VaspWorkChain, not a structure or a run of this command\n'
    )
