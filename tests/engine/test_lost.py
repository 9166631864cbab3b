"""Processes that were submitted and never arrived."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aiida.brokers.zeromq import ZeromqBroker
from aiida.brokers.zeromq.service import ZeromqBrokerService
from aiida.engine import ProcessState
from aiida.manage import get_config, get_manager
from aiida.manage.configuration import Profile
from aiida.orm import WorkChainNode

from aiida_slabrelax.engine.lost import describe_lost, find_lost, has_arrived, queued


@pytest.fixture
def broker(aiida_profile: Profile) -> ZeromqBroker:
    found = get_manager().get_broker()
    assert isinstance(found, ZeromqBroker)
    return found


@pytest.fixture
def tasks(aiida_profile: Profile) -> Path:
    """The folder in which the broker of the profile keeps its messages."""
    files = get_config().filepaths(aiida_profile)['broker_service']
    layout = ZeromqBrokerService.FilepathLayout(files['dir'], files['log'])
    for folder in ('pending', 'processing'):
        (layout.storage_path / 'tasks' / folder).mkdir(parents=True, exist_ok=True)
    return layout.storage_path / 'tasks'


@pytest.fixture
def put(tasks: Path, request: pytest.FixtureRequest) -> Any:
    """Return a function that puts a message into a folder of the queue until the test ends."""

    def write(folder: str, content: object) -> None:
        number = len(list((tasks / folder).iterdir()))
        path = tasks / folder / f'1_{request.node.name}_{number}.json'
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        request.addfinalizer(lambda: path.unlink(missing_ok=True))

    return write


def message(pk: int) -> dict[str, Any]:
    return {'body': {'task': 'continue', 'args': {'pid': pk, 'nowait': True}}}


def process(state: ProcessState = ProcessState.CREATED, checkpoint: bool = True) -> int:
    node = WorkChainNode()
    node.set_process_label('SlabRelaxWorkChain')
    node.set_process_state(state)
    node.store()
    if checkpoint:
        node.set_checkpoint('bundle')
    assert node.pk is not None
    return node.pk


def test_the_queue_is_read_and_not_changed(broker: ZeromqBroker, put: Any, tasks: Path) -> None:
    put('pending', message(1001))
    put('processing', message(1002))
    put('pending', 'half a mess')
    put('pending', {'body': 'another'})
    before = sorted(tasks.rglob('*.json'))
    found = queued(broker)
    assert found is not None
    assert found >= {1001, 1002}
    assert sorted(tasks.rglob('*.json')) == before


def test_lost_is_what_is_created_and_not_queued(broker: ZeromqBroker, put: Any) -> None:
    lost, waits, taken = process(), process(), process()
    begun, never_made = process(ProcessState.RUNNING), process(checkpoint=False)
    put('pending', message(waits))
    put('processing', message(taken))
    found = find_lost(broker, grace=-60)
    assert found is not None
    assert lost in found
    assert {waits, taken, begun, never_made}.isdisjoint(found)


def test_a_process_that_was_just_submitted_is_not_lost(broker: ZeromqBroker) -> None:
    assert process() not in (find_lost(broker) or [])


def test_another_broker_cannot_be_asked() -> None:
    assert queued(None) is None
    assert find_lost(None) is None


def test_has_arrived(broker: ZeromqBroker, put: Any) -> None:
    lost, waits = process(), process()
    put('pending', message(waits))
    assert has_arrived(waits, 0) is True
    assert has_arrived(process(ProcessState.RUNNING), 0) is True
    assert has_arrived(lost, 0) is False


def test_many_are_not_all_named() -> None:
    text = describe_lost(range(1, 30))
    assert text.endswith(': 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …')
