"""A run that two workers have been told to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.engine import WorkChain
from aiida.engine.persistence import AiiDAPersister
from aiida.engine.runners import Runner
from aiida.manage import get_manager
from aiida.orm import Log
from plumpy import ProcessState
from plumpy.persistence import LoadSaveContext
from sqlalchemy.exc import OperationalError

from aiida_slabrelax.engine.ownership import Superseded
from aiida_slabrelax.workflows import SlabRelaxWorkChain
from sample_structures import copper_slabs


@pytest.fixture
def take_up(instantiate: Callable[..., Any]) -> Callable[[], SlabRelaxWorkChain]:
    """Return a function that loads a run from its checkpoint, as a worker does."""
    process = instantiate(slabs=copper_slabs(3))
    # Each worker has a connection of its own; one would not take two of the same name.
    persister, runner = AiiDAPersister(), Runner(loop=get_manager().get_runner().loop)
    persister.save_checkpoint(process)
    process.close()

    def load() -> Any:
        saved = persister.load_checkpoint(process.node.pk)
        return saved.unbundle(LoadSaveContext(runner=runner, loop=runner.loop))

    return load


def test_a_report_is_written_as_by_any_process(instantiate: Callable[..., Any]) -> None:
    process = instantiate(slabs=copper_slabs(3))
    WorkChain.report(process, '%d of %d slabs', 1, 2)
    process.report('%d of %d slabs', 1, 2)
    theirs, ours = Log.collection.get_logs_for(process.node)[-2:]
    assert (ours.message, ours.levelname) == (theirs.message, theirs.levelname)
    assert 'test_a_report_is_written_as_by_any_process]: 1 of 2 slabs' in ours.message


def test_the_worker_that_loaded_it_last_continues(take_up: Callable[[], Any]) -> None:
    first = take_up()
    first.check_owner()
    second = take_up()
    second.check_owner()
    with pytest.raises(Superseded):
        first.check_owner()
    first.close()
    second.close()


def test_the_other_one_leaves_without_a_trace(take_up: Callable[[], Any]) -> None:
    first, second = take_up(), take_up()
    first.runner.loop.run_until_complete(first.step_until_terminated())
    assert first.future().done()
    assert first.node.process_state is ProcessState.CREATED
    assert not first.node.is_sealed
    assert first.node.called == []
    second.check_owner()
    second.close()


def test_a_run_that_was_cut_off_keeps_its_checkpoint(
    take_up: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that follows from the cut counts as one; what the run has done so far remains."""

    def submit_child(*args: Any, **kwargs: Any) -> Any:
        try:
            raise OperationalError('INSERT', {}, Exception(), connection_invalidated=True)
        except OperationalError:
            raise ValueError('no link') from None

    monkeypatch.setattr(SlabRelaxWorkChain, 'submit_child', submit_child)
    run = take_up()
    run.runner.loop.run_until_complete(run.step_until_terminated())
    assert run.future().done()
    assert run.node.process_state is ProcessState.RUNNING
    assert run.node.exception is None
    assert run.node.checkpoint is not None
    assert not run.node.is_sealed


def test_any_other_error_of_the_database_is_one_of_the_run(
    take_up: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def submit_child(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError('INSERT', {}, Exception())

    monkeypatch.setattr(SlabRelaxWorkChain, 'submit_child', submit_child)
    run = take_up()
    run.runner.loop.run_until_complete(run.step_until_terminated())
    assert run.node.is_excepted
