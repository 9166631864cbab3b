"""Children that a work chain launches, adopts and watches; the daemon and its broker are away."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable, Iterator
from typing import Any

import kiwipy
import pytest
import zmq
from aiida.engine import WorkChain
from aiida.engine.persistence import AiiDAPersister
from aiida.engine.runners import Runner
from aiida.engine.utils import instantiate_process
from aiida.manage import get_manager
from aiida.orm import Int, ProcessNode
from aio_pika.exceptions import AMQPConnectionError, ChannelInvalidStateError
from plumpy import ProcessState

from aiida_slabrelax.engine.parent import ParentWorkChain

#: What the clients of both brokers raise while their broker is away.
AWAY = [
    RuntimeError('Communicator is closed'),
    zmq.Again(),
    TimeoutError(),
    concurrent.futures.TimeoutError(),
    concurrent.futures.CancelledError(),
    ConnectionResetError(),
    AMQPConnectionError(),
    ChannelInvalidStateError('<Channel> closed'),
    kiwipy.CommunicatorClosed(),
    kiwipy.UnroutableError(),
    kiwipy.TaskRejected(),
]


class Child(WorkChain):
    @classmethod
    def define(cls, spec: Any) -> None:
        super().define(spec)
        spec.input('x', valid_type=Int)
        spec.outline(cls.nothing)

    def nothing(self) -> None: ...


class Parent(ParentWorkChain):
    @classmethod
    def define(cls, spec: Any) -> None:
        super().define(spec)
        spec.outline(cls.nothing)

    def nothing(self) -> None: ...

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.ended: list[int] = []
        super().__init__(*args, **kwargs)

    def on_child_ended(self, pk: int) -> None:
        self.ended.append(pk)


class Communicator(kiwipy.LocalCommunicator):
    """Takes the tasks of nobody, or raises an error in place of that."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[int] = []
        self.error: BaseException | None = None

    def task_send(self, task: Any, no_reply: bool = False) -> Any:
        if self.error is not None:
            raise self.error
        self.sent.append(task['args']['pid'])

    def broadcast_send(
        self, body: Any, sender: Any = None, subject: Any = None, correlation_id: Any = None
    ) -> Any:
        """Like brokers, and unlike its parent, pass all arguments by position."""
        for subscriber in list(self._broadcast_subscribers.values()):
            subscriber(self, body, sender, subject, correlation_id)


@pytest.fixture
def communicator() -> Communicator:
    return Communicator()


@pytest.fixture
def parent(communicator: Communicator) -> Iterator[Parent]:
    """A work chain in a worker of the daemon."""
    runner = Runner(
        loop=get_manager().get_runner().loop,
        communicator=communicator,
        persister=AiiDAPersister(),
        broker_submit=True,
    )
    process = instantiate_process(runner, Parent)
    yield process
    for task in process.lost_children.tasks():
        task.cancel()
    process.close()


def test_a_child_is_stored_and_sent(parent: Parent, communicator: Communicator) -> None:
    child = parent.submit_child(Child, 'one', x=Int(1), metadata={'label': 'first'})
    assert communicator.sent == [child.pk]
    assert child.checkpoint is not None
    assert child.label == 'first'
    assert parent.lost_children.tasks() == []


@pytest.mark.parametrize('error', AWAY, ids=lambda error: type(error).__name__)
def test_a_child_that_cannot_be_sent_is_sent_later(
    parent: Parent, communicator: Communicator, error: BaseException
) -> None:
    communicator.error = error
    child = parent.submit_child(Child, 'one', x=Int(1))
    assert child.process_state is ProcessState.CREATED
    assert child.checkpoint is not None
    assert len(parent.lost_children.tasks()) == 1


@pytest.mark.parametrize('error', [AttributeError('x'), TypeError('x'), KeyError('x')])
def test_any_other_error_is_raised(
    parent: Parent, communicator: Communicator, error: Exception
) -> None:
    """They come from a mistake of the program, which must not look like an outage."""
    communicator.error = error
    with pytest.raises(type(error)):
        parent.submit_child(Child, 'one', x=Int(1))
    assert parent.lost_children.tasks() == []


def test_refused_inputs_leave_no_child(parent: Parent, communicator: Communicator) -> None:
    with pytest.raises(ValueError, match='required value was not provided'):
        parent.submit_child(Child, 'one')
    assert parent.adopt_child('one') is None
    assert communicator.sent == []


@pytest.fixture
def launch(parent: Parent) -> Callable[[str], ProcessNode]:
    """Return a function that launches a child as the parent does in a step."""

    def launch(label: str) -> ProcessNode:
        with parent._process_scope():
            return parent.submit_child(Child, label, x=Int(1))

    return launch


def test_children_are_found_by_their_labels(
    parent: Parent, launch: Callable[[str], ProcessNode]
) -> None:
    one, two = launch('one'), launch('two')
    assert parent.adopt_child('one') == one
    assert parent.adopt_children() == {'one': one, 'two': two}
    assert parent.lost_children.tasks() == []  # this worker has sent them


def test_children_of_an_earlier_worker_are_sent_again(
    parent: Parent, launch: Callable[[str], ProcessNode]
) -> None:
    launch('one')
    parent._prepare_children()  # as when it is loaded from its checkpoint
    parent.adopt_children()
    assert len(parent.lost_children.tasks()) == 1
    parent.adopt_child('one')
    assert len(parent.lost_children.tasks()) == 1


def run_loop(parent: Parent) -> None:
    for _ in range(3):
        parent.loop.run_until_complete(asyncio.sleep(0))


def test_the_end_of_a_child_is_noticed(
    parent: Parent, launch: Callable[[str], ProcessNode], communicator: Communicator
) -> None:
    child = launch('one')
    parent.watch_children([child.pk])
    parent.watch_children([child.pk])
    run_loop(parent)
    assert parent.ended == []
    communicator.broadcast_send(None, sender=child.pk, subject='state_changed.running.finished')
    run_loop(parent)
    assert parent.ended == [child.pk]


def test_a_child_that_ended_before_it_is_watched_again_is_noticed(
    parent: Parent, launch: Callable[[str], ProcessNode]
) -> None:
    child = launch('one')
    parent.watch_children([child.pk])
    child.set_process_state(ProcessState.FINISHED)
    parent.watch_children([child.pk])
    run_loop(parent)
    assert child.pk in parent.ended
