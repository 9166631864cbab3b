"""Children that a crash has separated from their parent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from aiida.common import LinkType
from aiida.engine.persistence import AiiDAPersister
from aiida.engine.processes.launcher import ProcessLauncher
from aiida.orm import WorkChainNode
from plumpy import ProcessState
from plumpy.exceptions import PersistenceError

from aiida_slabrelax.engine.children import ENDED, find_child, find_in_state, never_started

MakeChild = Callable[..., WorkChainNode]


@pytest.fixture
def parent() -> WorkChainNode:
    return WorkChainNode().store()


@pytest.fixture
def call(parent: WorkChainNode) -> MakeChild:
    """Return a function that makes a child of the parent."""

    def make(label: str, state: ProcessState, checkpoint: str | None = None) -> WorkChainNode:
        node = WorkChainNode()
        node.base.links.add_incoming(parent, LinkType.CALL_WORK, label)
        node.set_process_state(state)
        node.store()
        if checkpoint is not None:
            node.set_checkpoint(checkpoint)
        return node

    return make


def test_no_child(parent: WorkChainNode) -> None:
    assert find_child(parent, 'cu_3') is None


@pytest.mark.parametrize(
    'state', [ProcessState.CREATED, ProcessState.RUNNING, ProcessState.WAITING]
)
def test_a_child_that_can_continue(
    parent: WorkChainNode, call: MakeChild, state: ProcessState
) -> None:
    child = call('cu_3', state, checkpoint='{}')
    assert find_child(parent, 'cu_3') == child
    assert child.process_state is state
    assert not child.is_sealed


@pytest.mark.parametrize(
    'state', [ProcessState.FINISHED, ProcessState.EXCEPTED, ProcessState.KILLED]
)
def test_a_child_that_has_ended(
    parent: WorkChainNode, call: MakeChild, state: ProcessState
) -> None:
    child = call('cu_3', state)
    assert find_child(parent, 'cu_3') == child
    assert child.process_state is state
    assert not child.is_sealed


def test_the_youngest_child_counts(parent: WorkChainNode, call: MakeChild) -> None:
    call('cu_3', ProcessState.FINISHED)
    youngest = call('cu_3', ProcessState.WAITING, checkpoint='{}')
    assert find_child(parent, 'cu_3') == youngest


@pytest.mark.parametrize('state', [ProcessState.CREATED, ProcessState.RUNNING])
def test_a_child_that_never_started_is_closed(
    parent: WorkChainNode, call: MakeChild, state: ProcessState
) -> None:
    child = call('cu_3', state)
    assert find_child(parent, 'cu_3') is None
    assert child.is_killed
    assert child.is_sealed
    assert child.process_status == 'never started: its worker died while it was made'


def test_a_closed_child_is_still_ignored(parent: WorkChainNode, call: MakeChild) -> None:
    """The worker that closed it may die too, before it has made another child."""
    call('cu_3', ProcessState.CREATED)
    assert find_child(parent, 'cu_3') is None
    assert find_child(parent, 'cu_3') is None


def test_a_child_that_never_started_is_ignored(parent: WorkChainNode, call: MakeChild) -> None:
    older = call('cu_3', ProcessState.FINISHED)
    unstarted = call('cu_3', ProcessState.CREATED)
    assert find_child(parent, 'cu_3') == older
    assert unstarted.is_killed


def test_a_child_that_a_worker_could_not_start_is_ignored(
    parent: WorkChainNode, call: MakeChild
) -> None:
    """``verdi process repair`` lets a worker go on with it, which finds nothing to go on from."""
    child = call('cu_3', ProcessState.CREATED)
    with pytest.raises(PersistenceError) as found:
        AiiDAPersister().load_checkpoint(child.pk)
    ProcessLauncher.handle_continue_exception(child, found.value, 'cannot be continued')
    assert child.is_excepted
    assert never_started(child)
    assert find_child(parent, 'cu_3') is None


def test_a_child_that_a_worker_is_closing(parent: WorkChainNode, call: MakeChild) -> None:
    child = call('cu_3', ProcessState.CREATED)
    child.seal()
    assert find_child(parent, 'cu_3') is None


def test_older_children_are_not_changed(parent: WorkChainNode, call: MakeChild) -> None:
    older = call('cu_3', ProcessState.CREATED)
    call('cu_3', ProcessState.FINISHED)
    find_child(parent, 'cu_3')
    assert older.process_state is ProcessState.CREATED
    assert not older.is_sealed


@pytest.mark.parametrize('label', ['cu_30', 'xcu_3', 'CU_3', 'cuX3', 'cu3'])
def test_other_labels_are_ignored(parent: WorkChainNode, call: MakeChild, label: str) -> None:
    unstarted = call(label, ProcessState.CREATED)
    assert find_child(parent, 'cu_3') is None
    assert not unstarted.is_sealed


def test_children_of_others_are_ignored(call: MakeChild) -> None:
    call('cu_3', ProcessState.FINISHED)
    assert find_child(WorkChainNode().store(), 'cu_3') is None


def test_which_are_in_a_state(call: MakeChild) -> None:
    children = {state: call('cu_3', state) for state in ProcessState}
    call('cu_4', ProcessState.FINISHED)  # is not asked for
    asked = {child.pk for child in children.values()}
    ended = {ProcessState.FINISHED, ProcessState.EXCEPTED, ProcessState.KILLED}
    assert find_in_state(asked, *ENDED) == {children[state].pk for state in ended}
    created = children[ProcessState.CREATED].pk
    assert find_in_state(asked, ProcessState.CREATED) == {created}


def test_nobody_is_in_a_state_if_nobody_is_asked_for() -> None:
    assert find_in_state(set(), *ENDED) == set()
