"""Runs that share a window, step by step on instantiated processes; no daemon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from aiida.common import AttributeDict
from aiida.engine.persistence import AiiDAPersister
from aiida.engine.runners import Runner
from aiida.manage import get_manager
from aiida.orm import WorkChainNode
from plumpy import ProcessState
from plumpy.persistence import LoadSaveContext
from plumpy.process_states import Continue, Wait

from aiida_slabrelax.engine import shared_window
from sample_structures import copper_slabs
from transactions import one_transaction


@pytest.fixture
def name(aiida_profile: object) -> str:
    return f'copper-{uuid4()}'


@pytest.fixture
def start(instantiate: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return a function that makes a run with slabs of so many layers, ready to submit them."""

    def make(*layers: int) -> Any:
        with one_transaction():
            process = instantiate(slabs=copper_slabs(*layers), window=name, max_concurrent=2)
            process.prepare_relaxations()
        return process

    return make


def test_two_runs_share_the_places(start: Callable[..., Any]) -> None:
    first, second = start(3), start(4, 5, 6)
    assert first.take_places([], 1) == 1
    assert not first.lacks_places()
    assert second.take_places([], 3) == 1
    assert second.lacks_places()
    assert second.describe_progress().startswith(
        '0 of 3 slabs done, waiting for a place in the window copper-'
    )


def test_without_a_place_the_process_waits_and_submits_nothing(start: Callable[..., Any]) -> None:
    first, second = start(3, 4), start(5)
    assert first.take_places([], 2) == 2
    second._stepper = second.spec().get_outline().create_stepper(second)
    commands = [second._do_step()]
    while isinstance(commands[-1], Continue):
        commands.append(second._do_step())
    assert isinstance(commands[-1], Wait)
    assert second.ctx.relaxations == {}
    assert second.ctx.remaining == ['cu_5']


def test_a_run_begins_when_no_older_one_waits(
    start: Callable[..., Any],
    start_process: Callable[..., Any],
    slab_relax_builder: Callable[..., Any],
    name: str,
) -> None:
    first, second = start(3), start(4, 5)
    assert first.take_places([], 1) == 1
    assert second.take_places([], 2) == 1
    builder = slab_relax_builder(slabs=copper_slabs(6), window=name, max_concurrent=2)
    third = start_process(builder)
    third._stepper = third.spec().get_outline().create_stepper(third)
    first.leave_window()
    # There is a place, but it is for the second run.
    assert isinstance(third._do_step(), Wait)
    assert not third.has_begun()
    assert third.describe_progress() == f'waiting for its turn in the window {name}'
    second.node.base.attributes.set('paused', True)
    assert isinstance(third._do_step(), Continue)
    assert third.has_begun()


@pytest.mark.parametrize('begins', [True, False])
def test_a_run_that_waits_is_loaded_from_its_checkpoint(
    start: Callable[..., Any],
    start_process: Callable[..., Any],
    slab_relax_builder: Callable[..., Any],
    name: str,
    begins: bool,
) -> None:
    first = start(3, 4)
    assert first.take_places([], 2) == 2
    builder = slab_relax_builder(slabs=copper_slabs(5), window=name, max_concurrent=2)
    second = start(5) if begins else start_process(builder)
    second._stepper = second.spec().get_outline().create_stepper(second)
    while not isinstance(second._do_step(), Wait):
        pass
    persister, runner = AiiDAPersister(), Runner(loop=get_manager().get_runner().loop)
    persister.save_checkpoint(second)
    second.close()
    saved = persister.load_checkpoint(second.node.pk)
    loaded: Any = saved.unbundle(LoadSaveContext(runner=runner, loop=runner.loop))
    assert loaded.lacks_places()
    assert loaded.has_begun() is begins
    loaded.close()


def test_a_relaxation_that_has_ended_gives_its_place_to_the_other_run(
    start: Callable[..., Any], end_relaxation: Callable[..., WorkChainNode]
) -> None:
    first, second = start(3, 4), start(5)
    relaxations = [
        end_relaxation(first, label, state=ProcessState.RUNNING) for label in ('cu_3', 'cu_4')
    ]
    children = [node.pk for node in relaxations]
    assert first.take_places(children, 0) == 0
    assert second.take_places([], 1) == 0
    relaxations[1].set_process_state(ProcessState.FINISHED)
    assert second.take_places([], 1) == 1
    assert first.take_places(children[:1], 1) == 0


def test_a_run_that_has_ended_leaves_and_its_relaxations_do_not(
    start: Callable[..., Any], name: str, end_relaxation: Callable[..., WorkChainNode]
) -> None:
    run = start(3, 4, 5)
    relaxation = end_relaxation(run, 'cu_5', state=ProcessState.RUNNING)
    run.take_places([], 3)
    assert shared_window.read(name).waiting == {run.node.pk: 1}
    run.leave_window()
    places = shared_window.read(name)
    assert places.waiting == {}
    assert places.taken == [(run.node.pk, relaxation.pk)]


def test_what_an_earlier_worker_launched_is_not_launched_again(
    start: Callable[..., Any], end_relaxation: Callable[..., WorkChainNode]
) -> None:
    run = start(3)
    node = end_relaxation(run, 'cu_3')
    run.ctx.relaxations = AttributeDict()
    run.submit_relaxations()
    assert run.ctx.remaining == []
    assert [awaitable.pk for awaitable in run._in_flight()] == [node.pk]


def test_a_window_needs_a_limit(
    start_process: Callable[..., Any], slab_relax_builder: Callable[..., Any], name: str
) -> None:
    with pytest.raises(ValueError, match='`window` needs `max_concurrent`, its limit'):
        start_process(slab_relax_builder(window=name))


@pytest.mark.parametrize('length', [0, 201])
def test_names_have_a_length(slab_relax_builder: Callable[..., Any], length: int) -> None:
    with pytest.raises(ValueError, match=f'`window` must have 1 to 200 characters, got {length}'):
        slab_relax_builder(window='x' * length)
