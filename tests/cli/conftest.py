"""Fixtures of the command line: the program itself, and a demo that has run."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiida.common.links import LinkType
from aiida.engine import ProcessState
from aiida.engine.daemon.client import get_daemon_client
from aiida.manage import get_manager
from aiida.manage.configuration import Profile
from aiida.orm import CalcFunctionNode, Dict, StructureData, WorkChainNode
from ase.build import fcc100
from click.testing import CliRunner, Result

from demo import Demo
from process_tree import stop_daemon
from sample_structures import copper_slabs


@pytest.fixture
def heeded_signals() -> Iterator[None]:
    """Signals do what they do at a terminal; what starts the tests may ignore some (``nohup``)."""
    usual = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
        signal.SIGHUP: signal.SIG_DFL,
    }
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def invoke() -> Callable[..., Result]:
    """Return a function that runs the command line in this process, on the profile of the tests."""
    from aiida_slabrelax.cli import cli

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(cli, [str(argument) for argument in arguments])

    return run


@pytest.fixture(scope='session')
def demo(copper_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A folder in which the first demo has run."""
    folder = tmp_path_factory.mktemp('d')
    (folder / 'home').mkdir()
    demo = Demo(folder / 'demo', folder / 'home', copper_file)
    demo.first = demo.run()
    return demo


@pytest.fixture
def no_daemon(aiida_profile: Profile) -> None:
    """Stop the daemon of the profile of the tests if another test has started it."""
    stop_daemon(get_daemon_client(aiida_profile.name))


@pytest.fixture
def run_with_failure(aiida_profile: Profile) -> WorkChainNode:
    """A run that goes on: of three slabs one has failed, one is running and one is waiting."""
    with get_manager().get_profile_storage().transaction():
        return _store_run_with_failure()


@pytest.fixture(scope='module')
def run_with_failure_for_all(aiida_profile: Profile) -> WorkChainNode:
    """The same run for all tests of a module, which only read it."""
    with get_manager().get_profile_storage().transaction():
        return _store_run_with_failure()


def _store_run_with_failure() -> WorkChainNode:
    run = WorkChainNode(process_type='aiida.workflows:slabrelax.relax')
    run.set_process_label('SlabRelaxWorkChain')
    run.set_process_state(ProcessState.WAITING)
    run.store()
    cut = CalcFunctionNode()
    cut.set_process_label('generate_slabs')
    cut.set_process_state(ProcessState.FINISHED)
    cut.set_exit_status(0)
    cut.base.links.add_incoming(run, LinkType.CALL_CALC, 'generate_slabs')
    cut.store()
    for layers in (1, 2, 3):
        slab = StructureData(ase=fcc100('Cu', (1, 1, layers), a=3.6, vacuum=5.0, periodic=True))
        slab.base.links.add_incoming(cut, LinkType.CREATE, f'slabs__slab_{layers - 1:02d}')
        slab.store()
    Dict({}).base.links.add_incoming(cut, LinkType.CREATE, 'terminations')
    for label, state, status in (
        ('slab_00', ProcessState.FINISHED, 401),
        ('slab_01', ProcessState.RUNNING, None),
    ):
        child = WorkChainNode()
        child.set_process_label('VaspWorkChain')
        child.set_process_state(state)
        if status is not None:
            child.set_exit_status(status)
            child.set_exit_message('The maximum number of iterations was exceeded.')
        child.base.links.add_incoming(run, LinkType.CALL_WORK, label)
        child.store()
    return run


@pytest.fixture
def ended(
    instantiate: Callable[..., Any],
    relax: Callable[..., WorkChainNode],
    end_run: Callable[..., WorkChainNode],
) -> WorkChainNode:
    """A run whose one slab has relaxed."""
    return _end(instantiate, relax, end_run)


@pytest.fixture(scope='module')
def ended_for_all(
    instantiate_for_all: Callable[..., Any],
    relax: Callable[..., WorkChainNode],
    end_run: Callable[..., WorkChainNode],
) -> WorkChainNode:
    """The same run for all tests of a module, which only read it."""
    return _end(instantiate_for_all, relax, end_run)


def _end(
    instantiate: Callable[..., Any],
    relax: Callable[..., WorkChainNode],
    end_run: Callable[..., WorkChainNode],
) -> WorkChainNode:
    process = instantiate(slabs=copper_slabs(3))
    relaxation = relax(process, 'cu_3', energy=-3.5)
    for node in (*relaxation.called, relaxation):
        node.seal()
    return end_run(process)
